#include "daemon/app/plan_keeper.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

constexpr std::size_t changes_a_step = 500;

}  // namespace

Task<Result<PlanDigest>> PlanKeeper::digest(Listing& listing) {
  PlanDigest digest;
  listing.rewind();
  for (;;) {
    auto changes = co_await listing.next();
    if (!changes) co_return changes.error();
    if (changes->empty()) break;
    for (const auto& change : *changes) digest.add(change);
  }
  co_return digest;
}

Task<Result<std::string>> PlanKeeper::token(PlanKind kind, std::uint64_t basis, Listing& listing) {
  auto found = co_await digest(listing);
  if (!found) co_return found.error();
  co_return found->token(kind, basis);
}

Task<Result<std::optional<Plan>>> PlanKeeper::live(PlanKind kind) {
  auto plans = co_await store_.live_plans();
  if (!plans) co_return within("look for plans", plans.error());
  const auto found = std::ranges::find_if(*plans, [&](const Plan& plan) {
    return plan.integration == id_ && plan.kind == kind && plan.state == PlanState::open;
  });
  if (found == plans->end()) co_return std::optional<Plan>();
  co_return std::optional<Plan>(*found);
}

Task<Result<std::optional<Plan>>> PlanKeeper::keep(Plan wanted, Listing& listing, Duration life,
                                                   bool empty_too) {
  auto found = co_await digest(listing);
  if (!found) co_return found.error();
  if (found->count() == 0 && !empty_too) {
    auto dropped = co_await drop({wanted.kind});
    if (!dropped) co_return dropped.error();
    co_return std::optional<Plan>();
  }
  wanted.token = found->token(wanted.kind, wanted.basis);
  wanted.count = found->count();
  const auto now = clock_.now();
  auto known = co_await live(wanted.kind);
  if (!known) co_return known.error();
  if (*known && (*known)->token == wanted.token) {
    Plan plan = **known;
    if (plan.expires - now < life / 2) {
      plan.expires = now + life;
      auto renewed = co_await store_.renew_plan(plan.id, plan.expires);
      if (!renewed) co_return within("renew the plan", renewed.error());
    }
    co_return std::optional<Plan>(std::move(plan));
  }
  wanted.integration = id_;
  wanted.id = PlanId(clock_.new_id());
  wanted.created = now;
  wanted.expires = now + life;
  auto begun = co_await store_.begin_plan(wanted);
  if (!begun) co_return within("keep the plan", begun.error());
  listing.rewind();
  for (;;) {
    auto changes = co_await listing.next();
    if (!changes) co_return changes.error();
    if (changes->empty()) break;
    auto added = co_await store_.add_changes(wanted.id, std::move(*changes));
    if (!added) co_return within("keep the plan", added.error());
  }
  wanted.state = PlanState::open;
  auto offered = co_await store_.offer_plan(wanted);
  if (!offered) co_return within("offer the plan", offered.error());
  news_();
  co_return std::optional<Plan>(std::move(wanted));
}

Task<Result<void>> PlanKeeper::drop(std::vector<PlanKind> kinds) {
  auto plans = co_await store_.live_plans();
  if (!plans) co_return within("look for plans", plans.error());
  for (const auto& plan : *plans) {
    const bool meant = std::ranges::find(kinds, plan.kind) != kinds.end();
    if (plan.integration != id_ || !meant || plan.state != PlanState::open) continue;
    auto dropped = co_await store_.set_plan_state(plan.id, PlanState::superseded);
    if (!dropped) co_return within("drop the plan", dropped.error());
  }
  co_return Result<void>{};
}

Task<Result<void>> PlanKeeper::carry_out(Plan plan, DirectoryCommit settings, PlanEnd end, Step step) {
  if (plan.state != PlanState::applying) {
    auto confirmed = co_await store_.set_plan_state(plan.id, PlanState::applying);
    if (!confirmed) co_return within("begin with the plan", confirmed.error());
  }
  SyncCounts counts;
  for (;;) {
    auto done = co_await store_.apply_changes(plan.id, settings, changes_a_step);
    if (!done) co_return within("apply the plan", done.error());
    counts += done->report.counts;
    step.note(done->report);
    news_();
    step.progress(done->done, done->count);
    if (done->done >= done->count) break;
  }
  if (end.run) {
    auto& run = *end.run;
    counts.seen = run.counts.seen;
    counts.errors = run.counts.errors;
    counts.duplicates = run.counts.duplicates;
    run.counts = counts;
    run.phase = "done";
    run.outcome = counts.errors + counts.duplicates == 0 ? "complete" : "completed_with_issues";
    run.finished = clock_.now();
  }
  end.plan = plan.id;
  auto ended = co_await store_.end_plan(std::move(end));
  if (!ended) co_return within("end the plan", ended.error());
  news_();
  co_return Result<void>{};
}

}  // namespace gatehouse
