#pragma once
// The way out where the clock's floor is wrong (contract.md §4, "Clock"). A wall clock that was wrong by a
// year, and believed, leaves a floor that the right time does not reach for a year: all that needs the time
// of day is denied until then. Nothing but a person can tell that from a clock that was set back to let
// somebody in.

#include <string>

#include "daemon/app/ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// The wall clock and the floor that it is held against.
class FlooredClock {
 public:
  virtual ~FlooredClock() = default;
  /// As the host says, even where that lies before the floor.
  virtual Instant wall() const = 0;
  /// Below this time no clock is trusted.
  virtual Instant floor() const = 0;
  /// The floor is where the wall clock stands, and that is believed from now on.
  virtual void believe_wall() = 0;
  /// A floor again.
  virtual void never_before(Instant committed) = 0;
};

class FloorStore {
 public:
  virtual ~FloorStore() = default;
  /// Keeps the clock's floor as it is now, though a later one was kept, with the row of the audit: one
  /// transaction.
  virtual Task<Result<void>> lower_floor(AuditEntry audit) = 0;
};

/// On the io thread.
class ClockDesk {
 public:
  struct Parts {
    FlooredClock& floored;
    FloorStore& store;
    Clock& clock;
    Log& log;
  };
  explicit ClockDesk(Parts parts) : parts_(parts) {}

  /// {"clock","time","floor"}: as `status` says it, the host's wall clock, and the floor.
  std::string show() const;
  /// The host's clock is right, says `by`, and the floor is not. Then as show(). Errc::refused where the wall
  /// clock does not stand before the floor: there is nothing to mend. Errc::invalid without a reason of 1 to
  /// 200 bytes.
  Task<Result<std::string>> reset(std::string reason, std::string by);

 private:
  Parts parts_;
};

}  // namespace gatehouse
