#include "daemon/core/command_rate.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

bool TokenBucket::has_one(const Rate& rate, Uptime now) {
  const double full = rate.count;
  if (left_ < 0.0) {
    left_ = full;
  } else if (now > at_ && rate.per > Duration{0}) {
    const double passed = static_cast<double>((now - at_).count());
    left_ = std::min(full, left_ + full * passed / static_cast<double>(rate.per.count()));
  }
  at_ = now;
  left_ = std::min(left_, full);
  return left_ >= 1.0;
}

void TokenBucket::give_back(const Rate& rate) {
  left_ = std::min<double>(rate.count, left_ + 1.0);
}

bool CommandLimits::take(const std::string& kid, const std::vector<DoorId>& opens, Uptime now) {
  auto& key = keys_[kid];
  if (!key.has_one(rates_.per_key, now)) return false;
  for (const auto& door : opens) {
    if (!doors_[door].has_one(rates_.per_door, now)) return false;
  }
  key.take();
  for (const auto& door : opens) doors_[door].take();
  return true;
}

bool CommandLimits::take_opening(const DoorId& door, Uptime now) {
  auto& openings = doors_[door];
  if (!openings.has_one(rates_.per_door, now)) return false;
  openings.take();
  return true;
}

void CommandLimits::give_back(const DoorId& door) {
  const auto at = doors_.find(door);
  if (at != doors_.end()) at->second.give_back(rates_.per_door);
}

bool RefusalMeter::tell(Uptime now) {
  if (now - began_ >= std::chrono::minutes(1)) {
    began_ = now;
    told_ = 0;
  }
  if (told_ < most_) {
    ++told_;
    return true;
  }
  ++counted_;
  return false;
}

std::uint64_t RefusalMeter::take_counted(Uptime now, bool all) {
  if (!all && now - began_ < std::chrono::minutes(1)) return 0;
  return std::exchange(counted_, 0);
}

}  // namespace gatehouse
