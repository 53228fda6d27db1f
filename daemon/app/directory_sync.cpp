#include "daemon/app/directory_sync.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "daemon/app/directory_pass.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {
DirectorySync::DirectorySync(Integration integration, Mapping mapping, Parts parts)
    : settings_(std::move(integration)),
      id_(settings_.id),
      mapping_(std::move(mapping)),
      parts_(std::move(parts)),
      plans_(id_, parts_.plans, parts_.clock, parts_.news) {}

DirectorySync::~DirectorySync() = default;

Task<Result<void>> DirectorySync::load() {
  auto records = co_await parts_.store.load_index(id_);
  if (!records) co_return within("load what is known of " + id_.value(), records.error());
  auto complete = co_await parts_.store.last_complete_run(id_);
  if (!complete) co_return within("load the last run of " + id_.value(), complete.error());
  auto full = co_await parts_.store.last_full_run(id_);
  if (!full) co_return within("load the last full run of " + id_.value(), full.error());
  auto shape = co_await parts_.store.last_mapping(id_);
  if (!shape) co_return within("load the last mapping of " + id_.value(), shape.error());
  auto issues = co_await parts_.issues.open_issues(id_);
  if (!issues) co_return within("load the open issues of " + id_.value(), issues.error());
  index_ = RecordIndex(std::move(*records));
  open_issues_ = std::move(*issues);
  // Without a mapping the mirror was never completed, or was forgotten with the integration since.
  last_complete_ = *shape ? std::move(*complete) : std::nullopt;
  last_full_ = *shape ? std::move(*full) : std::nullopt;
  last_shape_ = *shape;
  quiet_.reset();
  registry_.doubt();
  co_return Result<void>{};
}

Task<Result<PassReport>> DirectorySync::run(PassAsk ask) {
  index_.merge();  // what a pass that failed half-way still committed
  ask.full = ask.full || unsure_;
  auto tombstones = co_await parts_.people.tombstones();
  if (!tombstones) co_return within("read who was erased", tombstones.error());
  Passing pass(std::move(ask), {index_, mapping_, std::move(*tombstones), id_});
  auto& run = pass.report.run;
  run.id = RunId(parts_.clock.new_id());
  run.integration = id_;
  run.trigger = last_complete_ ? pass.ask.trigger : Trigger::first;
  run.phase = "importing";
  run.started = parts_.clock.now();
  auto begun = co_await begin(pass);
  if (!begun) co_return begun.error();
  auto read_whole = co_await read(pass);
  if (!read_whole) co_return read_whole.error();
  read_end_ = parts_.clock.uptime();
  if (pass.repeats) {
    failing_ = false;
    auto report = co_await finish(pass);
    co_return report;
  }
  quiet_.reset();
  // From the look at who is there to the last that is written of it.
  const auto turn = co_await parts_.turn.take();
  auto judged = co_await judge(pass);
  if (!judged) co_return judged.error();
  auto report = co_await conclude(pass);
  if (report) failing_ = false;
  co_return report;
}

/// Whether the same people as in the last pass would again need nothing. Every so often they are looked at
/// all the same, for what operators have said meanwhile.
Task<Result<bool>> DirectorySync::may_repeat(const PassAsk& ask) {
  constexpr Duration repeats_for = std::chrono::minutes(1);
  const bool plain =
      ask.trigger == Trigger::continuous && !ask.full && !ask.dry_run && !ask.apply && !ask.other_doors;
  if (!plain || !quiet_ || parts_.clock.uptime() - quiet_->at >= repeats_for) co_return false;
  auto erased = co_await overdue();
  if (!erased) co_return erased.error();
  co_return erased->empty();
}

/// Nothing was to be done, and nothing waits for anybody.
bool DirectorySync::was_quiet(const Passing& pass) const {
  const auto& snapshot = pass.snapshot;
  return snapshot.changed().size() == 0 && snapshot.erased().empty() && pass.gone.empty() &&
         pass.leaving.empty() && open_issues_.empty() && !issues_unsure_ && pass.report.withheld == 0;
}

/// A run that somebody waits for has its row from the beginning, so that one that a crash interrupts is in
/// the journal.
Task<Result<void>> DirectorySync::begin(Passing& pass) {
  applied_ = {};
  read_end_.reset();
  begun_.reset();
  const bool writes = !computes_only(pass) && !pass.ask.apply;
  if (pass.ask.trigger == Trigger::continuous || !writes) co_return Result<void>{};
  auto saved = co_await parts_.store.save_run(pass.report.run, false);
  if (!saved) co_return within("begin the run", saved.error());
  begun_ = pass.report.run.id;
  co_return Result<void>{};
}

