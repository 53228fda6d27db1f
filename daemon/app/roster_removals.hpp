#pragma once
// Removals as the store would make them now, in portions: for the guard, and for the plan of those withheld.

#include <vector>

#include "daemon/app/plan_keeper.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

class RosterRemovals final : public PlanKeeper::Listing {
 public:
  /// `settings`: a commit without records. `store` must outlive it.
  RosterRemovals(DirectoryStore& store, DirectoryCommit settings, std::vector<Departure> removals)
      : store_(store), settings_(std::move(settings)), removals_(std::move(removals)) {}
  void rewind() override { done_ = 0; }
  Task<Result<std::vector<PlanChange>>> next() override;

 private:
  DirectoryStore& store_;
  const DirectoryCommit settings_;
  const std::vector<Departure> removals_;
  std::size_t done_ = 0;
};

}  // namespace gatehouse
