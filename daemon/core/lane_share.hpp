#pragma once
// Whose turn it is: alarms first, the other lanes share 8 : 4 : 1 (contract.md §3.1), so that none starves.

#include <array>
#include <optional>

#include "daemon/core/lane.hpp"

namespace gatehouse {

class LaneShare {
 public:
  /// The lane to take the next row from, among those that have one; nullopt where none has.
  std::optional<Lane> next(const std::array<bool, lane_count>& has_rows);

 private:
  std::array<int, lane_count> credit_{};
};

}  // namespace gatehouse
