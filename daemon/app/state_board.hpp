#pragma once
// What the broker holds as retained: the gateway's state and each door's. Only the latest matters, so it is
// kept in memory, sent on change and sent again whole when the link comes back.

#include <map>
#include <string>

#include "daemon/app/ports.hpp"

namespace gatehouse {

class StateBoard {
 public:
  /// `source` as in every envelope.
  StateBoard(Clock& clock, std::string source) : clock_(clock), source_(std::move(source)) {}

  /// Puts up what is true of `message.topic` now; the same data again is not sent again.
  void put(const Message& message);
  /// The same, sent in any case.
  void put_anew(const Message& message);
  /// The link is up: sends everything, since the broker may have lost or never seen it, and from now on
  /// each change. `uplink` must live until on_down().
  void on_up(Uplink& uplink);
  void on_down() { uplink_ = nullptr; }
  bool up() const { return uplink_ != nullptr; }

  /// The envelope of a retained message, for whoever sends it by itself (last will, farewell).
  Outgoing outgoing(const Message& message) const;

 private:
  struct Posted {
    std::string data;
    Outgoing sent;
  };
  Uplink* uplink_ = nullptr;  ///< while it is up
  Clock& clock_;
  const std::string source_;
  std::map<std::string, Posted> board_;
};

/// The retained `door.state` message.
Message door_state_message(const IntegrationId& integration, const SourceDoor& door, const DoorStatus& status,
                           std::string id, Instant now);

}  // namespace gatehouse
