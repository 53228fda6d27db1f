#pragma once
// The words of signed commands (contract.md §3.2): what can be asked, and why it is refused.

#include "daemon/core/enum_names.hpp"

namespace gatehouse {

enum class Command {
  access_sign_in,
  door_open,
  door_hold_open,
  door_close,
  lockdown_set,
  sync_run,
  plan_apply,
  plan_discard,
  issue_resolve,
  person_set,
  person_invited,
  people_resend,
  events_resend,
  roster_put,
  status_get,
};

template <>
struct EnumNames<Command> {
  static constexpr std::pair<Command, std::string_view> all[] = {
      {Command::access_sign_in, "access.sign_in"}, {Command::door_open, "door.open"},
      {Command::door_hold_open, "door.hold_open"}, {Command::door_close, "door.close"},
      {Command::lockdown_set, "lockdown.set"},     {Command::sync_run, "sync.run"},
      {Command::plan_apply, "plan.apply"},         {Command::plan_discard, "plan.discard"},
      {Command::issue_resolve, "issue.resolve"},   {Command::person_set, "person.set"},
      {Command::person_invited, "person.invited"}, {Command::people_resend, "people.resend"},
      {Command::events_resend, "events.resend"},   {Command::roster_put, "roster.put"},
      {Command::status_get, "status.get"}};
};

/// The right to give tags and grants by person.set: a scope's `cmd`, and no command.
constexpr std::string_view person_grant_right = "person.grant";

/// In the order of the checks.
enum class CommandRefusal {
  too_large,
  retained,
  malformed,
  unknown_key,
  bad_signature,
  wrong_audience,
  clock_untrusted,
  not_yet_valid,
  expired,
  ttl_too_long,
  wrong_epoch,
  replayed,
  unknown_command,
  out_of_scope,
  bad_args,
  superseded,
  rate_limited,
};

template <>
struct EnumNames<CommandRefusal> {
  static constexpr std::pair<CommandRefusal, std::string_view> all[] = {
      {CommandRefusal::too_large, "too_large"},
      {CommandRefusal::retained, "retained"},
      {CommandRefusal::malformed, "malformed"},
      {CommandRefusal::unknown_key, "unknown_key"},
      {CommandRefusal::bad_signature, "bad_signature"},
      {CommandRefusal::wrong_audience, "wrong_audience"},
      {CommandRefusal::clock_untrusted, "clock_untrusted"},
      {CommandRefusal::not_yet_valid, "not_yet_valid"},
      {CommandRefusal::expired, "expired"},
      {CommandRefusal::ttl_too_long, "ttl_too_long"},
      {CommandRefusal::wrong_epoch, "wrong_epoch"},
      {CommandRefusal::replayed, "replayed"},
      {CommandRefusal::unknown_command, "unknown_command"},
      {CommandRefusal::out_of_scope, "out_of_scope"},
      {CommandRefusal::bad_args, "bad_args"},
      {CommandRefusal::superseded, "superseded"},
      {CommandRefusal::rate_limited, "rate_limited"}};
};

/// One sentence for whoever reads the reply: what is wrong, and what to do about it where they can.
std::string_view sentence(CommandRefusal refusal);

}  // namespace gatehouse
