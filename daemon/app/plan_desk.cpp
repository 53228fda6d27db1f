#include "daemon/app/plan_desk.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

constexpr Duration purge_life = std::chrono::minutes(15);

bool apart_from_passes(PlanKind kind) {
  return kind == PlanKind::purge || kind == PlanKind::remove_integration;
}

LeftPeople left_people(const Plan& plan) {
  return plan.kind == PlanKind::purge ? LeftPeople::erase : plan.people;
}

/// What a purge lists, read once.
class PurgeListing final : public PlanKeeper::Listing {
 public:
  explicit PurgeListing(std::vector<PlanChange> changes) : changes_(std::move(changes)) {}
  void rewind() override { done_ = 0; }
  Task<Result<std::vector<PlanChange>>> next() override {
    constexpr std::size_t portion = 500;
    const auto until = std::min(done_ + portion, changes_.size());
    std::vector<PlanChange> part(changes_.begin() + static_cast<std::ptrdiff_t>(done_),
                                 changes_.begin() + static_cast<std::ptrdiff_t>(until));
    done_ = until;
    co_return part;
  }

 private:
  std::vector<PlanChange> changes_;
  std::size_t done_ = 0;
};

}  // namespace

Task<Result<Plan>> PlanDesk::open_plan(PlanId id) const {
  auto plan = co_await parts_.plans.plan(id);
  if (!plan) co_return plan.error();
  switch (plan->state) {
    case PlanState::open:
      break;
    case PlanState::applying:
      co_return Error{Errc::busy, "the plan is being applied already"};
    case PlanState::applied:
      co_return Error{Errc::refused, "the plan was applied already"};
    case PlanState::discarded:
      co_return Error{Errc::refused, "the plan was discarded"};
    case PlanState::making:
    case PlanState::superseded:
      co_return Error{Errc::refused, std::string(plan_stale) +
                                         "another plan has taken its place, or nothing is left to do; look "
                                         "again: gatehouse plan list"};
  }
  if (parts_.clock.now() > plan->expires) {
    co_return Error{Errc::refused, std::string(plan_stale) + "the plan has expired; make it anew"};
  }
  co_return plan;
}

Task<Result<Plan>> PlanDesk::apply(PlanId id, std::uint64_t confirm, std::string by) {
  auto plan = co_await open_plan(id);
  if (!plan) co_return plan.error();
  if (confirm != plan->count) {
    co_return Error{Errc::refused, "the plan has " + std::to_string(plan->count) + " changes, not " +
                                       std::to_string(confirm) + ": read it (gatehouse plan show " +
                                       id.value() + "), then confirm that number"};
  }
  if (apart_from_passes(plan->kind)) {
    auto done = co_await apply_apart(*plan);
    if (!done) co_return done.error();
  } else if (plan->kind == PlanKind::roster) {
    auto* roster = parts_.desk.roster();
    if (roster == nullptr) co_return Error{Errc::refused, "no cloud is configured"};
    auto done = co_await roster->apply_plan(*plan);
    if (!done) co_return done.error();
  } else {
    auto* people = plan->integration ? parts_.desk.people_of(*plan->integration) : nullptr;
    if (people == nullptr) {
      co_return Error{Errc::refused,
                      "the integration of this plan does not run: see gatehouse integration list"};
    }
    PassAsk ask;
    ask.trigger = Trigger::manual;
    ask.apply = *plan;
    auto report = co_await people->run(std::move(ask));
    if (!report) co_return report.error();
  }
  parts_.log.write(Level::info,
                   "plan " + id.value() + " (" + std::string(to_string(plan->kind)) + ", " +
                       std::to_string(plan->count) + " changes) was applied by " + by,
                   {{"PLAN", id.value()}});
  co_return plan;
}

Task<Result<Plan>> PlanDesk::discard(PlanId id, std::string by) {
  auto plan = co_await open_plan(id);
  if (!plan) co_return plan.error();
  auto done = co_await parts_.plans.set_plan_state(id, PlanState::discarded);
  if (!done) co_return done.error();
  parts_.log.write(Level::info, "plan " + id.value() + " was discarded by " + by, {{"PLAN", id.value()}});
  co_return plan;
}

std::vector<IntegrationId> PlanDesk::concerned(const Plan& plan) const {
  if (plan.integration) return {*plan.integration};
  std::vector<IntegrationId> ids;
  for (const auto& integration : parts_.desk.all_configured()) ids.push_back(integration.id);
  return ids;
}

