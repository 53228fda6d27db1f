#include "daemon/app/roster_sync.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/app/on_worker.hpp"
#include "daemon/app/roster_removals.hpp"
#include "daemon/core/guard.hpp"
#include "daemon/core/roster_rules.hpp"

namespace gatehouse {
namespace {

/// Only an operator, or another roster, changes that.
bool was_left_aside(const IndexedRecord& record) {
  if (!record.skip) return false;
  switch (*record.skip) {
    case SkipReason::missing_required_field:
    case SkipReason::invalid_email:
    case SkipReason::duplicate_pending:
    case SkipReason::ambiguous_match:
    case SkipReason::identity_changed:
      return true;
    default:
      return false;
  }
}

void sort_out(std::vector<std::int64_t>& numbers) {
  std::ranges::sort(numbers);
  const auto same = std::ranges::unique(numbers);
  numbers.erase(same.begin(), same.end());
}

}  // namespace

RosterSync::RosterSync(RosterRules rules, Parts parts)
    : rules_(std::move(rules)),
      parts_(std::move(parts)),
      plans_(cloud_integration_id, parts_.plans, parts_.clock, parts_.news) {}

void RosterSync::use(RosterRules rules) {
  rules_ = std::move(rules);
  registry_.doubt();
}

// --- what is known

Task<Result<void>> RosterSync::load() {
  const auto turn = co_await parts_.turn.take();
  auto loaded = co_await load_in_turn();
  co_return loaded;
}

Task<Result<void>> RosterSync::load_in_turn() {
  loaded_ = false;
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return within("look for plans", live.error());
  for (const auto& plan : *live) {
    const bool ours = plan.integration == cloud_integration_id && plan.kind == PlanKind::roster &&
                      plan.state == PlanState::applying;
    if (!ours) continue;
    auto done = co_await carry_out(plan);
    if (!done) co_return done.error();
  }
  auto records = co_await parts_.directory.load_index(cloud_integration_id);
  if (!records) co_return within("load what is known of the cloud's people", records.error());
  auto issues = co_await parts_.issues.open_issues(cloud_integration_id);
  if (!issues) co_return within("load the open issues of the cloud's people", issues.error());
  auto seed = co_await parts_.directory.last_mapping(cloud_integration_id);
  if (!seed) co_return within("load the last rules of the roster", seed.error());
  index_ = RecordIndex(std::move(*records));
  open_issues_ = std::move(*issues);
  last_seed_ = *seed;
  registry_.doubt();
  unsettle();
  auto kept = co_await keep_plan();
  if (!kept) co_return kept.error();
  loaded_ = true;
  co_return Result<void>{};
}

bool RosterSync::needs_all() const {
  if (last_seed_ && *last_seed_ != rules_.mapping.seed) return true;
  for (std::size_t i = 0; i < index_.size(); ++i) {
    const auto& known = index_.at(i);
    // Of a withheld removal the cloud has nothing more to say.
    const bool coupled_again = known.fingerprint == 0 && known.skip != SkipReason::decoupled &&
                               known.skip != SkipReason::guard_withheld && known.skip != SkipReason::erased;
    if (known.present && (was_left_aside(known) || coupled_again) && !held_.contains(known.number))
      return true;
  }
  return false;
}

/// Removals that the guard has held back, or that an operator has to look at first: the mirror remembers
/// them, for the cloud says such a thing once.
std::vector<std::int64_t> RosterSync::pending() const {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < index_.size(); ++i) {
    const auto& known = index_.at(i);
    if (known.present && known.skip == SkipReason::guard_withheld) numbers.push_back(known.number);
  }
  return numbers;  // the index is sorted
}

/// Those of them that only a plan may carry out. The others were held back for an operator, who may have
/// looked by now, or were removed while decoupled: they are coupled again.
std::vector<std::int64_t> RosterSync::awaiting_plan() const {
  auto numbers = pending();
  std::erase_if(numbers, [&](std::int64_t number) {
    return std::ranges::binary_search(held_back_, number) || index_.at(*index_.find(number)).fingerprint == 0;
  });
  return numbers;
}

