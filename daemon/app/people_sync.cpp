#include "daemon/app/people_sync.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/full_sync_schedule.hpp"

namespace gatehouse {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration look_at_schedule = minutes(10);  ///< at least: the clock may be set

}  // namespace

PeopleSync::PeopleSync(Integration settings, const std::vector<SiteId>& all_sites, Parts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      sync_(settings_, make_mapping(settings_, all_sites, parts_.fold),
            {.source = parts_.source,
             .store = parts_.directory,
             .issues = parts_.issues,
             .plans = parts_.plans,
             .people = parts_.people,
             .turn = parts_.turn,
             .clock = parts_.clock,
             .worker = parts_.worker,
             .news = parts_.news,
             .progress = [this](std::string_view phase, std::uint64_t done,
                                std::uint64_t all) { progress_ = {std::string(phase), done, all}; },
             .after_read = parts_.after_read}),
      bell_(parts_.executor),
      jobs_(parts_.executor, bell_) {}

void PeopleSync::set_paused(bool paused) {
  paused_ = paused;
  parts_.changed();
  bell_.ring();
}

Task<void> PeopleSync::loop(Pulse& /*pulse*/) {
  for (;;) {
    const bool ready = co_await prepare();
    if (ready && !jobs_.empty()) {
      co_await jobs_.do_next();
      continue;
    }
    const auto now = parts_.clock.uptime();
    if (ready && (wanted_ || now >= due_)) {
      wanted_ = false;
      const auto wait = co_await one_round();
      due_ = parts_.clock.uptime() + wait;
      continue;
    }
    const Duration wait = ready ? due_ - now : Duration(seconds(2));
    const bool rung = co_await bell_.wait(wait);
    if (rung && jobs_.empty()) due_ = {};
  }
}

/// What is known must have been read from the store, and a plan that was confirmed must be finished first.
Task<bool> PeopleSync::prepare() {
  if (loaded_) co_return true;
  auto known = co_await sync_.load();
  if (known) known = co_await sync_.resume_plan();
  if (known) known = co_await tell_loaded();
  loaded_ = known.ok();
  if (!known) {
    facts_.fault = known.error();
    parts_.changed();
  }
  if (loaded_) facts_.importing_first = !sync_.ever_complete();
  progress_ = {};
  co_return loaded_;
}

Task<Result<void>> PeopleSync::tell_loaded() {
  if (loaded_told_ || !parts_.loaded) co_return Result<void>{};
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return within("look for plans", live.error());
  const bool reimport = std::ranges::any_of(*live, [&](const Plan& plan) {
    return plan.integration == settings_.id && plan.kind == PlanKind::mapping_change;
  });
  loaded_told_ = true;
  parts_.loaded(reimport);
  co_return Result<void>{};
}

/// One look at whether a pass is due, and the pass. How long to wait for the next.
Task<Duration> PeopleSync::one_round() {
  const auto began = parts_.clock.uptime();
  if (!settings_.automatic || paused_) {
    // Somebody looks whether it can be reached, so that the status says so.
    auto same = co_await parts_.before_read();
    facts_.fault = same ? std::nullopt : std::optional(same.error());
    facts_.read_once = facts_.read_once || same.ok();
    facts_.importing_first = false;
    parts_.changed();
    co_return std::max<Duration>(parts_.poll, seconds(30));
  }
  const bool full = sync_.ever_complete() && next_full() <= parts_.clock.now();
  PassAsk ask;
  ask.trigger = full ? Trigger::schedule : Trigger::continuous;
  ask.full = full;
  auto report = co_await pass(std::move(ask));
  // Waiting for a token or for the doors is not the source's work on the people.
  const Duration took = report ? report->took : parts_.clock.uptime() - began;
  Duration wait = std::max(parts_.poll, took * 10);
  if (!report) {
    wait = std::min(wait, retry_.next(report.error()));
  } else {
    retry_.reset();
    if (full) full_made_ = parts_.clock.now();  // also one that ended at a plan: the next is tomorrow's
    // Sooner than the poll where a full pass is due sooner, but never at the source's expense.
    const Duration until = std::max<Duration>(next_full() - parts_.clock.now(), took * 10 + seconds(1));
    wait = std::min({wait, until, std::max({look_at_schedule, parts_.poll, took * 10})});
  }
  co_return wait;
}

Instant PeopleSync::next_full() const {
  auto last = full_made_;
  if (sync_.last_full()) last = std::max(last, sync_.last_full()->finished);
  return next_full_pass(settings_.sync.full, *parts_.zone, last, parts_.clock.now());
}

Task<Result<PassReport>> PeopleSync::pass(PassAsk ask) {
  facts_.importing_first = !sync_.ever_complete();
  parts_.changed();
  auto joined = std::make_shared<std::optional<Result<PassReport>>>();
  joined_ = joined;
  const auto started = parts_.clock.now();
  const bool for_a_plan = ask.apply.has_value();
  auto same = co_await parts_.before_read();
  Result<PassReport> report = same ? Result<PassReport>(PassReport{}) : Result<PassReport>(same.error());
  std::optional<Plan> to_net2;  // no business of the pass, which has to come before it
  if (ask.apply && ask.apply->kind == PlanKind::to_net2) to_net2 = std::exchange(ask.apply, std::nullopt);
  const auto trigger = ask.trigger;
  const bool full = ask.full;
  const bool journaled = !ask.dry_run && !ask.apply && settings_.mode == IntegrationMode::apply;
  const bool for_all = !ask.dry_run && !for_a_plan;
  const bool other_doors = same && parts_.other_doors && parts_.other_doors();
  const bool by_plan = ask.apply && ask.apply->kind == PlanKind::mapping_change;
  const bool writes = !ask.dry_run;
  ask.other_doors = other_doors;
  if (same) report = co_await sync_.run(std::move(ask));
  if (!report && journaled && !is_nothing_yet(report.error()))
    co_await sync_.tell_failure(trigger, started, report.error());
  bool at_ours = !other_doors;  // nobody is written into a server that was not taken over
  if (report && other_doors && report->same_source && writes) at_ours = co_await parts_.take_over(by_plan);
  if (report && at_ours && parts_.exporter != nullptr) {
    auto exported = co_await export_after(std::move(*report), std::move(to_net2));
    report = std::move(exported);
  }
  progress_ = {};
  facts_.importing_first = false;
  joined_.reset();
  note(report, for_a_plan && same.ok(), full);
  *joined = report;
  if (for_all && parts_.ended) parts_.ended();
  co_return report;
}

/// A feed into which no snapshot was ever put: no run of it has failed.
bool PeopleSync::is_nothing_yet(const Error& error) const {
  return settings_.kind == IntegrationKind::feed && error.code == Errc::not_found;
}

/// Cloud people into the source, as the pass has left both sides.
Task<Result<PassReport>> PeopleSync::export_after(PassReport report, std::optional<Plan> plan) {
  if (report.end != PassEnd::applied && report.end != PassEnd::guarded) {
    if (!plan) co_return report;
    co_return Error{Errc::refused, std::string(plan_stale) + "the people of Net2 are under review first"};
  }
  progress_ = {.phase = "exporting", .done = 0, .all = 0};
  ExportAsk ask;
  ask.run = report.run.id;
  ask.changed = report.run.counts.anything() || report.issues_changed;
  ask.at_once = report.run.trigger != Trigger::continuous;
  ask.open_issues = sync_.open_issues();
  ask.apply = std::move(plan);
  auto exported = co_await parts_.exporter->run(std::move(ask));
  if (!exported) co_return exported.error();
  if (exported->looked) {
    auto news = co_await sync_.tell_export(std::move(exported->issues));
    if (!news) co_return news.error();
    report.issues_changed = report.issues_changed || *news;
  }
  if (exported->plan) report.plan = std::move(exported->plan);
  if (exported->created + exported->linked != 0) bell_.ring();  // the next pass links who was made
  co_return report;
}

void PeopleSync::note(const Result<PassReport>& report, bool for_a_plan, bool full) {
  const bool nothing_yet = !report && is_nothing_yet(report.error());
  if (!nothing_yet && (!report || report->end != PassEnd::computed_only))
    count(parts_.tallies, &Tallies::runs, settings_.id.value(),
          report ? report->run.outcome.value_or("complete") : "failed");
  if (!report) {
    // A plan that is not carried out is told to who asked; the source has answered as it should.
    const bool plan_refused = for_a_plan && sync_.read_whole() && report.error().code == Errc::refused;
    if (!plan_refused) facts_.fault = report.error();
    if (for_a_plan && !plan_refused) loaded_ = false;  // perhaps it was begun: that comes first now
    parts_.changed();
    return;
  }
  facts_.fault.reset();
  facts_.read_once = true;
  if (report->end != PassEnd::computed_only) {
    facts_.draft = report->end == PassEnd::draft;
    facts_.guarded = report->end == PassEnd::guarded;
    facts_.other_server = report->end == PassEnd::other_server;
    facts_.reimport = report->end == PassEnd::reimport;
    facts_.open_issues = sync_.open_issues().size();
  }
  // A dry run leaves no trace; staging and `import: dry_run` have no other runs.
  const bool only_asked = report->end == PassEnd::computed_only && settings_.mode == IntegrationMode::apply &&
                          settings_.sync.import != ImportMode::dry_run;
  if (!only_asked) last_run_ = report->run;
  // A read that stopped at a plan, or was another server's, leaves the registry behind what it saw.
  const bool applied = report->end == PassEnd::applied || report->end == PassEnd::guarded;
  if (applied && parts_.proved) parts_.proved(sync_.read_end());
  if (applied && parts_.passed) parts_.passed(full || report->run.trigger == Trigger::first);
  if (parts_.passed_judgement) parts_.passed_judgement(report->end);
  const bool says = report->end != PassEnd::computed_only;
  if (says && (report->issues_changed || !issues_told_)) tell_issue_alert(report->issues_changed);
  issues_told_ = issues_told_ || says;
  parts_.changed();
}

/// On a change of the set, not at each run (features.md S0-44, E-13).
void PeopleSync::tell_issue_alert(bool changed) {
  if (!parts_.tell_issues) return;
  std::uint64_t by_kind[3] = {};
  for (const auto& issue : sync_.open_issues()) ++by_kind[static_cast<std::size_t>(kind_of(issue.reason))];
  if (sync_.open_issues().empty()) {
    parts_.alerts.over("sync_issues", settings_.id.value());
    return;
  }
  parts_.alerts.raise({.kind = "sync_issues",
                       .subject = settings_.id.value(),
                       .detail = std::to_string(sync_.open_issues().size()) + " open: " +
                                 std::to_string(by_kind[0]) + " errors, " + std::to_string(by_kind[1]) +
                                 " duplicates, " + std::to_string(by_kind[2]) + " matches",
                       .hint = "gatehouse issue list"},
                      changed);
}

Task<Result<PassReport>> PeopleSync::run(PassAsk ask, bool fresh) {
  const bool plain = !ask.dry_run && !ask.apply && !ask.full && !fresh;
  if (plain && joined_) {
    // One is under way: the loop tells everybody what came of it.
    const auto joined = joined_;
    const std::function<Task<Result<PassReport>>()> look = [joined]() -> Task<Result<PassReport>> {
      if (*joined) co_return **joined;
      co_return Error{Errc::cancelled, "the run that was joined was stopped; ask again"};
    };
    auto report = co_await jobs_.ask<PassReport>(look);
    co_return report;
  }
  const std::function<Task<Result<PassReport>>()> work = [this, ask]() -> Task<Result<PassReport>> {
    auto report = co_await pass(ask);
    if (ask.apply) due_ = {};  // what the plan left aside is looked at next
    co_return report;
  };
  auto report = co_await jobs_.ask<PassReport>(work);
  co_return report;
}

}  // namespace gatehouse
