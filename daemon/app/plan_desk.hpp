#pragma once
// Plans as operators and the cloud deal with them: made, read, confirmed, discarded.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/integration_desk.hpp"
#include "daemon/app/plan_keeper.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

class PlanDesk {
 public:
  struct Parts {
    PlanStore& plans;
    IntegrationDesk& desk;
    Clock& clock;
    Log& log;
    std::function<void()> news;
  };
  explicit PlanDesk(Parts parts) : parts_(std::move(parts)) {}

  /// All of it happens, or nothing: then Errc::refused, with plan_stale where something has changed.
  Task<Result<Plan>> apply(PlanId id, std::uint64_t confirm, std::string by);
  Task<Result<Plan>> discard(PlanId id, std::string by);
  /// Of one integration, or of all synced people.
  Task<Result<Plan>> plan_purge(std::optional<IntegrationId> integration, bool switch_off);
  Task<Result<Plan>> plan_removal(IntegrationId integration, LeftPeople people);
  /// Purges and removals that were confirmed and not finished. Before anything else runs.
  Task<Result<void>> resume();

 private:
  Task<Result<Plan>> open_plan(PlanId id) const;
  Task<Result<void>> drop_others(PlanId id, std::vector<IntegrationId> integrations);
  Task<Result<void>> carry_out(Plan plan);
  Task<Result<void>> apply_apart(Plan plan);
  Task<Result<Plan>> make(Plan wanted);
  Task<Result<std::uint64_t>> basis_of(Plan plan) const;
  std::vector<IntegrationId> concerned(const Plan& plan) const;

  Parts parts_;
};

}  // namespace gatehouse
