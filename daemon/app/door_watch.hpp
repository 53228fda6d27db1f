#pragma once
// Did the door really move? What Net2 tells later of what it accepted (contract.md §3.1).

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/door_command.hpp"

namespace gatehouse {

/// On the io thread. Two signs, each of them counted for one command only, so that one opening never confirms
/// two:
///
/// * A committed event 28 "Door opened" of the door with sub-type 61 "with network instruction"
///   (net2-api.md §4.1, §4.2). Sub-type 0 is not enough: "None" is what an opening by a card has, and
///   somebody else's card must not confirm our command. Where a server never says 61, the relay does. Event
///   580 is only the request.
/// * A polled relay that was closed and is open.
class DoorWatch {
 public:
  /// Called with the owner and door of a command that was `sent` and is now `confirmed`.
  using Confirmed = std::function<void(const std::string& owner, const DoorId& door)>;
  DoorWatch(const Clock& clock, Confirmed confirmed) : clock_(clock), confirmed_(std::move(confirmed)) {}

  /// Before the first byte: a sign may come sooner than the answer. `owner` empty: it only takes its own
  /// signs.
  std::uint64_t asked(const DoorId& door, std::string owner);
  /// Net2's answer; signs count until `window` from now. True: it is confirmed already.
  bool answered(std::uint64_t watch, DoorCommandState state, Duration window);
  void on_events(const IntegrationId& integration, const std::vector<EventCommit::Item>& events);
  void on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status);

  /// Forgets what can no longer be confirmed.
  void expire();
  bool watches(const std::string& owner) const;

 private:
  struct Watch {
    std::uint64_t number = 0;
    DoorId door;
    std::string owner;
    Uptime asked{};
    Instant asked_at{};
    std::optional<Uptime> until{};  ///< from the answer on
    bool sent = false;
    bool by_event = false;  ///< it has had its sign of this kind
    bool by_relay = false;
  };
  struct Relay {
    bool open = false;
    Uptime seen{};
  };
  void take_event(const DoorId& door, const EventCommit::Item& item);
  void take_relay(const DoorId& door, Uptime closed_at);
  void confirm(Watch& watch, bool Watch::* sign);
  bool over(const Watch& watch) const;

  const Clock& clock_;
  Confirmed confirmed_;
  std::list<Watch> watches_;  ///< the oldest first
  std::map<DoorId, Relay> relays_;
  std::uint64_t last_ = 0;
};

}  // namespace gatehouse
