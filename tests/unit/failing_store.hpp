#pragma once
// A process that dies at the n-th thing it asks of its store.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/store.hpp"

namespace gatehouse::test {

/// The real store, whose calls fail once: before they are made, or so that only the answer is lost.
class FailingStore : public DirectoryStore, public IssueStore, public PlanStore, public PersonStore {
 public:
  enum class How { not_made, answer_lost };
  FailingStore(Store& store, int call, How how) : store_(store), left_(call), how_(how) {}

  bool failed() const { return left_ <= 0; }

  Task<Result<std::vector<IndexedRecord>>> load_index(IntegrationId id) override {
    return look(store_.load_index(std::move(id)));
  }
  Task<Result<DirectoryReport>> apply(DirectoryCommit commit) override {
    return step(store_.apply(std::move(commit)));
  }
  Task<Result<std::vector<PlanChange>>> preview(DirectoryCommit commit) override {
    return look(store_.preview(std::move(commit)));
  }
  Task<Result<std::optional<std::uint64_t>>> last_mapping(IntegrationId id) override {
    return look(store_.last_mapping(std::move(id)));
  }
  Task<Result<void>> save_mapping(IntegrationId id, std::uint64_t seed) override {
    return step(store_.save_mapping(std::move(id), seed));
  }
  Task<Result<std::uint64_t>> removals_since(IntegrationId id, Instant since) override {
    return look(store_.removals_since(std::move(id), since));
  }
  Task<Result<std::uint64_t>> people_present(IntegrationId id) override {
    return step(store_.people_present(std::move(id)));
  }
  Task<Result<std::vector<std::int64_t>>> gone_before(IntegrationId id, Instant moment) override {
    return look(store_.gone_before(std::move(id), moment));
  }
  Task<Result<void>> save_run(SyncRun run, bool tell) override {
    return step(store_.save_run(std::move(run), tell));
  }
  Task<Result<void>> end_interrupted_runs() override { return step(store_.end_interrupted_runs()); }
  Task<Result<std::optional<SyncRun>>> last_complete_run(IntegrationId id) override {
    return look(store_.last_complete_run(std::move(id)));
  }
  Task<Result<std::optional<SyncRun>>> last_full_run(IntegrationId id) override {
    return look(store_.last_full_run(std::move(id)));
  }
  Task<Result<std::vector<DoorRow>>> doors(IntegrationId id) override {
    return look(store_.doors(std::move(id)));
  }
  Task<Result<void>> save_doors(IntegrationId id, std::vector<SourceDoor> doors) override {
    return step(store_.save_doors(std::move(id), std::move(doors)));
  }
  Task<Result<void>> take_over_doors(IntegrationId id, std::vector<SourceDoor> doors) override {
    return step(store_.take_over_doors(std::move(id), std::move(doors)));
  }

  Task<Result<IssueSetChange>> set_issues(IntegrationId id, std::vector<Issue> issues,
                                          std::string how) override {
    return step(store_.set_issues(std::move(id), std::move(issues), std::move(how)));
  }
  Task<Result<std::vector<Issue>>> open_issues(IntegrationId id) override {
    return look(store_.open_issues(std::move(id)));
  }
  Task<Result<Issue>> open_issue(std::int64_t number) override { return look(store_.open_issue(number)); }
  Task<Result<Issue>> any_issue(std::int64_t number) override { return look(store_.any_issue(number)); }
  Task<Result<OperatorWord>> operator_word(IntegrationId id) override {
    return look(store_.operator_word(std::move(id)));
  }
  Task<Result<void>> say(IntegrationId id, RecordChoice choice, std::string by) override {
    return step(store_.say(std::move(id), std::move(choice), std::move(by)));
  }
  Task<Result<void>> override_fields(IntegrationId id, std::vector<FieldOverride> fields,
                                     std::string by) override {
    return step(store_.override_fields(std::move(id), std::move(fields), std::move(by)));
  }
  Task<Result<bool>> unsay(IntegrationId id, std::int64_t record) override {
    return step(store_.unsay(std::move(id), record));
  }
  Task<Result<void>> lapse(IntegrationId id, std::vector<FieldOverride> fields) override {
    return step(store_.lapse(std::move(id), std::move(fields)));
  }

