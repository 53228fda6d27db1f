#pragma once
// What commands ask of plans and of the registry: a few facts in memory.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/queries.hpp"
#include "daemon/app/sync_ports.hpp"

namespace gatehouse::test {

/// Plans of a test's own; nothing else is known.
class PlainPlans : public PlanStore {
 public:
  Task<Result<std::vector<Plan>>> live_plans() override { co_return nothing(); }
  Task<Result<Plan>> plan(PlanId id) override {
    for (const auto& one : all)
      if (one.id == id) co_return one;
    co_return nothing();
  }
  Task<Result<std::vector<PlanChange>>> plan_changes(PlanId, std::uint64_t, std::size_t) override {
    co_return nothing();
  }
  Task<Result<void>> begin_plan(Plan) override { co_return nothing(); }
  Task<Result<void>> add_changes(PlanId, std::vector<PlanChange>) override { co_return nothing(); }
  Task<Result<void>> offer_plan(Plan) override { co_return nothing(); }
  Task<Result<void>> set_plan_state(PlanId, PlanState) override { co_return nothing(); }
  Task<Result<void>> renew_plan(PlanId, Instant) override { co_return nothing(); }
  Task<Result<PlanProgress>> apply_changes(PlanId, DirectoryCommit, std::size_t) override {
    co_return nothing();
  }
  Task<Result<void>> end_plan(PlanEnd) override { co_return nothing(); }
  Task<Result<std::vector<PlanChange>>> purge_changes(std::optional<IntegrationId>, LeftPeople) override {
    co_return nothing();
  }
  Task<Result<std::uint64_t>> purge_basis(std::optional<IntegrationId>) override { co_return nothing(); }
  std::vector<Plan> all;

 private:
  static Error nothing() { return {Errc::not_found, "no such plan"}; }
};

/// People and events, two on a page.
class PlainFacts : public QueryStore {
 public:
  Task<Result<Listing<Person>>> list_people(PeopleFilter, Page page) override {
    co_return part(people, page);
  }
  Task<Result<std::vector<Person>>> find_people(std::string) override { co_return nothing(); }
  Task<Result<PeopleCount>> count_people() override {
    PeopleCount count;
    count.total = people.size();
    co_return count;
  }
  Task<Result<std::vector<DoorRow>>> list_doors() override { co_return nothing(); }
  Task<Result<Listing<EventRow>>> list_events(std::optional<Instant>, std::optional<IntegrationId>,
                                              Page page) override {
    co_return part(events, page);
  }
  Task<Result<std::vector<SyncRun>>> list_runs(std::optional<IntegrationId>, std::size_t) override {
    co_return nothing();
  }
  Task<Result<Listing<QueuedRow>>> list_outbox(std::optional<Lane>, Page) override { co_return nothing(); }
  Task<Result<Listing<DeadLetter>>> list_dead_letters(std::optional<Lane>, Page) override {
    co_return nothing();
  }
  Task<Result<std::vector<Issue>>> list_issues(IssueFilter) override { co_return nothing(); }
  Task<Result<Listing<ActivityRow>>> list_activity(ActivityFilter, std::optional<Instant>, Page) override {
    co_return nothing();
  }
  Task<Result<std::vector<LinkRow>>> links_of(PersonId) override { co_return nothing(); }
  Task<Result<std::vector<ActivityRow>>> activity_of(PersonId, std::size_t) override { co_return nothing(); }

  std::vector<Person> people;
  std::vector<EventRow> events;

 private:
  template <typename T>
  static Listing<T> part(const std::vector<T>& all, const Page& page) {
    Listing<T> listing;
    const auto from = page.after.empty() ? std::size_t{0} : std::stoul(page.after);
    for (auto i = from; i < std::min(from + 2, all.size()); ++i) listing.rows.push_back(all[i]);
    if (from + 2 < all.size()) listing.next = std::to_string(from + 2);
    return listing;
  }
  static Error nothing() { return {Errc::not_found, "not known here"}; }
};

}  // namespace gatehouse::test
