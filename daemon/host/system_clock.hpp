#pragma once
// The host's clocks, what they are worth (contract.md §4, "Clock"), and ids made from them.

#include <chrono>
#include <mutex>
#include <optional>

#include "daemon/app/clock_desk.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// What the kernel says of time. Each must be safe from any thread.
class HostTime {
 public:
  virtual ~HostTime() = default;
  virtual Instant wall() const;
  virtual Uptime monotonic() const;
  /// Something disciplines the wall clock (adjtimex(2)).
  virtual bool synchronised() const;
};

/// Time never stands before a floor: the last moment at which something was committed. Where the wall clock
/// does, now() goes on from the floor at half the pace: nothing that waits for a moment waits for ever, and a
/// wall clock that is right catches up. Safe from any thread.
class SystemClock final : public Clock, public FlooredClock {
 public:
  SystemClock();
  /// `host` must outlive the clock.
  explicit SystemClock(const HostTime& host);

  /// The wall clock, or the floor where that is later. Goes back only where a step of the wall clock to the
  /// future is taken back before anybody could trust it.
  Instant now() const override;
  Uptime uptime() const override;
  /// `unsynced` while the wall clock stands before the floor (at first the release of this program: a board
  /// without a battery comes up in 1970), for ten minutes after it was stepped by more than a minute, and
  /// with trust_only_ntp() while the kernel says that nothing disciplines it.
  ClockQuality quality() const override;
  /// Not what a clock says that has just been stepped.
  Instant floor() const override;
  std::string new_id() override;

  void trust_only_ntp(bool yes);
  /// The last moment at which something was committed, as the store knows it after a restart.
  void never_before(Instant committed) override;

  Instant wall() const override { return host_.wall(); }
  /// Trusted at once, but for what trust_only_ntp() asks.
  void believe_wall() override;

 private:
  struct Seen {
    Instant wall;
    Uptime at;
  };
  Instant reckon(Seen seen) const;
  bool disciplined(Uptime at) const;

  const HostTime& host_;
  mutable std::mutex lock_;  ///< over all that follows
  mutable Instant floor_;
  mutable std::optional<Seen> last_;
  mutable Uptime stable_from_{};  ///< the wall clock is not trusted before
  mutable std::optional<Uptime> asked_kernel_;
  mutable bool kernel_says_ = false;
  bool only_ntp_ = false;
};

}  // namespace gatehouse
