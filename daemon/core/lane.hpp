#pragma once
// The four lanes of news (contract.md §3.1). Order within a lane is kept; between lanes there is none.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace gatehouse {

enum class Lane { alarm = 0, access = 1, people = 2, telemetry = 3 };

inline constexpr std::array all_lanes{Lane::alarm, Lane::access, Lane::people, Lane::telemetry};
inline constexpr std::size_t lane_count = all_lanes.size();

constexpr std::size_t index_of(Lane lane) {
  return static_cast<std::size_t>(lane);
}

constexpr std::string_view to_string(Lane lane) {
  constexpr std::array<std::string_view, lane_count> names{"alarm", "access", "people", "telemetry"};
  return names[index_of(lane)];
}

constexpr std::optional<Lane> parse_lane(std::string_view text) {
  for (auto lane : all_lanes) {
    if (to_string(lane) == text) return lane;
  }
  return std::nullopt;
}

}  // namespace gatehouse
