#include "daemon/app/sign_ins.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view store_unwritable = "store_unwritable";
constexpr std::string_view rate_limited = "rate_limited";

DecidedDoor* door_of(DecisionRecord& record, const DoorId& id) {
  const auto found = std::ranges::find(record.doors, id, &DecidedDoor::door);
  return found == record.doors.end() ? nullptr : &*found;
}

std::vector<DoorIntent> intents_of(const std::vector<DoorMoves::Ask>& asks, const std::string& owner,
                                   Instant now) {
  std::vector<DoorIntent> intents;
  intents.reserve(asks.size());
  for (const auto& ask : asks) intents.push_back({.owner = owner, .door = ask.door, .at = now});
  return intents;
}

/// The doors and their answers, and a row of the audit for each.
void add_answers(OpenDecisions::Settled& settled, std::vector<AuditEntry>& audit,
                 const std::vector<DoorId>& doors, std::vector<DoorAnswer> answers, const std::string& actor,
                 const std::string& decision, const std::optional<PersonId>& person) {
  for (std::size_t at = 0; at < doors.size(); ++at) {
    audit.push_back({.actor = actor,
                     .action = "door.open",
                     .target = to_string(doors[at]),
                     .outcome = std::string(to_string(answers[at].state)),
                     .detail = audit_detail({{"decision", decision}, {"why", answers[at].why}}),
                     .person = person});
    settled.emplace_back(doors[at], std::move(answers[at]));
  }
}

/// Doors that may not be opened again so soon stay shut, and the decision says so. An error where nothing
/// is left to open.
std::optional<Error> take_openings(MadeDecision& made, const TakeOpening& take) {
  if (!take || made.allowed.empty()) return std::nullopt;
  std::erase_if(made.allowed, [&](const AllowedDoor& allowed) {
    if (take(allowed.door)) return false;
    if (auto* door = door_of(made.record, allowed.door))
      door->command = {DoorCommandState::not_sent, std::string(rate_limited)};
    return true;
  });
  if (!made.allowed.empty()) return std::nullopt;
  return Error{Errc::refused,
               std::string(rate_limited) + ": each door that may be opened was opened too often"};
}

std::vector<DoorId> doors_of(const std::vector<DoorMoves::Ask>& asks) {
  std::vector<DoorId> doors;
  doors.reserve(asks.size());
  for (const auto& ask : asks) doors.push_back(ask.door);
  return doors;
}

}  // namespace

std::string audit_detail(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : members) {
    if (!value.empty()) json.member(name, value);
  }
  json.end_object();
  return json.take();
}

void finish_at_once(AccessBegin& begin, const Finish& finish, AccessEnd end) {
  if (!finish) return;
  finish(end);
  if (end.command) begin.command = std::move(end.command);
  std::ranges::move(end.audit, std::back_inserter(begin.audit));
  std::ranges::move(end.messages, std::back_inserter(begin.messages));
}

Task<Result<DecisionRecord>> SignIns::sign_in(SignInRequest request, Uptime received) {
  auto decided =
      parts_.maker.make(request.asked, request.person, request.walk_ins_allowed, request.asker.via);
  if (!decided) co_return decided.error();
  auto made = std::move(*decided);
  if (auto limited = take_openings(made, request.asker.take_opening)) co_return std::move(*limited);
  count(parts_.tallies, &Tallies::decisions, made.record.allow ? "allow" : "deny",
        to_string(made.record.reason));
  Doors doors;
  const bool delayed = made.delay > Duration{0} && !made.allowed.empty();
  if (delayed) {
    for (const auto& allowed : made.allowed) {
      doors.settled.emplace_back(allowed.door, DoorAnswer{DoorCommandState::scheduled, ""});
    }
  } else {
    doors = queue(made, made.record.id);
  }
  for (auto& [id, answer] : doors.settled) {
    if (auto* door = door_of(made.record, id)) door->command = std::move(answer);
  }
  auto begin = begin_of(made, request);
  if (doors.asks.empty()) {
    auto answer = answer_at_once(std::move(made), std::move(request), std::move(begin), received);
    co_return co_await std::move(answer);
  }
  auto deadline = received + command_time;
  if (request.asker.expires) deadline = std::min(deadline, *request.asker.expires);
  auto moved =
      move_doors(std::move(made), std::move(request), std::move(begin), std::move(doors.asks), deadline);
  co_return co_await std::move(moved);
}

