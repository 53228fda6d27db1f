#include "tests/month/month.hpp"

#include <algorithm>

namespace gatehouse::month {

using test::ask;
using test::get;

Month::Month(Plot plot)
    : plot_(plot),
      chance_(plot.seed),
      settings_(settings_of_month(chance_)),
      editor_(settings_, chance_),
      model_(settings_) {
  for (std::size_t source = 0; source < settings_.size(); ++source) {
    editor_.fill(source, plot.people[source]);
    desks_.push_back(std::make_unique<test::SyncDesk>(world_, settings_[source]));
  }
}

std::string Month::live() {
  try {
    const auto end = now() + std::chrono::days(plot_.days);
    auto midnight = now() + std::chrono::days(1);
    std::array<bool, 3> full_due{};
    while (now() < end) {
      world_.pass(plot_.between / 2 +
                  Duration(static_cast<std::int64_t>(chance_.below(1000))) * (plot_.between.count() / 1000));
      if (now() >= midnight) {
        midnight += std::chrono::days(1);
        full_due.fill(true);
        morning();
      }
      if (get(world_.store->couple_overdue(now())) != 0) know_anew();
      model_.couple_overdue(now());
      for (std::size_t source = 0; source < desks_.size(); ++source) {
        const auto changes = chance_.below(2 * plot_.changes + 1);
        editor_.edit(source, changes);
        figures_.changes += changes;
        if (chance_.one_in(25) && model_.directories[source].complete) editor_.break_down(source);
        if (pass(source, full_due[source])) full_due[source] = false;
        if (!plot_.compare_daily) compare(source);
        visit(source);
      }
    }
    for (std::size_t source = 0; source < desks_.size(); ++source) {
      if (pass(source, true)) compare(source);
    }
  } catch (const Difference&) {
    return "seed " + std::to_string(plot_.seed) + ": " + trouble_;
  } catch (const std::exception& broken) {
    return "seed " + std::to_string(plot_.seed) + ", " + format_utc(now()) + ": " + broken.what();
  }
  return {};
}

void Month::morning() {
  empty_outbox();
  if (plot_.compare_daily) {
    for (std::size_t source = 0; source < desks_.size(); ++source) {
      if (pass(source, false, false)) compare(source);
    }
  }
  if (chance_.one_in(8)) remap(chance_.below(3));
  if (chance_.one_in(3)) restart();
}

/// The cloud has taken everything.
void Month::empty_outbox() {
  for (const auto lane : all_lanes) {
    const auto rows = get(world_.store->read_outbox(lane, 0, 1'000'000, 1U << 30U));
    if (!rows.empty()) get(world_.store->settle({{rows.front().row, rows.back().row}}));
  }
}

/// One answer of the source, to both. False where it was not a whole one.
bool Month::pass(std::size_t source, bool full, bool may_crash) {
  auto answer = editor_.answer(source);
  lists_[source] = answer.people;
  auto& desk = *desks_[source];
  desk.source.people = std::move(answer.people);
  if (answer.cut) desk.source.fault = Error{Errc::incomplete, "cut off in the middle"};
  if (may_crash && !answer.cut && chance_.one_in(15)) {
    crash_in_pass(source, full);
    return false;
  }
  PassAsk how;
  how.full = full;
  if (full) how.trigger = Trigger::schedule;
  const auto report = desk.try_run(std::move(how));
  const bool taken = !answer.cut && model_.pass(source, lists_[source], full, now());
  if (report.ok() != taken) {
    trouble_ += format_utc(now()) + ": a pass of " + settings_[source].id.value() + " which the model " +
                (taken ? "takes" : "refuses") + ": " + (report ? "taken" : report.error().detail) + '\n';
    throw Difference{};
  }
  ++figures_.passes;
  figures_.full_passes += full ? 1 : 0;
  figures_.failed_reads += taken ? 0 : 1;
  if (report && report->end == PassEnd::guarded) ++figures_.guarded;
  return taken;
}

/// The process dies somewhere in the pass, comes again, and the source still says the same. What the first of
/// two passes makes of a list the second may build on: so the model has two as well. Both look at everybody:
/// what a record shows beside another that changed is found by whoever looks at it after that, and how far
/// the one that died had come is not known here.
void Month::crash_in_pass(std::size_t source, bool full) {
  auto& desk = *desks_[source];
  const auto how =
      chance_.one_in(2) ? test::FailingStore::How::not_made : test::FailingStore::How::answer_lost;
  test::FailingStore failing(*world_.store, static_cast<int>(1 + chance_.below(30)), how);
  PassAsk asked;
  asked.full = full;
  desk.make(failing, failing, failing, failing);
  if (ask(desk.sync->load())) (void)desk.try_run(asked);
  if (failing.failed()) ++figures_.crashes;
  restart();
  asked.full = true;
  for (int i = 0; i < 2; ++i) {
    (void)desk.try_run(asked);
    (void)model_.pass(source, lists_[source], true, now());
  }
}

void Month::restart() {
  for (auto& desk : desks_) desk->sync.reset();
  world_.reopen();
  for (auto& desk : desks_) desk->begin();
  for (auto& directory : model_.directories) directory.look_at_all = true;
}

/// Somebody edits the configuration: another type for guests, and back.
void Month::remap(std::size_t source) {
  auto& integration = settings_[source];
  if (!model_.directories[source].complete) return;
  auto& type = integration.sync.groups[1].person_type;
  type = type == PersonType::visitor ? PersonType::contractor : PersonType::visitor;
  model_.directories[source].settings = integration;
  desks_[source]->integration = integration;
  desks_[source]->begin();
  model_.directories[source].look_at_all = true;
  ++figures_.mappings;
}

}  // namespace gatehouse::month
