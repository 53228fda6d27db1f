#include "connectors/lan/lan_limits.hpp"

#include <algorithm>

namespace gatehouse {

bool LanBuckets::take(const std::string& name, Uptime now) {
  if (!buckets_.contains(name) && buckets_.size() >= most_) {
    // Full ones say no more than those that are not there.
    for (auto one = last_.begin(); one != last_.end();) {
      const bool full = now - one->second >= rate_.per;
      if (full) buckets_.erase(one->first);
      one = full ? last_.erase(one) : std::next(one);
    }
  }
  const bool known = buckets_.contains(name) || buckets_.size() < most_;
  TokenBucket& bucket = known ? buckets_[name] : crowd_;
  if (known) last_[name] = now;
  if (!bucket.has_one(rate_, now)) return false;
  bucket.take();
  return true;
}

Duration LanBuckets::wait() const {
  const Duration one = rate_.per / std::max<std::uint32_t>(1, rate_.count);
  return std::max<Duration>(std::chrono::ceil<std::chrono::seconds>(one), std::chrono::seconds(1));
}

}  // namespace gatehouse