Task<void> DirectorySync::tell_failure(Trigger trigger, Instant started, Error error) {
  const bool first_of_a_row = !std::exchange(failing_, true);
  if (trigger == Trigger::continuous && !first_of_a_row) co_return;
  SyncRun run;
  run.id = begun_ ? *begun_ : RunId(parts_.clock.new_id());
  run.integration = id_;
  run.trigger = trigger;
  run.phase = "done";
  run.outcome = applied_.anything() ? "partial" : "failed";
  run.counts = applied_;
  run.started = started;
  run.finished = parts_.clock.now();
  run.detail = error.detail;
  auto saved = co_await parts_.store.save_run(std::move(run), true);
  // Where not even this can be written, the status of the integration tells it.
  if (saved) parts_.news();
}

// --- from the source to a judgement

Task<Result<void>> DirectorySync::read(Passing& pass) {
  progress("importing", 0, 0);
  PeopleQuery query{.fields = mapping_.fields,
                    .access_levels = mapping_.rules.group_by == GroupBy::access_level};
  auto may_be_known = co_await may_repeat(pass.ask);
  if (!may_be_known) co_return may_be_known.error();
  if (*may_be_known) query.known = quiet_->mark;
  auto read = co_await parts_.source.read_people(std::move(query), pass.snapshot);
  if (!read) co_return within("read the people", read.error());
  pass.repeats = read->repeats;
  pass.mark = std::move(read->mark);
  pass.report.run.counts.seen = pass.repeats ? quiet_->seen : read->seen;
  pass.report.took = read->took;
  if (pass.report.run.counts.seen == 0 && index_.present() != 0) {
    co_return Error{Errc::incomplete, "the source answered with an empty list of people where there were " +
                                          std::to_string(index_.present()) + ": nothing was changed"};
  }
  pass.same_mapping = !last_shape_ || *last_shape_ == mapping_.shape;
  if (parts_.after_read) {
    auto same = co_await parts_.after_read();
    if (!same) co_return same.error();
  }
  if (pass.repeats) co_return Result<void>{};
  // Where nothing was ever taken over nobody can be confused with anybody. Under another mapping all names
  // may read differently without anybody being somebody else.
  const auto& met = pass.snapshot.met();
  const bool known = last_complete_ || met.people != 0;
  // Nobody puts another server behind a feed, and among few of its people everybody may change in a day.
  constexpr std::size_t few_of_a_feed = 5;
  const bool enough = settings_.kind == IntegrationKind::net2 || met.records >= few_of_a_feed;
  const bool strangers = pass.same_mapping && enough && are_strangers(met);
  const bool vouched_for = pass.same_mapping && are_the_same(met);
  pass.other_server = known && (strangers || (pass.ask.other_doors && !vouched_for));
  pass.report.same_source = !pass.other_server;
  co_return Result<void>{};
}

Task<Result<void>> DirectorySync::judge(Passing& pass) {
  progress("validating", 0, pass.snapshot.changed().size());
  auto word = co_await parts_.issues.operator_word(id_);
  if (!word) co_return within("read what operators have decided", word.error());
  pass.word = std::move(*word);
  RegistryCopy::About about{.integration = id_,
                            .changed = pass.snapshot.changed(),
                            .index = index_,
                            .mapping = mapping_,
                            .word = pass.word};
  auto read = co_await registry_.read_for(std::move(about), parts_.people, parts_.worker);
  if (!read) co_return read.error();
  pass.evidence.emplace(Evidence{.integration = settings_,
                                 .mapping = mapping_,
                                 .index = index_,
                                 .seen = pass.snapshot.seen(),
                                 .changed = pass.snapshot.changed(),
                                 .registry = registry_.entries(),
                                 .word = pass.word,
                                 .now = parts_.clock.now(),
                                 .same_mapping = pass.same_mapping,
                                 .other_server = pass.other_server});
  const std::function<void()> work = [&pass] { pass.evaluation = evaluate(*pass.evidence); };
  co_await on_worker(parts_.worker, work);
  find_removals(pass);
  pass.report.run.counts.errors = pass.evaluation.errors;
  pass.report.run.counts.duplicates = pass.evaluation.duplicates;
  co_return Result<void>{};
}

