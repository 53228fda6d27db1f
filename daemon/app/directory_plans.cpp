// The part of a pass that stops at a plan: first sync, changed mapping, another server, withheld removals.

#include <algorithm>

#include "daemon/app/directory_pass.hpp"
#include "daemon/app/directory_sync.hpp"

namespace gatehouse {
namespace {

constexpr Duration plan_life = std::chrono::hours(24);  ///< each pass that finds the same renews it

void count_change(SyncCounts& counts, PlanOp op) {
  counts.added += op == PlanOp::add ? 1 : 0;
  counts.updated += op == PlanOp::update || op == PlanOp::link ? 1 : 0;
  counts.disabled += op == PlanOp::disable ? 1 : 0;
  counts.removed += op == PlanOp::remove ? 1 : 0;
}

std::string what_is_open(const SyncCounts& counts) {
  return std::to_string(counts.errors) + '/' + std::to_string(counts.duplicates);
}

}  // namespace

/// What a plan of a kind lists, as the store would do it now.
class DirectorySync::PassListing final : public PlanKeeper::Listing {
 public:
  PassListing(const DirectorySync& sync, const Passing& pass, PlanKind kind)
      : sync_(sync), pass_(pass), kind_(kind) {
    removals_ = pass.gone;
    removals_.insert(removals_.end(), pass.leaving.begin(), pass.leaving.end());
    if (kind_ != PlanKind::guard) leave_out_relinked();
    rewind();
  }

  void rewind() override {
    fates_.emplace(pass_, FateQueue::Which::clean);
    removals_done_ = 0;
  }

  Task<Result<std::vector<PlanChange>>> next() override {
    for (;;) {
      auto commit = sync_.commit_for(pass_.report.run.id);
      if (kind_ != PlanKind::guard) commit.fates = co_await fates_->next(sync_.parts_.worker);
      if (commit.fates.empty()) {
        const auto until = std::min(removals_done_ + commit_size, removals_.size());
        commit.gone.assign(removals_.begin() + static_cast<std::ptrdiff_t>(removals_done_),
                           removals_.begin() + static_cast<std::ptrdiff_t>(until));
        removals_done_ = until;
      }
      if (commit.fates.empty() && commit.gone.empty()) co_return std::vector<PlanChange>{};
      auto changes = co_await sync_.parts_.store.preview(std::move(commit));
      if (!changes) co_return within("see what would change", changes.error());
      if (!changes->empty()) co_return changes;
    }
  }

 private:
  /// Their persons go on under the ids that the same plan gives them, and lose nothing.
  void leave_out_relinked() {
    std::set<std::int64_t> former;
    for (const auto& link : pass_.evaluation.links) {
      if (link.rule == LinkRule::relinked && link.other_record) former.insert(*link.other_record);
    }
    std::erase_if(removals_, [&](const Departure& gone) { return former.contains(gone.record); });
  }

