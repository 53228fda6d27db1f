#pragma once
// The host's clocks, and ids made from them.

#include <atomic>

#include "daemon/app/ports.hpp"

namespace gatehouse {

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  Uptime uptime() const override;
  /// `unsynced` while the wall clock stands before the release of this program (a board without a battery
  /// comes up in 1970), and with trust_only_ntp() while the kernel says that nothing disciplines it.
  ClockQuality quality() const override;
  void trust_only_ntp(bool yes) { only_ntp_ = yes; }
  std::string new_id() override;

 private:
  std::atomic<bool> only_ntp_{false};
};

}  // namespace gatehouse