/// Who was there and is not, and who has left the groups that are mapped.
void DirectorySync::find_removals(Passing& pass) const {
  const auto& evaluation = pass.evaluation;
  const std::unordered_set<std::int64_t> held(evaluation.held_back.begin(), evaluation.held_back.end());
  for (std::size_t i = 0; i < index_.size(); ++i) {
    const auto& known = index_.at(i);
    if (!known.present || pass.snapshot.seen()[i] || held.contains(known.number)) continue;
    pass.gone.push_back({.record = known.number, .why = std::nullopt});
  }
  for (const auto& verdict : evaluation.verdicts) {
    if (!verdict.leaves) continue;
    const auto number = pass.snapshot.changed().at(verdict.place).number;
    const auto& known = index_.at(*index_.find(number));
    if (!known.present || known.skip == SkipReason::group_not_mapped) continue;  // lost it already
    pass.leaving.push_back({.record = number, .why = SkipReason::group_not_mapped});
  }
}

bool DirectorySync::computes_only(const Passing& pass) const {
  return pass.ask.dry_run || settings_.mode == IntegrationMode::staging ||
         mapping_.rules.import == ImportMode::dry_run;
}

PlanKind DirectorySync::kind_due(const Passing& pass) const {
  if (pass.other_server) return PlanKind::mapping_change;
  if (!last_complete_) {
    return mapping_.rules.first == FirstSync::confirm ? PlanKind::first_sync : PlanKind::guard;
  }
  return pass.same_mapping ? PlanKind::guard : PlanKind::mapping_change;
}

// --- from a judgement to the registry

Task<Result<PassReport>> DirectorySync::conclude(Passing& pass) {
  if (computes_only(pass)) {
    auto report = co_await compute_only(pass);
    co_return report;
  }
  auto told = co_await tell_issues(pass, IssuesOf::snapshot);
  if (!told) co_return told.error();
  if (pass.ask.apply) {
    auto report = co_await confirm(pass);
    co_return report;
  }
  const auto due = kind_due(pass);
  if (due == PlanKind::first_sync) {
    auto report = co_await draft(pass);
    co_return report;
  }
  if (due == PlanKind::mapping_change) {
    auto waits = co_await waits_for_plan(pass);
    if (!waits) co_return waits.error();
    if (*waits) co_return std::move(pass.report);
    // The new mapping changes nothing for anybody: it is taken over as it is.
  }
  auto report = co_await apply_all(pass);
  co_return report;
}

Task<Result<PassReport>> DirectorySync::apply_all(Passing& pass) {
  auto taken_back = co_await plans_.drop({PlanKind::first_sync, PlanKind::mapping_change});
  if (!taken_back) co_return taken_back.error();
  if (!pass.gone.empty() || !pass.leaving.empty()) {
    auto present = co_await parts_.store.people_present(id_);
    if (!present) co_return within("count who is present", present.error());
    pass.people = *present;
  }
  unsure_ = true;
  FateQueue changes(pass, FateQueue::Which::changes);
  auto changed = co_await apply_fates(pass, changes);
  if (!changed) co_return within("apply the changes", changed.error());
  index_.merge();
  auto removed = co_await apply_removals(pass);
  if (!removed) co_return within("apply the removals", removed.error());
  auto erased = co_await erase_overdue(pass);
  if (!erased) co_return within("remove those who left long ago", erased.error());
  auto forgotten = co_await forget_spent_words(pass);
  if (!forgotten) co_return forgotten.error();
  auto told = co_await tell_issues(pass, IssuesOf::both_sides);
  if (!told) co_return told.error();
  auto report = co_await finish(pass);
  co_return report;
}

Task<Result<void>> DirectorySync::apply_fates(Passing& pass, FateQueue& fates) {
  for (;;) {
    auto commit = commit_for(pass.report.run.id);
    commit.fates = co_await fates.next(parts_.worker);
    if (commit.fates.empty()) break;
    auto applied = co_await apply(pass, std::move(commit));
    if (!applied) co_return applied.error();
    progress("applying", fates.done(), fates.size());
  }
  co_return Result<void>{};
}

Task<Result<bool>> DirectorySync::guard_holds(Passing& pass, std::uint64_t removals) {
  if (removals == 0) co_return false;
  const auto& guard = mapping_.rules.guard;
  auto already = co_await parts_.store.removals_since(id_, parts_.clock.now() - guard.window);
  if (!already) co_return already.error();
  const RemovalAsk ask{.wanted = removals, .already = *already, .present_at_begin = pass.people + *already};
  co_return guard_trips(ask, guard);
}

