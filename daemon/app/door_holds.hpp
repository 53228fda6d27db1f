#pragma once
// Doors that are held open, and their end: closing is not opening, so it is tried until Net2 takes it.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/door_moves.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/open_decisions.hpp"
#include "daemon/app/retry.hpp"

namespace gatehouse {

/// No door is held open longer.
constexpr Duration longest_hold = std::chrono::hours(12);

/// On the io thread.
class DoorHolds {
 public:
  struct Parts {
    AccessStore& store;
    DoorMoves& moves;
    DoorYard& yard;
    EndWriter& writer;
    Errands& errands;
    Alerts& alerts;
    Clock& clock;
    Wakeup& bell;  ///< wakes the loop that calls close_due()
  };
  explicit DoorHolds(Parts parts) : parts_(std::move(parts)) {}

  /// Those that were stored. Where the clock is not trusted nobody knows when they end: then now.
  void load(const std::vector<Hold>& holds);
  void begin(Hold hold);
  void over(const DoorId& door);
  std::optional<Hold> find(const DoorId& door) const;

  void close_due();
  std::optional<Uptime> next_due() const;

 private:
  struct Held {
    Hold hold;
    std::uint64_t number = 0;  ///< another one for each hold
    Uptime next{};             ///< when closing is tried
    bool closing = false;
    bool failed = false;
    Retry retry;
  };
  Task<void> close(DoorId door, std::uint64_t number);
  void not_closed(const DoorId& door, std::uint64_t number, const std::string& why);

  Parts parts_;
  std::map<DoorId, Held> held_;
  std::uint64_t last_ = 0;
};

}  // namespace gatehouse