/// Nothing may read these integrations meanwhile: what is purged must not be synced again between two steps.
Task<Result<void>> PlanDesk::apply_apart(Plan plan) {
  auto ids = concerned(plan);
  co_await parts_.desk.halt(ids);
  auto changes = co_await parts_.plans.purge_changes(plan.integration, left_people(plan));
  auto basis = co_await basis_of(plan);
  Result<void> done;
  if (!changes) {
    done = changes.error();
  } else if (!basis) {
    done = basis.error();
  } else {
    PlanDigest digest;
    for (const auto& change : *changes) digest.add(change);
    if (digest.token(plan.kind, *basis) != plan.token) {
      done = Error{Errc::refused, std::string(plan_stale) + "people have changed since; make the plan anew"};
    } else {
      done = co_await carry_out(plan);
    }
  }
  if (done) done = co_await drop_others(plan.id, ids);
  co_await parts_.desk.proceed();
  co_return done;
}

/// What else waits for these integrations rests on people who are gone.
Task<Result<void>> PlanDesk::drop_others(PlanId id, std::vector<IntegrationId> integrations) {
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return live.error();
  for (const auto& other : *live) {
    const bool theirs =
        other.integration && std::ranges::find(integrations, *other.integration) != integrations.end();
    if (!theirs || other.id == id || other.state != PlanState::open) continue;
    auto dropped = co_await parts_.plans.set_plan_state(other.id, PlanState::superseded);
    if (!dropped) co_return dropped.error();
  }
  co_return Result<void>{};
}

Task<Result<void>> PlanDesk::carry_out(Plan plan) {
  PlanEnd end;
  if (plan.kind == PlanKind::remove_integration) end.forget_integration = true;
  if (plan.kind == PlanKind::purge && plan.switch_off) end.switched_off = concerned(plan);
  DirectoryCommit settings;
  settings.integration = plan.integration.value_or(IntegrationId());
  settings.run = plan.run;
  settings.on_removed = OnRemoved::disable;
  settings.count_removals = false;
  PlanKeeper keeper(plan.integration, parts_.plans, parts_.clock, parts_.news);
  PlanKeeper::Step step{.note = [](const DirectoryReport&) {},
                        .progress = [](std::uint64_t, std::uint64_t) {}};
  auto done = co_await keeper.carry_out(plan, std::move(settings), std::move(end), std::move(step));
  co_return done;
}

/// The people as they are now, and what the plan means to do with their sources.
Task<Result<std::uint64_t>> PlanDesk::basis_of(Plan plan) const {
  auto people = co_await parts_.plans.purge_basis(plan.integration);
  if (!people) co_return people.error();
  co_return *people * 8 + static_cast<std::uint64_t>(plan.people) * 2 + (plan.switch_off ? 1 : 0);
}

Task<Result<Plan>> PlanDesk::make(Plan wanted) {
  auto changes = co_await parts_.plans.purge_changes(wanted.integration, left_people(wanted));
  if (!changes) co_return changes.error();
  PurgeListing listing(std::move(*changes));
  auto basis = co_await basis_of(wanted);
  if (!basis) co_return basis.error();
  wanted.basis = *basis;
  wanted.run = RunId(parts_.clock.new_id());
  PlanKeeper keeper(wanted.integration, parts_.plans, parts_.clock, parts_.news);
  auto plan = co_await keeper.keep(std::move(wanted), listing, purge_life, true);
  if (!plan) co_return plan.error();
  co_return **plan;
}

Task<Result<Plan>> PlanDesk::plan_purge(std::optional<IntegrationId> integration, bool switch_off) {
  Plan wanted;
  wanted.kind = PlanKind::purge;
  wanted.integration = integration;
  wanted.switch_off = switch_off;
  auto plan = co_await make(std::move(wanted));
  co_return plan;
}

Task<Result<Plan>> PlanDesk::plan_removal(IntegrationId integration, LeftPeople people) {
  Plan wanted;
  wanted.kind = PlanKind::remove_integration;
  wanted.integration = integration;
  wanted.people = people;
  auto plan = co_await make(std::move(wanted));
  co_return plan;
}

Task<Result<void>> PlanDesk::resume() {
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return within("look for plans", live.error());
  for (const auto& plan : *live) {
    if (plan.state != PlanState::applying || !apart_from_passes(plan.kind)) continue;
    auto done = co_await carry_out(plan);
    if (!done) co_return within("go on with plan " + plan.id.value(), done.error());
  }
  co_return Result<void>{};
}

}  // namespace gatehouse