  const DirectorySync& sync_;
  const Passing& pass_;
  const PlanKind kind_;
  std::optional<FateQueue> fates_;
  std::vector<Departure> removals_;
  std::size_t removals_done_ = 0;
};

/// By the rules that would apply the removals: some of them take access from nobody.
Task<Result<std::set<std::int64_t>>> DirectorySync::who_loses_access(Passing& pass) {
  std::set<std::int64_t> records;
  PassListing listing(*this, pass, PlanKind::guard);
  for (;;) {
    auto changes = co_await listing.next();
    if (!changes) co_return changes.error();
    if (changes->empty()) break;
    for (const auto& change : *changes) records.insert(change.record);
  }
  co_return records;
}

Task<Result<PassReport>> DirectorySync::compute_only(Passing& pass) {
  auto& report = pass.report;
  report.end = PassEnd::computed_only;
  report.run.phase = "done";
  PassListing listing(*this, pass, PlanKind::mapping_change);
  for (;;) {
    auto changes = co_await listing.next();
    if (!changes) co_return changes.error();
    if (changes->empty()) break;
    for (auto& change : *changes) {
      count_change(report.run.counts, change.op);
      if (pass.ask.dry_run) report.changes.push_back(std::move(change));
    }
  }
  auto present = co_await parts_.store.people_present(id_);
  if (!present) co_return within("count who is present", present.error());
  pass.people = *present;
  auto losers = co_await who_loses_access(pass);
  if (!losers) co_return losers.error();
  auto held = co_await guard_holds(pass, losers->size());
  if (!held) co_return held.error();
  if (*held) report.withheld = losers->size();
  report.run.finished = parts_.clock.now();
  co_return std::move(report);
}

Task<Result<std::optional<Plan>>> DirectorySync::keep_plan(Passing& pass, PlanKind kind) {
  PassListing listing(*this, pass, kind);
  Plan wanted;
  wanted.kind = kind;
  wanted.basis = mapping_.shape;
  wanted.run = pass.report.run.id;
  // Another server waits for somebody's word even where that would change nothing for anybody.
  const bool empty_too = kind == PlanKind::first_sync || (pass.other_server && pass.ask.other_doors);
  auto plan = co_await plans_.keep(std::move(wanted), listing, plan_life, empty_too);
  co_return plan;
}

Task<Result<PassReport>> DirectorySync::draft(Passing& pass) {
  auto& report = pass.report;
  report.end = PassEnd::draft;
  report.run.outcome = "draft";
  FateQueue skips(pass, FateQueue::Which::skips);
  auto noted = co_await apply_fates(pass, skips);
  if (!noted) co_return within("note what was left out", noted.error());
  unsettle();
  const auto& counts = report.run.counts;
  if (counts.errors + counts.duplicates != 0) {
    report.run.phase = counts.errors != 0 ? "errors" : "duplicates";
    auto dropped = co_await plans_.drop({PlanKind::first_sync});
    if (!dropped) co_return dropped.error();
  } else {
    report.run.phase = "review";
    auto plan = co_await keep_plan(pass, PlanKind::first_sync);
    if (!plan) co_return plan.error();
    report.plan = std::move(*plan);
  }
  auto told = co_await tell_once(
      pass, report.run.phase + (report.plan ? report.plan->token : std::string()) + what_is_open(counts));
  if (!told) co_return told.error();
  co_return std::move(report);
}

/// A changed mapping, or another server: false where that changes nothing for anybody, and there is no doubt
/// left whose people these are.
Task<Result<bool>> DirectorySync::waits_for_plan(Passing& pass) {
  auto& report = pass.report;
  auto plan = co_await keep_plan(pass, PlanKind::mapping_change);
  if (!plan) co_return plan.error();
  // What does not fail any more changes people: a plan lists them then.
  const bool failing = !pass.same_mapping && pass.evaluation.newly_failing != 0;
  if (!*plan && !failing) co_return false;
  auto dropped = co_await plans_.drop({PlanKind::guard});  // it rests on the mapping as it was
  if (!dropped) co_return dropped.error();
  report.plan = std::move(*plan);
  report.end = pass.other_server ? PassEnd::other_server : PassEnd::reimport;
  const auto& counts = report.run.counts;
  report.run.phase = report.plan ? "review" : counts.errors != 0 ? "errors" : "duplicates";
  report.run.outcome = "draft";
  auto told = co_await tell_once(pass, report.plan ? report.plan->token : what_is_open(counts));
  if (!told) co_return told.error();
  co_return true;
}

/// The run of a draft is told when something of it has changed, not at each pass.
Task<Result<void>> DirectorySync::tell_once(Passing& pass, std::string what) {
  pass.report.run.finished = parts_.clock.now();
  if (told_draft_ == what && !begun_) co_return Result<void>{};
  auto saved = co_await parts_.store.save_run(pass.report.run, true);
  if (!saved) co_return within("save the run", saved.error());
  told_draft_ = std::move(what);
  parts_.news();
  co_return Result<void>{};
}

/// Carries the plan out if this snapshot gives the same; else makes the one that holds now.
Task<Result<PassReport>> DirectorySync::confirm(Passing& pass) {
  const Plan plan = *pass.ask.apply;
  const auto& counts = pass.report.run.counts;
  if (plan.kind == PlanKind::first_sync && counts.errors + counts.duplicates != 0) {
    auto dropped = co_await plans_.drop({PlanKind::first_sync});
    if (!dropped) co_return dropped.error();
    co_return Error{Errc::refused, std::to_string(counts.errors) + " errors and " +
                                       std::to_string(counts.duplicates) +
                                       " duplicates are open: see gatehouse issue list"};
  }
  PassListing listing(*this, pass, plan.kind);
  auto token = co_await plans_.token(plan.kind, mapping_.shape, listing);
  if (!token) co_return token.error();
  const bool due = kind_due(pass) == plan.kind;
  if (!due || *token != plan.token) {
    std::string now = "; look again: gatehouse plan list";
    if (due) {
      auto made = co_await keep_plan(pass, plan.kind);
      if (!made) co_return made.error();
      now = *made ? "; the plan is now " + (*made)->id.value() : "; nothing is left to confirm";
    }
    co_return Error{Errc::refused,
                    std::string(plan_stale) + "something that it rests on has changed" + std::move(now)};
  }
  auto run = pass.report.run;
  run.trigger = plan.kind == PlanKind::first_sync ? Trigger::first : Trigger::manual;
  auto done = co_await carry_out(plan, run);
  if (!done) co_return done.error();
  pass.report.plan = plan;
  pass.report.same_source = true;
  pass.report.run = last_complete_.value_or(run);
  co_return std::move(pass.report);
}

/// To its end, and what is known of the records is read anew.
Task<Result<void>> DirectorySync::carry_out(Plan plan, SyncRun run) {
  auto settings = commit_for(run.id);
  settings.count_removals = false;
  PlanEnd end;
  end.run = std::move(run);
  end.mapping = plan.basis;
  PlanKeeper::Step step{
      .note = [](const DirectoryReport&) {},
      .progress = [this](std::uint64_t done, std::uint64_t all) { progress("applying", done, all); }};
  auto done =
      co_await plans_.carry_out(std::move(plan), std::move(settings), std::move(end), std::move(step));
  if (!done) co_return done.error();
  unsure_ = true;
  auto loaded = co_await load();
  co_return loaded;
}

Task<Result<void>> DirectorySync::resume_plan() {
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return within("look for plans", live.error());
  for (const auto& plan : *live) {
    const bool ours = plan.integration == id_ && plan.state == PlanState::applying &&
                      plan.kind != PlanKind::purge && plan.kind != PlanKind::remove_integration &&
                      plan.kind != PlanKind::to_net2;
    if (!ours) continue;
    const auto turn = co_await parts_.turn.take();
    SyncRun run;
    run.id = plan.run;
    run.integration = id_;
    run.trigger = plan.kind == PlanKind::first_sync ? Trigger::first : Trigger::manual;
    run.started = parts_.clock.now();
    auto done = co_await carry_out(plan, run);
    if (!done) co_return done.error();
  }
  co_return Result<void>{};
}

}  // namespace gatehouse
