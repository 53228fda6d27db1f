// CommandDesk: what it does with a command that is to be carried out.

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "daemon/app/command_desk.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

bool moved(DoorCommandState state) {
  return state != DoorCommandState::not_sent;
}

/// The store has seen this command before, and we have not.
bool was_taken(const Error& error) {
  return error.code == Errc::refused && error.detail.starts_with("replayed");
}

/// The decision allows doors, and none of them may be opened again so soon.
bool was_limited(const Error& error) {
  return error.code == Errc::refused && error.detail.starts_with("rate_limited");
}

/// The store took nothing of it, or we are stopping.
bool nothing_kept(const Error& error) {
  return error.code == Errc::storage || error.code == Errc::storage_full || error.code == Errc::cancelled;
}

std::string changed_names(const PersonSetArgs& args) {
  JsonWriter json;
  json.begin_object().key("set").begin_array();
  if (args.admin_enabled) json.value("admin_enabled");
  if (args.tracked) json.value("tracked");
  if (args.custom_tags) json.value("custom_tags");
  if (args.grants) json.value("grants");
  json.end_array().end_object();
  return json.take();
}

struct Leave {
  std::size_t& count;
  ~Leave() { --count; }
};

}  // namespace

Task<void> CommandDesk::carry_out(Admitted admitted) {
  const Leave leave{under_way_[crew_of(admitted.command)]};
  switch (admitted.command) {
    case Command::access_sign_in:
      co_await sign_in(std::move(admitted));
      break;
    case Command::door_open:
    case Command::door_hold_open:
    case Command::door_close:
      co_await move_door(std::move(admitted));
      break;
    case Command::lockdown_set:
      co_await set_lockdown(std::move(admitted));
      break;
    case Command::person_set:
      co_await set_person(std::move(admitted));
      break;
    default:
      co_await do_work(std::move(admitted));
      break;
  }
}

// --- doors
// --------------------------------------------------------------------------------------------------

Task<void> CommandDesk::sign_in(Admitted admitted) {
  const auto& args = std::get<SignInArgs>(admitted.args);
  SignInRequest request;
  request.asked = args.asked;
  request.person = args.person;
  request.asker = {.via = Via::cloud,
                   .actor = admitted.actor,
                   .command = admitted.taken,
                   .expires = admitted.expires,
                   .finish = {}};
  // Shared: the desk may end the sign-in after this coroutine is gone.
  auto told = std::make_shared<bool>(false);
  auto shared = std::make_shared<const Admitted>(admitted);
  request.asker.finish = [this, told, shared](AccessEnd& end) {
    *told = true;
    if (end.decision) finish(*shared, success_json(shared->to.jti, decision_result(*end.decision)), end);
  };
  auto opens = std::make_shared<std::vector<DoorId>>();
  request.asker.take_opening = [this, opens](const DoorId& door) {
    const bool left = limits_.take_opening(door, parts_.clock.uptime());
    if (left) opens->push_back(door);
    return left;
  };
  auto decided = co_await parts_.doors.sign_in(std::move(request));
  if (!decided) {
    give_back(*opens, {});
    if (was_limited(decided.error())) {
      register_.release(admitted.taken);
      refuse_late(CommandRefusal::rate_limited, admitted);
      co_return;
    }
    co_await give_up(std::move(admitted), decided.error());
    co_return;
  }
  give_back(*opens, decided->doors);
  auto data = success_json(admitted.to.jti, decision_result(*decided));
  const bool any_moved =
      std::ranges::any_of(decided->doors, [](const DecidedDoor& door) { return moved(door.command.state); });
  if (!any_moved) {
    // It may have been decided from memory alone, by a store that took nothing.
    const auto id = decided->id;
    auto stored = co_await parts_.store.decision(id);
    if (!stored) {
      register_.release(admitted.taken);
      answer_unkept(admitted, std::move(data));
      co_return;
    }
  }
  co_await settle_once(std::move(admitted), std::move(data), *told);
}

/// Only what was opened counts against a door's budget.
void CommandDesk::give_back(const std::vector<DoorId>& opens, const std::vector<DecidedDoor>& decided) {
  for (const auto& door : opens) {
    const auto at = std::ranges::find(decided, door, &DecidedDoor::door);
    if (at == decided.end() || !moved(at->command.state)) limits_.give_back(door);
  }
}

