#pragma once
// The messages of classic ASP.NET SignalR 2 (net2-api.md §5), as values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// The answer to /signalr/negotiate (§5.2).
struct Negotiation {
  std::string connection_token;
  std::optional<Duration>
      keep_alive;  ///< silence after which the link is lost; nullopt: the server sends none
};

/// Errc::malformed where there is no token, refused where the server speaks no WebSocket or another protocol.
Result<Negotiation> parse_negotiation(std::string_view body);

/// {"Response":"started"}, and nothing else will do.
bool is_started(std::string_view body);

/// What one text frame says to us. A frame may be several things at once.
struct Frame {
  bool readable = true;    ///< false: no JSON object; the feed goes on
  bool init = false;       ///< the first frame after connecting: {"S":1, …}
  bool reconnect = false;  ///< {"T":1}: the server asks to connect anew
  bool event = false;      ///< a push of events
  bool door_status = false;
  std::optional<std::string> result_of;  ///< "I" of the call that this answers
  std::optional<std::string> error;      ///< its "E", on one line
};

/// Names are compared without case; any push other than for a door counts as an event. The payload is not
/// looked at: it carries no event id, so it only rings (§5.5).
Frame parse_frame(std::string_view text);

/// {"H":"eventhublocal","M":"subscribeToLiveEvents","A":[],"I":0}
std::string subscribe_live_call(std::uint64_t number);
/// The door id travels as a string, as in Paxton's guide (§5.4).
std::string subscribe_door_status_call(Net2DoorId door, std::uint64_t number);

/// "/signalr/negotiate?…". `step`: negotiate, connect or start. `connection_token` is empty for negotiate.
std::string signalr_target(std::string_view step, std::string_view token, std::string_view connection_token);

}  // namespace gatehouse
