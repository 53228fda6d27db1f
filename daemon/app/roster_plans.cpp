// What waits for somebody's word: issues about the cloud's people, and the plan of withheld removals.

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/app/roster_removals.hpp"
#include "daemon/app/roster_sync.hpp"
#include "daemon/core/roster_rules.hpp"

namespace gatehouse {
namespace {

constexpr Duration plan_life = std::chrono::hours(24);  ///< each put renews it
constexpr std::size_t most_held = 5'000;                ///< records kept at hand; more need a snapshot

/// Reconciled::issues, which the evaluation knows nothing of.
bool found_by_store(const Issue& issue) {
  return issue.reason == IssueReason::type_differs || issue.reason == IssueReason::field_differs ||
         issue.reason == IssueReason::decoupled_but_removed;
}

}  // namespace

// --- issues

/// Told before anything is applied, so that no record is left aside without its issue; what only the two
/// sides together show is known afterwards, and until then stays as it was. Those about records that this
/// call has not looked at stay in any case.
Task<Result<void>> RosterSync::tell_issues(Passing& pass, bool both_sides) {
  auto issues = pass.evaluation.issues;
  for (const auto& open : open_issues_) {
    const bool looked =
        looked_at_whole_ || !open.record || std::ranges::binary_search(looked_at_, *open.record);
    if (!looked || (!both_sides && found_by_store(open))) issues.push_back(open);
  }
  if (both_sides) issues.insert(issues.end(), pass.found.begin(), pass.found.end());
  auto change = co_await parts_.issues.set_issues(cloud_integration_id, std::move(issues), "no longer found");
  if (!change) co_return within("keep the issues", change.error());
  pass.report.issues_changed = pass.report.issues_changed || change->opened + change->closed != 0;
  open_issues_ = std::move(change->open);
  unsettle();
  co_return Result<void>{};
}

/// The index knows of open issues what it is told, and of new records once they are merged.
void RosterSync::unsettle() {
  index_.merge();
  std::vector<std::int64_t> records;
  for (const auto& issue : open_issues_) {
    if (issue.record) records.push_back(*issue.record);
  }
  std::ranges::sort(records);
  index_.set_unsettled(records);
}

/// Keeps what was said of those who wait for somebody, and forgets those who do not any more.
void RosterSync::hold_on(const Passing& pass) {
  if (looked_at_whole_) held_.clear();
  for (const auto number : looked_at_) held_.erase(number);
  pass.snapshot.changed().for_each([&](const SourceRecord& record, RecordPack::Place) {
    const auto at = index_.find(record.number);
    if (!at || held_.size() >= most_held) return;
    const auto& known = index_.at(*at);
    if (known.present && (known.unsettled || waits_for_others(known.skip)))
      held_.emplace(record.number, record);
  });
}

/// Overrides of values that the cloud now has itself, and words about one change that has been made. A word
/// about a record that is not at hand is not spent: it was not looked at.
Task<Result<void>> RosterSync::forget_spent_words(Passing& pass) {
  if (!pass.evaluation.lapsed.empty()) {
    auto lapsed = co_await parts_.issues.lapse(cloud_integration_id, pass.evaluation.lapsed);
    if (!lapsed) co_return within("let overrides lapse", lapsed.error());
  }
  for (const auto record : pass.evaluation.spent) {
    if (!looked_at_whole_ && !std::ranges::binary_search(looked_at_, record)) continue;
    auto unsaid = co_await parts_.issues.unsay(cloud_integration_id, record);
    if (!unsaid) co_return within("forget a decision that was carried out", unsaid.error());
  }
  co_return Result<void>{};
}

// --- the plan

std::vector<Departure> RosterSync::planned() const {
  std::vector<Departure> removals;
  for (const auto number : pending()) {
    if (!std::ranges::binary_search(held_back_, number))
      removals.push_back({.record = number, .why = std::nullopt});
  }
  return removals;
}

/// Of the removals that are withheld now; none where there are none. Each put renews it.
Task<Result<void>> RosterSync::keep_plan() {
  // Until the snapshot is here, a plan of before stays as it was.
  if (needs_all()) co_return Result<void>{};
  RosterRemovals listing(parts_.directory, commit_for(RunId()), planned());
  Plan wanted;
  wanted.kind = PlanKind::roster;
  wanted.run = RunId(parts_.clock.new_id());
  auto plan = co_await plans_.keep(std::move(wanted), listing, plan_life, false);
  if (!plan) co_return within("keep the plan of the roster", plan.error());
  co_return Result<void>{};
}

Task<Result<void>> RosterSync::apply_plan(Plan plan) {
  const auto turn = co_await parts_.turn.take();
  if (!loaded_) {
    auto known = co_await load_in_turn();
    if (!known) co_return known.error();
  }
  // Who is held back for an operator is not known before it is here.
  if (needs_all())
    co_return Error{Errc::refused,
                    std::string(plan_stale) +
                        "the cloud has not sent its people anew since the start, which was asked "
                        "for; try again"};
  RosterRemovals listing(parts_.directory, commit_for(RunId()), planned());
  auto token = co_await plans_.token(PlanKind::roster, plan.basis, listing);
  if (!token) co_return token.error();
  if (*token != plan.token) {
    auto made = co_await keep_plan();
    if (!made) co_return made.error();
    co_return Error{Errc::refused, std::string(plan_stale) +
                                       "something that it rests on has changed; look again: gatehouse plan "
                                       "list"};
  }
  loaded_ = false;  // whatever comes of it
  auto done = co_await carry_out(std::move(plan));
  if (!done) co_return done.error();
  auto loaded = co_await load_in_turn();
  co_return loaded;
}

Task<Result<void>> RosterSync::carry_out(Plan plan) {
  SyncRun run;
  run.id = plan.run;
  run.integration = cloud_integration_id;
  run.trigger = Trigger::manual;
  run.started = parts_.clock.now();
  auto settings = commit_for(run.id);
  settings.count_removals = false;
  PlanEnd end;
  end.run = std::move(run);
  PlanKeeper::Step step{.note = [](const DirectoryReport&) {},
                        .progress = [](std::uint64_t, std::uint64_t) {}};
  auto done =
      co_await plans_.carry_out(std::move(plan), std::move(settings), std::move(end), std::move(step));
  co_return done;
}

}  // namespace gatehouse