DirectoryCommit RosterSync::commit_for(const RunId& run) const {
  DirectoryCommit commit;
  commit.integration = cloud_integration_id;
  commit.badge = rules_.cloud.name;
  commit.kind = SourceKind::cloud;
  commit.run = run;
  commit.rulers = rules_.rulers;
  return commit;
}

// --- from what came to a judgement

Task<Result<RosterOutcome>> RosterSync::take(RosterNews news, Finish finish) {
  const auto turn = co_await parts_.turn.take();
  if (!loaded_) {
    auto known = co_await load_in_turn();
    if (!known) co_return known.error();
  }
  index_.merge();
  PassAsk ask;
  ask.trigger = Trigger::cloud;
  ask.full = !news.whole;
  auto tombstones = co_await parts_.people.tombstones();
  if (!tombstones) co_return within("read who was erased", tombstones.error());
  Passing pass(std::move(ask), KnownBefore{.index = index_,
                                           .mapping = rules_.mapping,
                                           .tombstones = std::move(*tombstones),
                                           .integration = cloud_integration_id});
  auto& run = pass.report.run;
  run.id = RunId(parts_.clock.new_id());
  run.integration = cloud_integration_id;
  run.trigger = Trigger::cloud;
  run.phase = "applying";
  run.started = parts_.clock.now();
  run.counts.seen = news.people.size();
  const bool whole = news.whole;
  auto waiting = awaiting_plan();  // before the judgement says who is held back now
  auto judged = co_await judge(pass, news);
  if (!judged) co_return judged.error();
  auto told = co_await tell_issues(pass, false);
  if (!told) co_return told.error();
  auto& commit_now = news.commit;
  commit_now.directory = commit_for(run.id);
  auto decided = co_await decide_removals(pass, commit_now.directory, std::move(waiting));
  if (!decided) co_return decided.error();
  commit_now.replace_visits = whole;
  RosterOutcome outcome;
  outcome.withheld = pass.report.withheld;
  outcome.open_issues = open_issues_.size();
  if (finish) finish(commit_now, outcome);
  auto committed = co_await commit(pass, std::move(commit_now));
  if (!committed) co_return committed.error();
  // It has happened: trouble from here on is put right by the next call, which reads everything again.
  if (whole) {
    auto saved = co_await parts_.directory.save_mapping(cloud_integration_id, rules_.mapping.seed);
    if (saved) last_seed_ = rules_.mapping.seed;
  }
  auto concluded = co_await conclude(pass);
  if (!concluded) loaded_ = false;
  outcome.open_issues = open_issues_.size();
  outcome.withheld = withheld();
  outcome.counts = run.counts;
  outcome.issues_changed = pass.report.issues_changed;
  co_return outcome;
}

/// Into the pass: what came, what is held, and of all others that they are there still.
void RosterSync::gather(Passing& pass, RosterNews& news) {
  std::vector<std::int64_t> came;
  auto taken = news.people.take();
  while (taken) {
    if (!news.whole) came.push_back(taken->number);
    pass.snapshot.take(std::move(*taken));
    taken = news.people.take();
  }
  if (news.whole) return;
  sort_out(came);
  sort_out(news.removed);
  const auto has = [](const std::vector<std::int64_t>& sorted, std::int64_t number) {
    return std::ranges::binary_search(sorted, number);
  };
  for (const auto& [number, record] : held_) {
    if (!has(came, number) && !has(news.removed, number)) pass.snapshot.take(SourceRecord(record));
  }
  auto absent = pending();
  std::erase_if(absent, [&](std::int64_t number) { return has(came, number); });
  absent.insert(absent.end(), news.removed.begin(), news.removed.end());
  sort_out(absent);
  pass.snapshot.see_all_but(absent);
}

