#include "daemon/app/roster_removals.hpp"

#include <algorithm>

#include "daemon/app/directory_pass.hpp"

namespace gatehouse {

Task<Result<std::vector<PlanChange>>> RosterRemovals::next() {
  while (done_ < removals_.size()) {
    auto commit = settings_;
    const auto until = std::min(done_ + commit_size, removals_.size());
    commit.gone.assign(removals_.begin() + static_cast<std::ptrdiff_t>(done_),
                       removals_.begin() + static_cast<std::ptrdiff_t>(until));
    done_ = until;
    auto changes = co_await store_.preview(std::move(commit));
    if (!changes) co_return within("see what would change", changes.error());
    if (!changes->empty()) co_return changes;
  }
  co_return std::vector<PlanChange>{};
}

}  // namespace gatehouse
