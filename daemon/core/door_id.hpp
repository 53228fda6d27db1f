#pragma once
// What the configuration names beside people: doors, and the things that bundle or time them.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/ids.hpp"

namespace gatehouse {

using ScheduleId = Id<struct ScheduleTag, std::string>;
using ScopeId = Id<struct ScopeTag, std::string>;
using AccessPointId = Id<struct AccessPointTag, std::string>;

/// A door of a Net2 server: `INTEGRATION/DOORID`.
struct DoorId {
  IntegrationId integration;
  Net2DoorId number;

  auto operator<=>(const DoorId&) const = default;
};

/// "net2-hq/6203980"
std::string to_string(const DoorId& door);
/// What to_string gives; nullopt for anything else.
std::optional<DoorId> parse_door_id(std::string_view text);

}  // namespace gatehouse
