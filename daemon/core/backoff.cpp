#include "daemon/core/backoff.hpp"

#include <algorithm>

namespace gatehouse {

Duration Backoff::lost(Uptime now, Loss loss) {
  if (connected_at_) {
    const Duration lasted = now - *connected_at_;
    if (lasted >= limits_.stable) next_ = Duration{0};
    if (lasted >= limits_.calm) slow_ = false;
    connected_at_.reset();
  }
  if (loss == Loss::kicked) {
    if (kicked_at_ && now - *kicked_at_ <= limits_.kick_window) slow_ = true;
    kicked_at_ = now;
  }
  const Duration whole = next_ == Duration{0} ? std::min(limits_.first, limits_.most) : next_;
  next_ = std::min(whole + whole / 2, limits_.most);
  return jittered(slow_ ? limits_.slow : whole);
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