Task<Result<void>> RosterSync::judge(Passing& pass, RosterNews& news) {
  const std::function<void()> gathering = [&] { gather(pass, news); };
  co_await on_worker(parts_.worker, gathering);
  auto word = co_await parts_.issues.operator_word(cloud_integration_id);
  if (!word) co_return within("read what operators have decided", word.error());
  pass.word = std::move(*word);
  RegistryCopy::About about{.integration = cloud_integration_id,
                            .changed = pass.snapshot.changed(),
                            .index = index_,
                            .mapping = rules_.mapping,
                            .word = pass.word};
  auto read = co_await registry_.read_for(std::move(about), parts_.people, parts_.worker);
  if (!read) co_return read.error();
  pass.evidence.emplace(Evidence{.integration = rules_.cloud,
                                 .mapping = rules_.mapping,
                                 .index = index_,
                                 .seen = pass.snapshot.seen(),
                                 .changed = pass.snapshot.changed(),
                                 .registry = registry_.entries(),
                                 .word = pass.word,
                                 .now = parts_.clock.now(),
                                 .same_mapping = true,
                                 .other_server = false});
  const std::function<void()> judging = [&] {
    pass.evaluation = evaluate(*pass.evidence);
    // There is no mapping that somebody could have got wrong.
    std::erase_if(pass.evaluation.issues,
                  [](const Issue& issue) { return issue.reason == IssueReason::field_map_suspect; });
    find_removals(pass);
  };
  co_await on_worker(parts_.worker, judging);
  held_back_ = pass.evaluation.held_back;
  sort_out(held_back_);
  pass.report.run.counts.errors = pass.evaluation.errors;
  pass.report.run.counts.duplicates = pass.evaluation.duplicates;
  looked_at_.clear();
  for (const auto& gone : pass.gone) looked_at_.push_back(gone.record);
  pass.snapshot.changed().for_each(
      [&](const SourceRecord& record, RecordPack::Place) { looked_at_.push_back(record.number); });
  looked_at_whole_ = news.whole;
  sort_out(looked_at_);
  co_return Result<void>{};
}

/// Who is not there any more, and whose home is at a site that is not known here.
void RosterSync::find_removals(Passing& pass) const {
  for (std::size_t i = 0; i < index_.size(); ++i) {
    const auto& known = index_.at(i);
    if (!known.present || pass.snapshot.seen()[i]) continue;
    pass.gone.push_back({.record = known.number, .why = std::nullopt});
  }
  for (auto& verdict : pass.evaluation.verdicts) {
    if (verdict.skip) continue;
    const auto record = pass.snapshot.changed().at(verdict.place);
    const auto at = index_.find(record.number);
    if (!at || !index_.at(*at).imported) continue;
    if (map_record(record, rules_.mapping).fate.skip != SkipReason::no_site) continue;
    verdict.leaves = true;
    const bool lost_already = !index_.at(*at).present || index_.at(*at).skip == SkipReason::no_site;
    if (!lost_already) pass.leaving.push_back({.record = record.number, .why = SkipReason::no_site});
  }
}

Task<Result<std::vector<std::int64_t>>> RosterSync::who_loses_access(std::vector<Departure> removals) {
  std::vector<std::int64_t> records;
  RosterRemovals listing(parts_.directory, commit_for(RunId()), std::move(removals));
  for (;;) {
    auto changes = co_await listing.next();
    if (!changes) co_return changes.error();
    if (changes->empty()) break;
    for (const auto& change : *changes) records.push_back(change.record);
  }
  sort_out(records);
  co_return records;
}

