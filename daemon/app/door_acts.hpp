#pragma once
// What an operator does at a door: no policy, but lockdown, modes and audit (contract.md §3.2 `door.*`).

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_rules.hpp"
#include "daemon/app/door_holds.hpp"
#include "daemon/app/door_moves.hpp"
#include "daemon/app/open_decisions.hpp"

namespace gatehouse {

/// What is wrong with an act at a door that the configuration has, in a sentence (bad_args); empty: nothing.
std::string_view wrong_door_args(const ConfiguredDoor& door, DoorAction action,
                                 const std::optional<Duration>& seconds, std::string_view reason);

/// On the io thread. Its calls are run as errands, so that they go on when their caller is gone.
class DoorActs {
 public:
  struct Parts {
    const AccessRules& rules;
    AccessStore& store;
    DoorMoves& moves;
    DoorHolds& holds;
    EndWriter& writer;
    Alerts& alerts;
    Clock& clock;
    std::function<void()> news;
    std::function<void()> alert_raised;  ///< tell it now
  };
  explicit DoorActs(Parts parts) : parts_(std::move(parts)) {}

  /// AccessDesk::move_door. `received`: from when the deadline counts.
  Task<Result<DoorReport>> move(DoorRequest request, Uptime received);
  /// Alerts of glass that was broken are over once the door has had the time to close.
  void mend_glass();
  /// After a start: those of the process before are over.
  void glass_is_whole();

 private:
  std::optional<Error> refusal(const DoorRequest& request) const;
  AccessBegin begin_of(const DoorRequest& request, const std::string& act) const;
  DoorMoves::Ask ask_of(const DoorRequest& request) const;
  Task<Result<DoorReport>> spare(DoorRequest request, AccessBegin begin, std::string act);
  /// `before`: the hold that there was when the act got its place in the line; `mine`: the one that it began.
  Task<void> settle_hold(const DoorRequest& request, const DoorAnswer& answer, std::optional<Hold> before,
                         std::optional<Hold> mine, AccessEnd& end);
  void break_glass(const DoorRequest& request);

  Parts parts_;
  std::map<DoorId, Uptime> glass_;  ///< broken, and until when that is told
};

}  // namespace gatehouse
