#pragma once
// Runs of ids in Net2's event log.

#include <cstdint>
#include <vector>

namespace gatehouse {

/// Both ends included, at least one id.
struct EventIds {
  std::int64_t first;
  std::int64_t last;
  bool operator==(const EventIds&) const = default;
};

inline std::uint64_t count_ids(const std::vector<EventIds>& runs) {
  std::uint64_t count = 0;
  for (const auto& run : runs) count += static_cast<std::uint64_t>(run.last - run.first) + 1;
  return count;
}

}  // namespace gatehouse