Task<Result<void>> DirectorySync::apply_removals(Passing& pass) {
  auto losers = co_await who_loses_access(pass);
  if (!losers) co_return losers.error();
  auto held = co_await guard_holds(pass, losers->size());
  if (!held) co_return held.error();
  if (*held) {
    pass.report.withheld = losers->size();
    pass.report.end = PassEnd::guarded;
    auto plan = co_await keep_plan(pass, PlanKind::guard);
    if (!plan) co_return plan.error();
    pass.report.plan = std::move(*plan);
  } else {
    auto dropped = co_await plans_.drop({PlanKind::guard});
    if (!dropped) co_return dropped.error();
    FateQueue leaving(pass, FateQueue::Which::leaving);
    auto left = co_await apply_fates(pass, leaving);
    if (!left) co_return left.error();
  }
  auto removals = pass.gone;
  if (*held) {
    std::ranges::copy_if(pass.leaving, std::back_inserter(removals),
                         [&](const Departure& leaver) { return losers->contains(leaver.record); });
  }
  for (std::size_t from = 0; from < removals.size(); from += commit_size) {
    const auto until = std::min(from + commit_size, removals.size());
    auto commit = commit_for(pass.report.run.id);
    for (std::size_t i = from; i < until; ++i) {
      // One that takes access from nobody needs no guard.
      if (*held && losers->contains(removals[i].record))
        commit.withheld.push_back(removals[i].record);
      else
        commit.gone.push_back(removals[i]);
    }
    auto applied = co_await apply(pass, std::move(commit));
    if (!applied) co_return applied.error();
  }
  co_return Result<void>{};
}

/// Whose second step of on_removed: delete is due.
Task<Result<std::vector<std::int64_t>>> DirectorySync::overdue() {
  using Records = std::vector<std::int64_t>;
  if (mapping_.rules.on_removed != OnRemoved::erase) co_return Records();
  // Whoever has just left is long gone by a clock that has jumped.
  if (parts_.clock.quality() != ClockQuality::ok) co_return Records();
  auto gone = co_await parts_.store.gone_before(id_, parts_.clock.now() - mapping_.rules.delete_after);
  co_return gone;
}

Task<Result<void>> DirectorySync::erase_overdue(Passing& pass) {
  for (;;) {
    auto records = co_await overdue();
    if (!records) co_return records.error();
    if (records->empty()) break;
    auto commit = commit_for(pass.report.run.id);
    commit.erased = std::move(*records);
    auto applied = co_await apply(pass, std::move(commit));
    if (!applied) co_return applied.error();
  }
  co_return Result<void>{};
}

Task<Result<void>> DirectorySync::apply(Passing& pass, DirectoryCommit commit) {
  auto report = co_await parts_.store.apply(std::move(commit));
  if (!report) co_return report.error();
  report->counts.errors = 0;  // they are the evaluation's, and counted there
  pass.report.run.counts += report->counts;
  applied_ += report->counts;
  index_.note(report->records);
  index_.forget(report->forgotten);
  pass.found.insert(pass.found.end(), report->issues.begin(), report->issues.end());
  parts_.news();
  co_return Result<void>{};
}

Task<Result<PassReport>> DirectorySync::finish(Passing& pass) {
  auto& report = pass.report;
  auto& run = report.run;
  run.phase = "done";
  run.outcome = "complete";
  if (!open_issues_.empty()) run.outcome = "completed_with_issues";
  if (report.withheld != 0) run.outcome = "guarded";
  run.finished = parts_.clock.now();
  const bool quiet = run.trigger == Trigger::continuous && !run.counts.anything() && !report.issues_changed;
  if (!quiet) {
    auto saved = co_await parts_.store.save_run(run, true);
    if (!saved) co_return within("save the run", saved.error());
    parts_.news();
  }
  if (last_shape_ != mapping_.shape) {
    auto saved = co_await parts_.store.save_mapping(id_, mapping_.shape);
    if (!saved) co_return within("keep the mapping", saved.error());
    last_shape_ = mapping_.shape;
  }
  last_complete_ = run;
  if (run.trigger != Trigger::continuous) last_full_ = run;
  told_draft_.clear();
  unsure_ = false;
  if (!pass.repeats && !pass.mark.empty() && was_quiet(pass))
    quiet_ = Quiet{.mark = std::move(pass.mark), .seen = run.counts.seen, .at = parts_.clock.uptime()};
  co_return std::move(report);
}

DirectoryCommit DirectorySync::commit_for(const RunId& run) const {
  DirectoryCommit commit;
  commit.integration = id_;
  commit.badge = settings_.name;
  commit.kind = settings_.kind == IntegrationKind::feed ? SourceKind::feed : SourceKind::net2;
  commit.authority = mapping_.rules.authority;
  commit.on_removed = mapping_.rules.on_removed;
  commit.run = run;
  return commit;
}

void DirectorySync::progress(std::string_view phase, std::uint64_t done, std::uint64_t all) const {
  if (parts_.progress) parts_.progress(phase, done, all);
}

}  // namespace gatehouse
