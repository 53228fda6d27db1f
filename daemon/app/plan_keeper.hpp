#pragma once
// The plans of one integration: kept while a pass finds the same changes, made anew where it finds others,
// and carried out in steps that survive a crash.

#include <functional>
#include <optional>
#include <vector>

#include "daemon/app/ports.hpp"

namespace gatehouse {

/// Errors that begin with this word are about a plan that rests on something that has changed.
inline constexpr std::string_view plan_stale = "plan_stale: ";

class PlanKeeper {
 public:
  /// Gives what a plan lists, in portions; an empty one is the last. Asked twice: to compare, and to keep.
  class Listing {
   public:
    virtual ~Listing() = default;
    virtual Task<Result<std::vector<PlanChange>>> next() = 0;
    virtual void rewind() = 0;
  };

  /// References must outlive the keeper; `news` is called after each commit that tells something.
  PlanKeeper(std::optional<IntegrationId> integration, PlanStore& store, Clock& clock,
             std::function<void()> news)
      : id_(std::move(integration)), store_(store), clock_(clock), news_(std::move(news)) {}

  /// The token that a plan of this kind would have now.
  Task<Result<std::string>> token(PlanKind kind, std::uint64_t basis, Listing& listing);
  /// The plan of this kind that holds now: the live one where it lists the same, else a new one in its place.
  /// Nothing where there is no change to list, unless an empty plan is wanted as well.
  Task<Result<std::optional<Plan>>> keep(Plan wanted, Listing& listing, Duration life, bool empty_too);
  /// No plan of these kinds holds any more.
  Task<Result<void>> drop(std::vector<PlanKind> kinds);
  Task<Result<std::optional<Plan>>> live(PlanKind kind);

  struct Step {
    std::function<void(const DirectoryReport&)> note;
    std::function<void(std::uint64_t done, std::uint64_t all)> progress;
  };
  /// From confirmed to applied; also after a crash. `settings`: a commit without records.
  Task<Result<void>> carry_out(Plan plan, DirectoryCommit settings, PlanEnd end, Step step);

 private:
  static Task<Result<PlanDigest>> digest(Listing& listing);

  const std::optional<IntegrationId> id_;
  PlanStore& store_;
  Clock& clock_;
  std::function<void()> news_;
};

}  // namespace gatehouse