  Task<Result<std::vector<Plan>>> live_plans() override { return look(store_.live_plans()); }
  Task<Result<Plan>> plan(PlanId id) override { return look(store_.plan(std::move(id))); }
  Task<Result<std::vector<PlanChange>>> plan_changes(PlanId id, std::uint64_t after,
                                                     std::size_t at_most) override {
    return look(store_.plan_changes(std::move(id), after, at_most));
  }
  Task<Result<void>> begin_plan(Plan plan) override { return step(store_.begin_plan(std::move(plan))); }
  Task<Result<void>> add_changes(PlanId id, std::vector<PlanChange> changes) override {
    return step(store_.add_changes(std::move(id), std::move(changes)));
  }
  Task<Result<void>> offer_plan(Plan plan) override { return step(store_.offer_plan(std::move(plan))); }
  Task<Result<void>> set_plan_state(PlanId id, PlanState state) override {
    return step(store_.set_plan_state(std::move(id), state));
  }
  Task<Result<void>> renew_plan(PlanId id, Instant expires) override {
    return step(store_.renew_plan(std::move(id), expires));
  }
  Task<Result<PlanProgress>> apply_changes(PlanId id, DirectoryCommit settings,
                                           std::size_t at_most) override {
    return step(store_.apply_changes(std::move(id), std::move(settings), std::min<std::size_t>(at_most, 7)));
  }
  Task<Result<void>> end_plan(PlanEnd end) override { return step(store_.end_plan(std::move(end))); }
  Task<Result<std::vector<PlanChange>>> purge_changes(std::optional<IntegrationId> id,
                                                      LeftPeople people) override {
    return look(store_.purge_changes(std::move(id), people));
  }
  Task<Result<std::uint64_t>> purge_basis(std::optional<IntegrationId> id) override {
    return look(store_.purge_basis(std::move(id)));
  }

  Task<Result<std::vector<RegistryRow>>> registry_rows(IntegrationId id, PersonId after) override {
    return look(store_.registry_rows(std::move(id), std::move(after)));
  }
  Task<Result<std::vector<PersonId>>> registry_ids(IntegrationId id, RegistryAsk ask) override {
    return look(store_.registry_ids(std::move(id), std::move(ask)));
  }
  Task<Result<std::vector<RegistryRow>>> registry_rows_of(IntegrationId id,
                                                          std::vector<PersonId> people) override {
    return look(store_.registry_rows_of(std::move(id), std::move(people)));
  }
  std::uint64_t registry_revision() const override { return store_.registry_revision(); }
  Task<Result<Person>> set_tracked(PersonId person, bool tracked, std::string reason,
                                   std::optional<Instant> until) override {
    return step(store_.set_tracked(std::move(person), tracked, std::move(reason), until));
  }
  Task<Result<std::size_t>> couple_overdue(Instant now) override { return step(store_.couple_overdue(now)); }
  Task<Result<std::shared_ptr<const Tombstones>>> tombstones() override { return look(store_.tombstones()); }

 private:
  /// A read whose answer is lost is a read that was not made: these are not counted.
  template <typename T>
  Task<Result<T>> look(Task<Result<T>> call) {
    return how_ == How::not_made ? step(std::move(call)) : std::move(call);
  }
  template <typename T>
  Task<Result<T>> step(Task<Result<T>> call) {
    const bool fails = --left_ == 0;
    if (fails && how_ == How::not_made) co_return Error{Errc::storage, "died"};
    Result<T> answer = co_await std::move(call);
    if (fails) co_return Error{Errc::storage, "died"};
    co_return answer;
  }

  Store& store_;
  int left_;
  How how_;
};

}  // namespace gatehouse::test
