#include "daemon/core/command_check.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

using std::chrono::seconds;

Instant at_second(std::int64_t second) {
  return Instant(seconds(second));
}

Duration longest_life(const CommandFacts& facts, const CommandMoment& moment) {
  const auto command = parse_name<Command>(facts.claims.cmd);
  return command && needs_epoch(*command) ? moment.max_ttl : longest_other_ttl;
}

/// A clock that nobody can trust says nothing: the command's own bound on our steady clock does.
/// `iat` and `exp` say at least how long it was to live, and what expires before it is issued has expired.
std::optional<CommandRefusal> check_uptime(const CommandFacts& facts, const CommandMoment& moment) {
  const auto& claims = facts.claims;
  if (!claims.expires_uptime) return CommandRefusal::clock_untrusted;
  const Duration expires(*claims.expires_uptime);
  if (expires <= moment.uptime || claims.issued > claims.expires) return CommandRefusal::expired;
  const bool too_long = seconds(claims.expires - claims.issued) > longest_life(facts, moment);
  if (too_long || expires > moment.uptime + moment.max_ttl) return CommandRefusal::ttl_too_long;
  if (claims.epoch != moment.epoch) return CommandRefusal::wrong_epoch;
  return std::nullopt;
}

}  // namespace

bool needs_epoch(Command command) {
  return has_floor(command) || command == Command::access_sign_in;
}

bool has_floor(Command command) {
  switch (command) {
    case Command::door_open:
    case Command::door_hold_open:
    case Command::door_close:
    case Command::lockdown_set:
    case Command::person_set:
      return true;
    default:
      return false;
  }
}

std::optional<CommandRefusal> check_claims(const CommandFacts& facts, const CommandMoment& moment) {
  if (facts.size > largest_command) return CommandRefusal::too_large;
  if (facts.retained) return CommandRefusal::retained;
  switch (facts.envelope) {
    case Envelope::malformed:
      return CommandRefusal::malformed;
    case Envelope::unknown_key:
      return CommandRefusal::unknown_key;
    case Envelope::bad_signature:
      return CommandRefusal::bad_signature;
    case Envelope::good:
      break;
  }
  const auto& claims = facts.claims;
  if (claims.audience != moment.audience) return CommandRefusal::wrong_audience;
  if (!moment.trusted) return check_uptime(facts, moment);
  if (at_second(claims.issued) > moment.now + most_skew) return CommandRefusal::not_yet_valid;
  if (at_second(claims.expires) <= moment.now) return CommandRefusal::expired;
  if (seconds(claims.expires - claims.issued) > longest_life(facts, moment))
    return CommandRefusal::ttl_too_long;
  const auto command = parse_name<Command>(claims.cmd);
  if (command && needs_epoch(*command) && claims.epoch != moment.epoch) return CommandRefusal::wrong_epoch;
  return std::nullopt;
}

std::optional<CommandRefusal> check_standing(const CommandFacts& facts, const CommandStanding& standing) {
  if (standing.taken) return CommandRefusal::replayed;
  if (!command_of(facts)) return CommandRefusal::unknown_command;
  if (!standing.mentioned) return CommandRefusal::out_of_scope;
  if (standing.target_known && !standing.in_scope) return CommandRefusal::out_of_scope;
  if (!standing.args_good || !standing.target_known) return CommandRefusal::bad_args;
  if (standing.floor && facts.claims.issued < *standing.floor) return CommandRefusal::superseded;
  if (!standing.rate_left) return CommandRefusal::rate_limited;
  return std::nullopt;
}

std::optional<Command> command_of(const CommandFacts& facts) {
  const auto command = parse_name<Command>(facts.claims.cmd);
  if (!command || (*command == Command::roster_put) != facts.on_roster_topic) return std::nullopt;
  return command;
}

std::int64_t latest_issued(Instant now) {
  return std::chrono::floor<seconds>(now + most_skew).time_since_epoch().count();
}

Duration life_left(const CommandClaims& claims, const CommandMoment& moment) {
  const auto left = moment.trusted ? at_second(claims.expires) - moment.now
                                   : Duration(claims.expires_uptime.value_or(0)) - moment.uptime;
  return std::max(std::chrono::duration_cast<Duration>(left), Duration{0});
}

std::string_view sentence(CommandRefusal refusal) {
  switch (refusal) {
    case CommandRefusal::too_large:
      return "the payload is larger than 1 MiB";
    case CommandRefusal::retained:
      return "a retained message is never a command: publish it without retain";
    case CommandRefusal::malformed:
      return "this is no compact JWS with alg EdDSA, a kid, and the claims of a command";
    case CommandRefusal::unknown_key:
      return "the kid is in no key of the gateway's command_keys file";
    case CommandRefusal::bad_signature:
      return "the signature does not fit the key and the payload";
    case CommandRefusal::wrong_audience:
      return "aud names another gateway";
    case CommandRefusal::clock_untrusted:
      return "the gateway's clock cannot be trusted: send epoch and exp_uptime_ms from its current state";
    case CommandRefusal::not_yet_valid:
      return "iat is more than 5 s ahead of the gateway's clock";
    case CommandRefusal::expired:
      return "the command has expired";
    case CommandRefusal::ttl_too_long:
      return "the command lives longer than this gateway allows";
    case CommandRefusal::wrong_epoch:
      return "epoch is not that of the gateway's current state: it has started anew since";
    case CommandRefusal::replayed:
      return "this jti was used before, and nothing was done again";
    case CommandRefusal::unknown_command:
      return "there is no such command on this topic";
    case CommandRefusal::out_of_scope:
      return "the key may not do this here";
    case CommandRefusal::bad_args:
      return "the args are not what the command takes";
    case CommandRefusal::superseded:
      return "a command that was issued later has been applied to the same thing";
    case CommandRefusal::rate_limited:
      return "too many commands: send it again a little later";
  }
  return "refused";
}

}  // namespace gatehouse
