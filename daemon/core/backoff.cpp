#include "daemon/core/backoff.hpp"

#include <algorithm>

namespace gatehouse {

Duration Backoff::lost(Uptime now, Loss loss) {
  if (connected_at_) {
    const Duration lasted = now - *connected_at_;
    if (lasted >= limits_.stable) down_since_.reset();
    if (lasted >= limits_.calm) slow_ = false;
    connected_at_.reset();
  }
  if (loss == Loss::kicked) {
    if (kicked_at_ && now - *kicked_at_ <= limits_.kick_window) slow_ = true;
    kicked_at_ = now;
  }
  if (!down_since_) down_since_ = now;
  return jittered(slow_ ? limits_.slow : whole_after(now - *down_since_));
}

Duration Backoff::whole_after(Duration outage) const {
  constexpr Duration::rep slowness = 4'000'000;  // milliseconds: 90 s are reached after ten minutes
  const auto enough = std::min<Duration>(outage, std::chrono::hours(1));
  return std::min(limits_.most, limits_.first + enough * (enough.count()) / slowness);
}

Duration Backoff::jittered(Duration whole) {
  // splitmix64: the same on every platform, eight bytes of state.
  chance_ += 0x9E3779B97F4A7C15u;
  std::uint64_t z = chance_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  const auto half = static_cast<std::uint64_t>(whole.count()) / 2;
  return Duration{static_cast<Duration::rep>(half + z % (half + 1))};
}

}  // namespace gatehouse