SignIns::Doors SignIns::queue(const MadeDecision& made, const std::string& owner) const {
  Doors doors;
  for (const auto& allowed : made.allowed) {
    auto turn = parts_.moves.take_turn(allowed.door, allowed.momentary);
    if (!turn) {
      doors.settled.emplace_back(allowed.door, DoorAnswer{DoorCommandState::not_sent, "already_commanded"});
      continue;
    }
    doors.asks.push_back({.turn = std::move(turn),
                          .door = allowed.door,
                          .action = DoorAction::open,
                          .open_time = allowed.open_time,
                          .stays_open = allowed.stays_open,
                          .owner = owner,
                          .sites = made.sites});
  }
  return doors;
}

AccessBegin SignIns::begin_of(const MadeDecision& made, const SignInRequest& request) const {
  const auto& record = made.record;
  AccessBegin begin;
  begin.basis = pack(made.basis);
  begin.presence = made.presence;
  begin.walk_in = made.walk_in;
  begin.command = request.asker.command;
  if (begin.command) begin.command->decision = record.id;
  begin.audit.push_back(
      {.actor = request.asker.actor,
       .action = "decision",
       .target = record.asked.access_point.value(),
       .outcome = record.allow ? "allow" : "deny",
       .detail = audit_detail({{"decision", record.id}, {"reason", to_string(record.reason)}}),
       .person = record.person});
  if (made.presence) {
    const PresenceOutcome outcome{.allow = record.allow, .reason = to_string(record.reason)};
    begin.messages.push_back(presence_message(*made.presence, outcome, parts_.clock.new_id(), record.at));
  }
  return begin;
}

/// No door is moved now: all that there is to say is said in the one transaction.
Task<Result<DecisionRecord>> SignIns::answer_at_once(MadeDecision made, SignInRequest request,
                                                     AccessBegin begin, Uptime received) {
  const auto& record = made.record;
  for (const auto& door : record.doors) {
    if (door.command.state != DoorCommandState::scheduled) continue;
    begin.intents.push_back(
        {.owner = record.id, .door = door.door, .at = record.at + made.delay, .scheduled = true});
  }
  const bool delayed = !begin.intents.empty();
  begin.decision = record;
  begin.messages.push_back(decision_message(record, parts_.clock.new_id(), record.at));
  AccessEnd end;
  end.owner = record.id;
  end.decision = record;
  finish_at_once(begin, request.asker.finish, std::move(end));
  const auto begun = co_await parts_.store.begin_access(std::move(begin));
  if (!begun) co_return not_stored(made.record, begun.error());
  parts_.news();
  if (delayed) delay(made, request, received);
  co_return made.record;
}

void SignIns::delay(const MadeDecision& made, const SignInRequest& request, Uptime received) {
  Delayed one;
  one.decision = made.record.id;
  one.asked = request.asked;
  one.person = request.person;
  // Who it is was decided once: the cloud's id may name somebody else by then.
  if (made.basis.person) one.person = made.basis.person->id;
  one.walk_ins_allowed = request.walk_ins_allowed;
  one.via = request.asker.via;
  one.actor = request.asker.actor;
  one.about = made.record.person;
  one.due = received + made.delay;
  one.deadline = one.due + command_time;
  if (request.asker.expires) one.deadline = std::min(one.deadline, *request.asker.expires);
  for (const auto& allowed : made.allowed) one.doors.push_back(allowed.door);
  one.sites = made.sites;
  parts_.open.keep(made.record);
  // A lockdown, or the end, may have come while it was stored.
  const auto lockdown = parts_.rules.lockdown();
  const auto locked = [&](const SiteId& site) { return lockdown.at(site); };
  if (closed_ || std::ranges::any_of(one.sites, locked)) {
    auto name = "dropped opening " + one.decision;
    parts_.errands.start(std::move(name), drop(std::move(one)));
    return;
  }
  delayed_.push_back(std::move(one));
  parts_.bell.ring();
}

Task<Result<DecisionRecord>> SignIns::move_doors(MadeDecision made, SignInRequest request, AccessBegin begin,
                                                 std::vector<DoorMoves::Ask> asks, Uptime deadline) {
  const auto doors = doors_of(asks);
  auto stored = made.record;
  stored.revision = 0;
  for (const auto& id : doors) {
    if (auto* door = door_of(stored, id)) door->command = {DoorCommandState::unknown, ""};
  }
  begin.decision = stored;
  begin.intents = intents_of(asks, stored.id, stored.at);
  const bool told = !begin.messages.empty();
  const auto begun = co_await parts_.store.begin_access(std::move(begin));
  if (!begun) co_return not_stored(made.record, begun.error());
  if (told) parts_.news();
  parts_.open.keep(stored);
  auto answers = co_await parts_.moves.command(std::move(asks), deadline);
  OpenDecisions::Settled settled;
  std::vector<AuditEntry> audit;
  add_answers(settled, audit, doors, std::move(answers), request.asker.actor, stored.id, stored.person);
  auto finish = request.asker.finish;
  auto record =
      co_await parts_.open.settle(stored.id, std::move(settled), std::move(audit), std::move(finish));
  co_return record;
}

