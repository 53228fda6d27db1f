// The ports about what waits for somebody's word: issues and plans.
#include <utility>

#include "daemon/store/store_inside.hpp"

namespace gatehouse {

Task<Result<IssueSetChange>> Store::set_issues(IntegrationId integration, std::vector<Issue> issues,
                                               std::string how) {
  return inside_->ask([integration, issues = std::move(issues), how = std::move(how)](StoreFile& file) {
    return file.set_issues(integration, issues, how);
  });
}

Task<Result<std::vector<Issue>>> Store::open_issues(IntegrationId integration) {
  return inside_->ask(
      [=](StoreFile& file) { return file.issues().open({.kind = {}, .integration = integration.value()}); });
}

Task<Result<Issue>> Store::open_issue(std::int64_t number) {
  return inside_->ask([=](StoreFile& file) { return file.issues().find(number, false); });
}

Task<Result<Issue>> Store::any_issue(std::int64_t number) {
  return inside_->ask([=](StoreFile& file) { return file.issues().find(number, true); });
}

Task<Result<std::vector<Issue>>> Store::list_issues(IssueFilter filter) {
  return inside_->ask([=](StoreFile& file) { return file.issues().open(filter); });
}

Task<Result<OperatorWord>> Store::operator_word(IntegrationId integration) {
  return inside_->ask([=](StoreFile& file) { return file.issues().operator_word(integration); });
}

Task<Result<void>> Store::say(IntegrationId integration, RecordChoice choice, std::string by) {
  return inside_->ask([=](StoreFile& file) {
    file.ordinary("store.choice", [&] { file.issues().say(integration, choice, by); });
  });
}

Task<Result<void>> Store::override_fields(IntegrationId integration, std::vector<FieldOverride> fields,
                                          std::string by) {
  return inside_->ask([=](StoreFile& file) {
    file.ordinary("store.choice", [&] { file.issues().override_fields(integration, fields, by); });
  });
}

Task<Result<bool>> Store::unsay(IntegrationId integration, std::int64_t record) {
  return inside_->ask([=](StoreFile& file) { return file.unsay(integration, record); });
}

Task<Result<void>> Store::lapse(IntegrationId integration, std::vector<FieldOverride> fields) {
  return inside_->ask([=](StoreFile& file) {
    if (fields.empty()) return;
    file.ordinary("store.choice", [&] { file.issues().lapse(integration, fields); });
  });
}

Task<Result<std::vector<Plan>>> Store::live_plans() {
  return inside_->ask([](StoreFile& file) { return file.plans().live(); });
}

Task<Result<Plan>> Store::plan(PlanId id) {
  return inside_->ask([=](StoreFile& file) { return file.plans().find(id); });
}

Task<Result<std::vector<PlanChange>>> Store::plan_changes(PlanId id, std::uint64_t after,
                                                          std::size_t at_most) {
  return inside_->ask([=](StoreFile& file) { return file.plans().changes(id, after, at_most); });
}

Task<Result<void>> Store::begin_plan(Plan plan) {
  return inside_->ask([plan = std::move(plan)](StoreFile& file) {
    file.ordinary("store.plan.begin", [&] { file.plans().begin(plan); });
  });
}

Task<Result<void>> Store::add_changes(PlanId id, std::vector<PlanChange> changes) {
  return inside_->ask([id, changes = std::move(changes)](StoreFile& file) {
    file.ordinary("store.plan.add", [&] { file.plans().add(id, changes); });
  });
}

Task<Result<void>> Store::offer_plan(Plan plan) {
  return inside_->ask([plan = std::move(plan)](StoreFile& file) {
    file.ordinary("store.plan.offer", [&] { file.plans().offer(plan); });
  });
}

Task<Result<void>> Store::set_plan_state(PlanId id, PlanState state) {
  return inside_->ask([=](StoreFile& file) {
    file.ordinary("store.plan.state", [&] { file.plans().set_state(id, state); });
  });
}

Task<Result<void>> Store::renew_plan(PlanId id, Instant expires) {
  return inside_->ask(
      [=](StoreFile& file) { file.ordinary("store.plan.renew", [&] { file.plans().renew(id, expires); }); });
}

Task<Result<PlanProgress>> Store::apply_changes(PlanId id, DirectoryCommit settings, std::size_t at_most) {
  return inside_->ask([id, settings = std::move(settings), at_most](StoreFile& file) {
    PlanProgress progress;
    file.ordinary("store.plan.apply", [&] { progress = file.plans().apply(id, settings, at_most); });
    return progress;
  });
}

Task<Result<void>> Store::end_plan(PlanEnd end) {
  return inside_->ask([end = std::move(end)](StoreFile& file) {
    file.ordinary("store.plan.end", [&] { file.plans().end(end); });
  });
}

Task<Result<std::vector<PlanChange>>> Store::purge_changes(std::optional<IntegrationId> integration,
                                                           LeftPeople people) {
  return inside_->ask([=](StoreFile& file) { return file.plans().purge(integration, people); });
}

Task<Result<std::uint64_t>> Store::purge_basis(std::optional<IntegrationId> integration) {
  return inside_->ask([=](StoreFile& file) { return file.plans().purge_basis(integration); });
}

}  // namespace gatehouse
