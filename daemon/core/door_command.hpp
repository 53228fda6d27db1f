#pragma once
// What is asked of a door, and how it went (contract.md §3.1 `decision`, §3.2).

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/door_id.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

enum class DoorAction { open, hold, close };
std::string_view to_string(DoorAction action);
std::optional<DoorAction> parse_door_action(std::string_view text);

/// `sent`: Net2 accepted. `confirmed`: its relay moved. `failed`: not a byte was written, or Net2 refused.
/// `unknown`: written, and no answer that says how it went. `scheduled`: comes later. `not_sent`: never
/// asked.
enum class DoorCommandState { sent, confirmed, failed, unknown, scheduled, not_sent };
std::string_view to_string(DoorCommandState state);
std::optional<DoorCommandState> parse_door_command_state(std::string_view text);

/// `why` is a word for programs where the state is not_sent ("already_commanded", "dropped", "late",
/// "store_unwritable"), else a line for people; empty where all is said.
struct DoorAnswer {
  DoorCommandState state = DoorCommandState::not_sent;
  std::string why;

  bool operator==(const DoorAnswer&) const = default;
};

/// One command to one door of one Net2 server.
struct DoorOrder {
  Net2DoorId door;
  DoorAction action = DoorAction::open;
  /// How long the relay stays open: by relay control. None: `open` with the time that Net2 has for the door.
  /// Ignored for hold and close.
  std::optional<Duration> open_time;
  Uptime deadline{};  ///< no byte is written after it
  /// Asked right before the first byte, and again before a repeat; what it says is `not_sent` and why. May be
  /// empty.
  std::function<std::optional<std::string>()> stop{};
};

}  // namespace gatehouse
