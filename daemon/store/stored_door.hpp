#pragma once
// A door as the store keeps it: "net2-hq/6203980".

#include <optional>
#include <string>

#include "daemon/core/door_id.hpp"
#include "daemon/store/fault.hpp"

namespace gatehouse {

/// Throws StoreFault where somebody else has written into the file.
inline DoorId stored_door(const std::string& text) {
  auto door = parse_door_id(text);
  if (!door) throw StoreFault({Errc::storage, "the store's file is damaged: door " + text});
  return *door;
}

inline std::optional<DoorId> stored_door(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return stored_door(*text);
}

inline std::optional<std::string> door_text(const std::optional<DoorId>& door) {
  if (!door) return std::nullopt;
  return to_string(*door);
}

}  // namespace gatehouse