/// Nothing was stored, so no door is moved and nothing is told; a used-up command is nobody's sign-in.
Result<DecisionRecord> SignIns::not_stored(DecisionRecord record, const Error& why) const {
  if (why.code == Errc::refused) return why;
  parts_.log.write(Level::error, "a decision cannot be stored, so no door is opened: " + why.detail);
  record.revision = 1;
  for (auto& door : record.doors) {
    if (door.allow) door.command = {DoorCommandState::not_sent, std::string(store_unwritable)};
  }
  return record;
}

void SignIns::open_due() {
  const auto now = parts_.clock.uptime();
  for (auto& one : take_delayed([&](const Delayed& each) { return each.due <= now; })) {
    auto name = "delayed opening " + one.decision;
    parts_.errands.start(std::move(name), open_delayed(std::move(one)));
  }
}

/// Taken off the list before anything begins: an errand may run to its end at once.
std::vector<SignIns::Delayed> SignIns::take_delayed(const std::function<bool(const Delayed&)>& which) {
  std::vector<Delayed> taken;
  for (auto at = delayed_.begin(); at != delayed_.end();) {
    if (!which(*at)) {
      ++at;
      continue;
    }
    taken.push_back(std::move(*at));
    at = delayed_.erase(at);
  }
  return taken;
}

std::optional<Uptime> SignIns::next_due() const {
  const auto next = std::ranges::min_element(delayed_, {}, &Delayed::due);
  if (next == delayed_.end()) return std::nullopt;
  return next->due;
}

Task<void> SignIns::open_delayed(Delayed one) {
  auto decided = parts_.maker.make(one.asked, one.person, one.walk_ins_allowed, one.via);
  MadeDecision made;
  if (decided) made = std::move(*decided);
  std::erase_if(made.allowed, [&](const AllowedDoor& allowed) {
    return std::ranges::find(one.doors, allowed.door) == one.doors.end();
  });
  auto doors = queue(made, one.decision);
  for (const auto& id : one.doors) {
    if (std::ranges::find(made.allowed, id, &AllowedDoor::door) != made.allowed.end()) continue;
    const auto* door = door_of(made.record, id);
    const auto reason = door != nullptr ? door->reason : made.record.reason;
    doors.settled.emplace_back(id, DoorAnswer{DoorCommandState::not_sent, std::string(to_string(reason))});
  }
  auto settled = std::move(doors.settled);
  std::vector<AuditEntry> audit;
  if (!doors.asks.empty()) {
    const auto asked = doors_of(doors.asks);
    AccessBegin begin;
    begin.intents = intents_of(doors.asks, one.decision, parts_.clock.now());
    const auto begun = co_await parts_.store.begin_access(std::move(begin));
    std::vector<DoorAnswer> answers(asked.size(),
                                    {DoorCommandState::not_sent, std::string(store_unwritable)});
    if (begun) {
      auto asks = std::move(doors.asks);
      answers = co_await parts_.moves.command(std::move(asks), one.deadline);
    }
    add_answers(settled, audit, asked, std::move(answers), one.actor, one.decision, one.about);
  }
  co_await parts_.open.settle(one.decision, std::move(settled), std::move(audit), {});
}

void SignIns::drop_delayed(const std::optional<SiteId>& site) {
  const auto there = [&](const Delayed& one) { return !site || one.sites.contains(*site); };
  for (auto& one : take_delayed(there)) {
    auto name = "dropped opening " + one.decision;
    parts_.errands.start(std::move(name), drop(std::move(one)));
  }
}

Task<void> SignIns::drop(Delayed one) {
  OpenDecisions::Settled settled;
  for (const auto& door : one.doors) {
    settled.emplace_back(door, DoorAnswer{DoorCommandState::not_sent, "dropped"});
  }
  std::vector<AuditEntry> audit;
  co_await parts_.open.settle(one.decision, std::move(settled), std::move(audit), {});
}

}  // namespace gatehouse