/// All fates, and the removals that the guard lets through. The others are marked, and are the plan's. Those
/// of `waiting` (sorted) stay the plan's, whatever the guard says now, and count for it.
Task<Result<void>> RosterSync::decide_removals(Passing& pass, DirectoryCommit& commit,
                                               std::vector<std::int64_t> waiting) {
  FateQueue changes(pass, FateQueue::Which::changes);
  for (;;) {
    auto fates = co_await changes.next(parts_.worker);
    if (fates.empty()) break;
    std::ranges::move(fates, std::back_inserter(commit.fates));
  }
  std::vector<Departure> removals;
  for (const auto& gone : pass.gone) {
    if (std::ranges::binary_search(held_back_, gone.record))
      commit.withheld.push_back(gone.record);
    else
      removals.push_back(gone);
  }
  const auto leavers_from = removals.size();
  removals.insert(removals.end(), pass.leaving.begin(), pass.leaving.end());
  auto losers = co_await who_loses_access(removals);
  if (!losers) co_return losers.error();
  bool held = false;
  if (!losers->empty()) {
    auto present = co_await parts_.directory.people_present(cloud_integration_id);
    if (!present) co_return within("count who is present", present.error());
    const auto& guard = rules_.cloud.sync.guard;
    auto already =
        co_await parts_.directory.removals_since(cloud_integration_id, parts_.clock.now() - guard.window);
    if (!already) co_return within("count who was removed", already.error());
    const RemovalAsk ask{
        .wanted = losers->size(), .already = *already, .present_at_begin = *present + *already};
    held = guard_trips(ask, guard);
  }
  const auto withheld = [&](std::int64_t record) {
    // One that takes access from nobody needs no guard.
    return std::ranges::binary_search(*losers, record) &&
           (held || std::ranges::binary_search(waiting, record));
  };
  if (!held) {
    FateQueue leaving(pass, FateQueue::Which::leaving);
    for (;;) {
      auto fates = co_await leaving.next(parts_.worker);
      if (fates.empty()) break;
      std::erase_if(fates, [&](const RecordFate& fate) { return withheld(fate.number); });
      std::ranges::move(fates, std::back_inserter(commit.fates));
    }
  }
  for (std::size_t i = 0; i < removals.size(); ++i) {
    if (withheld(removals[i].record)) {
      commit.withheld.push_back(removals[i].record);
      ++pass.report.withheld;
    } else if (held || i < leavers_from) {
      commit.gone.push_back(removals[i]);
    }
  }
  co_return Result<void>{};
}

// --- from a judgement to the registry

Task<Result<void>> RosterSync::commit(Passing& pass, RosterCommit commit) {
  const auto& directory = commit.directory;
  const bool nothing = directory.fates.empty() && directory.gone.empty() && directory.withheld.empty() &&
                       commit.visits.empty() && !commit.command && commit.proved == Instant{};
  if (nothing) co_return Result<void>{};  // a second look that has found nothing
  auto report = co_await parts_.roster.apply_roster(std::move(commit));
  if (!report) {
    // Perhaps it has happened and only the answer was lost.
    loaded_ = false;
    co_return report.error();
  }
  report->counts.errors = 0;  // they are the evaluation's, and counted there
  pass.report.run.counts += report->counts;
  index_.note(report->records);
  index_.merge();
  index_.forget(report->forgotten);
  pass.found = std::move(report->issues);
  parts_.news();
  co_return Result<void>{};
}

Task<Result<void>> RosterSync::conclude(Passing& pass) {
  auto told = co_await tell_issues(pass, true);
  if (!told) co_return told.error();
  hold_on(pass);
  auto forgotten = co_await forget_spent_words(pass);
  if (!forgotten) co_return forgotten.error();
  auto kept = co_await keep_plan();
  if (!kept) co_return kept.error();
  auto& run = pass.report.run;
  if (!run.counts.anything() && !pass.report.issues_changed) co_return Result<void>{};
  run.phase = "done";
  run.outcome = open_issues_.empty() ? "complete" : "completed_with_issues";
  if (withheld() != 0) run.outcome = "guarded";
  run.finished = parts_.clock.now();
  auto saved = co_await parts_.directory.save_run(run, true);
  if (!saved) co_return within("save the run", saved.error());
  parts_.news();
  co_return Result<void>{};
}

}  // namespace gatehouse
