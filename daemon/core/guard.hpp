#pragma once
// The brake on mass removal (contract.md §5).

#include <cstdint>

#include "daemon/core/integration_settings.hpp"

namespace gatehouse {

/// What the guard looks at before a pass removes anybody.
struct RemovalAsk {
  std::uint64_t wanted = 0;            ///< removals this pass would make
  std::uint64_t already = 0;           ///< removals made within the window before it
  std::uint64_t present_at_begin = 0;  ///< people present when the window began
};

/// True: all removals of the pass are withheld. They exceed `count`, or both 5 and `percent`.
bool guard_trips(const RemovalAsk& ask, const RemovalGuard& guard);

}  // namespace gatehouse