Task<void> CommandDesk::move_door(Admitted admitted) {
  const auto& args = std::get<DoorArgs>(admitted.args);
  DoorRequest request;
  request.door = args.door;
  request.action = args.action;
  request.seconds = args.seconds;
  request.reason = args.reason;
  request.asker = {.via = Via::cloud,
                   .actor = admitted.actor,
                   .command = admitted.taken,
                   .expires = admitted.expires,
                   .finish = {}};
  auto told = std::make_shared<bool>(false);
  auto shared = std::make_shared<const Admitted>(admitted);
  request.asker.finish = [this, told, shared](AccessEnd& end) {
    if (!end.answer) return;
    *told = true;
    const auto& asked = std::get<DoorArgs>(shared->args);
    const DoorReport report{.door = asked.door, .action = asked.action, .answer = *end.answer};
    finish(*shared, success_json(shared->to.jti, door_report_json(report)), end);
  };
  auto report = co_await parts_.doors.move_door(std::move(request));
  if (!report) {
    give_back(admitted.opens, {});
    co_await give_up(std::move(admitted), report.error());
    co_return;
  }
  if (!moved(report->answer.state)) give_back(admitted.opens, {});
  auto data = success_json(admitted.to.jti, door_report_json(*report));
  co_await settle_once(std::move(admitted), std::move(data), *told);
}

Task<void> CommandDesk::set_lockdown(Admitted admitted) {
  const auto& args = std::get<LockdownArgs>(admitted.args);
  JsonWriter json;
  json.begin_object();
  json.member("site", args.site.value()).member("on", args.on);
  json.end_object();
  auto data = success_json(admitted.to.jti, json.take());
  LockdownRequest request;
  request.site = args.site;
  request.on = args.on;
  request.asker = {.via = Via::cloud,
                   .actor = admitted.actor,
                   .command = admitted.taken,
                   .expires = admitted.expires,
                   .finish = {}};
  auto told = std::make_shared<bool>(false);
  auto shared = std::make_shared<const Admitted>(admitted);
  request.asker.finish = [this, told, shared, data](AccessEnd& end) {
    *told = true;
    finish(*shared, data, end);
  };
  auto set = co_await parts_.doors.set_lockdown(std::move(request));
  if (!set) {
    co_await give_up(std::move(admitted), set.error());
    co_return;
  }
  co_await settle_once(std::move(admitted), std::move(data), *told);
}

// --- people and the rest
// ------------------------------------------------------------------------------------

Task<void> CommandDesk::set_person(Admitted admitted) {
  auto args = std::get<PersonSetArgs>(admitted.args);
  if (args.grants) {
    for (auto& grant : *args.grants) {
      if (grant.id.empty()) grant.id = parts_.clock.new_id();
    }
  }
  PersonWord word;
  word.person = args.person;
  word.audit.push_back(entry_of(admitted, "done", changed_names(args)));
  word.admin_enabled = args.admin_enabled;
  word.tracked = args.tracked;
  word.custom_tags = std::move(args.custom_tags);
  word.grants = std::move(args.grants);
  word.command = admitted.taken;
  auto person = co_await parts_.people.set_person(std::move(word));
  if (!person) {
    co_await give_up(std::move(admitted), person.error());
    co_return;
  }
  parts_.news();
  if (args.tracked && parts_.look_anew_at) parts_.look_anew_at(*person);
  auto data = success_json(admitted.to.jti, R"({"person":)" + person_json(*person) + "}");
  co_await settle(std::move(admitted), std::move(data), std::nullopt);
}

/// Kept first, so that it never runs again; then done; then answered.
Task<void> CommandDesk::do_work(Admitted admitted) {
  AccessBegin begin;
  begin.command = admitted.taken;
  begin.audit.push_back(entry_of(admitted, "taken"));
  auto begun = co_await parts_.store.begin_access(std::move(begin));
  if (!begun) {
    co_await give_up(std::move(admitted), begun.error());
    co_return;
  }
  const bool only_looks = admitted.command == Command::status_get;
  auto args = admitted.args;
  auto by = admitted.actor;
  auto done = co_await work_.run(std::move(args), std::move(by));
  const auto code = done ? std::string("done") : code_of(done.error());
  auto data =
      done ? success_json(admitted.to.jti, *done) : failure_json(admitted.to.jti, code, done.error().detail);
  std::optional<AuditEntry> entry;
  if (!only_looks || !done) entry = entry_of(admitted, code);
  co_await settle(std::move(admitted), std::move(data), std::move(entry));
}

/// One after the other, as they came: each goes on from the cursor of the one before.
Task<void> CommandDesk::take_roster() {
  struct Over {
    bool& runs;
    ~Over() { runs = false; }
  };
  const Over over{roster_runs_};
  while (!roster_.empty()) {
    auto admitted = std::move(roster_.front());
    roster_.pop_front();
    const auto bytes = std::get<RosterPutArgs>(admitted.args).text.size();
    roster_bytes_ -= std::min(bytes, roster_bytes_);
    co_await put_roster(std::move(admitted));
  }
}

