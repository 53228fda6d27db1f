// The desk's start, its loop, and its end.

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/app/access_desk_inside.hpp"

namespace gatehouse {
namespace {

const Alert unreadable{
    .kind = "access_unreadable",
    .subject = "store",
    .detail = "who may enter, or what is locked down, cannot be read from the store",
    .hint = "every site is locked down until it can; see the log for the fault of the disk or the database",
    .since = {}};
constexpr Duration load_every = std::chrono::seconds(10);
constexpr Duration save_every = std::chrono::seconds(60);
constexpr Duration calls_may_take = std::chrono::seconds(1);
constexpr Duration ends_may_take = std::chrono::milliseconds(500);

}  // namespace

AccessDesk::Inside::Inside(Parts given)
    : parts(std::move(given)),
      book(parts.fold),
      ages(parts.clock),
      watch(parts.clock, [this](const std::string& owner, const DoorId& door) { open.confirm(owner, door); }),
      errands(parts.executor, parts.clock, parts.log),
      calls(parts.executor, parts.clock, parts.log),
      bell(parts.executor),
      writer(parts.store, parts.log, errands, parts.executor, parts.news),
      open(writer, parts.clock, watch, errands, parts.executor),
      moves(parts.executor, parts.clock, parts.yard, rules, watch, calls, parts.tallies),
      maker(book, ages, rules, parts.yard, parts.clock),
      sign_ins({.maker = maker,
                .rules = rules,
                .store = parts.store,
                .moves = moves,
                .open = open,
                .errands = errands,
                .clock = parts.clock,
                .log = parts.log,
                .bell = bell,
                .news = parts.news,
                .tallies = parts.tallies}),
      holds({.store = parts.store,
             .moves = moves,
             .yard = parts.yard,
             .writer = writer,
             .errands = errands,
             .alerts = parts.alerts,
             .clock = parts.clock,
             .bell = bell}),
      acts({.rules = rules,
            .store = parts.store,
            .moves = moves,
            .holds = holds,
            .writer = writer,
            .alerts = parts.alerts,
            .clock = parts.clock,
            .news = parts.news,
            .alert_raised = parts.status_changed}),
      loops(parts.executor, parts.clock, parts.log) {}

// --- the start

Task<void> AccessDesk::Inside::load() {
  loading = true;
  auto read = co_await read_people();
  if (read) read = co_await read_state();
  if (read) read = co_await settle_crash();
  loading = false;
  told_meanwhile.clear();
  presence_told.clear();
  load_again_ = parts.clock.uptime() + load_every;
  if (!read) {
    parts.log.write(Level::error, "every site is locked down: " + read.error().detail);
    parts.alerts.raise(unreadable);
    co_return;
  }
  rules.load(*state_);
  holds.load(state_->holds);
  acts.glass_is_whole();
  state_.reset();
  parts.alerts.over(unreadable.kind, unreadable.subject);
  parts.status_changed();
  bell.ring();
}

Task<Result<void>> AccessDesk::Inside::read_people() {
  PersonId after;
  for (;;) {
    auto people = co_await parts.knowledge.known_people(after);
    if (!people) co_return within("read who is known", people.error());
    for (const auto& entry : *people) {
      if (!told_meanwhile.contains(entry.person.id)) book.put(entry);
    }
    if (people->empty()) co_return Result<void>{};
    after = people->back().person.id;
  }
}

Task<Result<void>> AccessDesk::Inside::read_state() {
  auto state = co_await parts.knowledge.access_state();
  if (!state) co_return within("read what is in force at the doors", state.error());
  ages.load(state->proofs);
  book.doubt_names(state->people_lost);
  for (const auto& presence : state->present) {
    if (!presence_told.contains(presence.person)) book.put(presence);
  }
  for (const auto& [door, at] : state->commanded) moves.commanded_before(door, at);
  state_ = std::move(*state);
  co_return Result<void>{};
}

/// What a crash left open: asked of Net2 perhaps, so `unknown`, and never asked again.
Task<Result<void>> AccessDesk::Inside::settle_crash() {
  if (crash_settled) co_return Result<void>{};
  auto intents = co_await parts.store.open_intents();
  if (!intents) co_return within("read what was begun at the doors", intents.error());
  std::map<std::string, std::vector<DoorIntent>> owners;
  for (const auto& intent : *intents) {
    if (!settled_.contains(intent.owner)) owners[intent.owner].push_back(intent);
  }
  for (auto& [owner, of_owner] : owners) {
    auto settled = co_await settle_owner(owner, of_owner);
    if (!settled) co_return settled;
    settled_.insert(owner);
    std::ranges::move(of_owner, std::back_inserter(left_open));
  }
  crash_settled = true;
  co_return Result<void>{};
}

Task<Result<void>> AccessDesk::Inside::settle_owner(std::string owner, std::vector<DoorIntent> intents) {
  auto row = co_await parts.store.decision(owner);
  if (!row && row.error().code != Errc::not_found) co_return within("read decision " + owner, row.error());
  if (row) {
    auto record = std::move(row->decision);
    co_await settle_decision(std::move(record), std::move(intents));
  } else {
    co_await settle_act(std::move(owner), std::move(intents));
  }
  co_return Result<void>{};
}

Task<void> AccessDesk::Inside::settle_decision(DecisionRecord record, std::vector<DoorIntent> intents) {
  OpenDecisions::Settled settled;
  std::vector<AuditEntry> audit;
  for (const auto& intent : intents) {
    const auto answer = intent.scheduled ? DoorAnswer{DoorCommandState::not_sent, "dropped"}
                                         : DoorAnswer{DoorCommandState::unknown,
                                                      "the gateway stopped before it knew Net2's answer"};
    settled.emplace_back(intent.door, answer);
    audit.push_back({.actor = "gateway",
                     .action = "door." + std::string(to_string(intent.action)),
                     .target = to_string(intent.door),
                     .outcome = std::string(to_string(answer.state)),
                     .detail = audit_detail({{"decision", record.id}, {"why", answer.why}}),
                     .person = record.person});
  }
  const auto id = record.id;
  open.keep(std::move(record));
  co_await open.settle(id, std::move(settled), std::move(audit), {});
}

Task<void> AccessDesk::Inside::settle_act(std::string owner, std::vector<DoorIntent> intents) {
  AccessEnd end;
  end.owner = owner;
  for (const auto& intent : intents) {
    end.doors.push_back(intent.door);
    end.audit.push_back({.actor = "gateway",
                         .action = "door." + std::string(to_string(intent.action)),
                         .target = to_string(intent.door),
                         .outcome = "unknown",
                         .detail = audit_detail({{"act", owner}, {"why", "the gateway stopped"}}),
                         .person = std::nullopt});
  }
  co_await writer.write(std::move(end));
}

// --- the loop

Task<void> AccessDesk::Inside::run(Pulse& /*pulse*/) {
  for (;;) {
    look();
    const auto now = parts.clock.uptime();
    if (!rules.readable() && now >= load_again_) {
      co_await load();
    }
    if (now >= save_again_) {
      save_again_ = now + save_every;
      co_await save_proofs();
    }
    const auto wait = until_next();
    co_await bell.wait(wait);
  }
}

void AccessDesk::Inside::look() {
  sign_ins.open_due();
  holds.close_due();
  acts.mend_glass();
  watch.expire();
  open.sweep();
}

Duration AccessDesk::Inside::until_next() const {
  constexpr Duration longest = std::chrono::seconds(10);
  const auto now = parts.clock.uptime();
  auto next = std::min(now + longest, save_again_);
  if (const auto due = sign_ins.next_due()) next = std::min(next, *due);
  if (const auto due = holds.next_due()) next = std::min(next, *due);
  return std::max(next - now, Duration{0});
}

Task<void> AccessDesk::Inside::save_proofs() {
  auto proofs = ages.take_unsaved();
  if (proofs.empty()) co_return;
  auto given = proofs;
  const auto saved = co_await parts.knowledge.save_proofs(std::move(given));
  if (!saved) ages.put_back(proofs);
}

// --- the end

Task<void> AccessDesk::Inside::stop() {
  stopping = true;
  co_await loops.stop();
  moves.close();
  sign_ins.close();
  sign_ins.drop_delayed(std::nullopt);
  co_await calls.wait(calls_may_take);
  // Net2 has had its time: what it has not answered is `unknown`, and is stored as that.
  calls.cancel();
  writer.hurry();
  co_await errands.wait(ends_may_take);
  co_await calls.finish();
  co_await errands.finish();
  co_await save_proofs();
}

}  // namespace gatehouse
