#include "daemon/core/lane_share.hpp"

namespace gatehouse {

std::optional<Lane> LaneShare::next(const std::array<bool, lane_count>& has_rows) {
  if (has_rows[index_of(Lane::alarm)]) return Lane::alarm;
  // Smooth weighted round robin: everybody who waits earns its weight, who is served pays for all.
  constexpr std::array<int, lane_count> weight{0, 8, 4, 1};
  std::optional<Lane> chosen;
  int total = 0;
  for (auto lane : {Lane::access, Lane::people, Lane::telemetry}) {
    const auto i = index_of(lane);
    if (!has_rows[i]) continue;
    credit_[i] += weight[i];
    total += weight[i];
    if (!chosen || credit_[i] > credit_[index_of(*chosen)]) chosen = lane;
  }
  if (chosen) credit_[index_of(*chosen)] -= total;
  return chosen;
}

}  // namespace gatehouse