Task<void> CommandDesk::put_roster(Admitted admitted) {
  auto text = std::move(std::get<RosterPutArgs>(admitted.args).text);
  auto shared = std::make_shared<const Admitted>(admitted);
  RosterFinish add = [this, shared](RosterCommit& commit, const std::string& result) {
    AccessEnd end;
    finish(*shared, success_json(shared->to.jti, result), end);
    commit.command = std::move(end.command);
    commit.audit.push_back(entry_of(*shared, "done"));
    std::ranges::move(end.messages, std::back_inserter(commit.messages));
  };
  auto command = admitted.taken;
  auto result = co_await parts_.roster.put(std::move(text), std::move(command), std::move(add));
  if (!result) {
    co_await give_up(std::move(admitted), result.error());
    co_return;
  }
  admitted.taken.answer = success_json(admitted.to.jti, *result);
  register_.answered(admitted.taken);
  parts_.news();
}

// --- how it ends
// --------------------------------------------------------------------------------------------

void CommandDesk::finish(const Admitted& admitted, std::string data, AccessEnd& end) const {
  end.messages.push_back(reply_message(admitted.to, data, admitted.reply_id, parts_.clock.now()));
  end.command = admitted.taken;
  end.command->answer = std::move(data);
}

Task<void> CommandDesk::settle_once(Admitted admitted, std::string data, bool told) {
  if (!told) {
    co_await settle(std::move(admitted), std::move(data), std::nullopt);
    co_return;
  }
  admitted.taken.answer = std::move(data);
  register_.answered(admitted.taken);
  parts_.news();
}

Task<void> CommandDesk::settle(Admitted admitted, std::string data, std::optional<AuditEntry> entry) {
  AccessEnd end;
  finish(admitted, data, end);
  if (entry) end.audit.push_back(std::move(*entry));
  admitted.taken.answer = data;
  register_.answered(admitted.taken);
  auto ended = co_await parts_.store.end_access(std::move(end));
  if (ended) {
    parts_.news();
    co_return;
  }
  parts_.log.write(Level::error, "the outcome of a command cannot be kept: " + ended.error().detail);
  answer_unkept(admitted, std::move(data));
}

Task<void> CommandDesk::give_up(Admitted admitted, Error why) {
  if (was_taken(why)) {
    refuse_late(CommandRefusal::replayed, admitted);
    co_return;
  }
  const auto code = code_of(why);
  auto data = failure_json(admitted.to.jti, code, why.detail);
  auto entry = entry_of(admitted, code);
  if (nothing_kept(why)) {
    register_.release(admitted.taken);
    if (why.code != Errc::cancelled) {
      answer_unkept(admitted, std::move(data));
      co_return;
    }
    refusals_.note(std::move(entry),
                   reply_message(admitted.to, std::move(data), admitted.reply_id, parts_.clock.now()));
    co_return;
  }
  admitted.taken.target.clear();  // it was not applied: no floor
  admitted.taken.answer = data;
  register_.refused(admitted.taken);
  AccessEnd end;
  finish(admitted, data, end);
  end.audit.push_back(entry);
  auto ended = co_await parts_.store.end_access(std::move(end));
  if (ended) {
    parts_.news();
    co_return;
  }
  // Told as soon as it can be; in memory its id stays used up.
  parts_.log.write(Level::error, "the refusal of a command cannot be kept: " + ended.error().detail);
  refusals_.note(std::move(entry),
                 reply_message(admitted.to, std::move(data), admitted.reply_id, parts_.clock.now()));
}

void CommandDesk::refuse_late(CommandRefusal code, const Admitted& admitted) {
  refusals_.refuse({.code = code,
                    .to = admitted.to,
                    .kid = admitted.actor.substr(admitted.actor.find(' ') + 1),
                    .cmd = std::string(to_string(admitted.command)),
                    .about = admitted.about,
                    .more = {},
                    .first = {},
                    .person = admitted.person});
}

void CommandDesk::answer_unkept(const Admitted& admitted, std::string data) {
  parts_.send(
      reply_message(admitted.to, std::move(data), admitted.reply_id, parts_.clock.now(), std::nullopt));
}

AuditEntry CommandDesk::entry_of(const Admitted& admitted, std::string outcome, std::string detail) const {
  return {.actor = admitted.actor,
          .action = std::string(to_string(admitted.command)),
          .target = admitted.about,
          .outcome = std::move(outcome),
          .detail = std::move(detail),
          .person = admitted.person};
}

}  // namespace gatehouse
