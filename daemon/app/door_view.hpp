#pragma once
// A door as Net2, the configuration and operators know it, for people who look.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/access_policy.hpp"

namespace gatehouse {

struct DoorView {
  IntegrationId integration;
  SourceDoor door;
  std::optional<DoorStatus> status;
  std::optional<ConfiguredDoor> configured;  ///< none: shown, never opened
  bool in_net2 = true;                       ///< false: the configuration names it, and Net2 has not told it
};

/// Those that Net2 has told, then those that only the configuration names.
std::vector<DoorView> with_configured(std::vector<DoorView> told, const Settings& settings);

/// {"id","door","integration","name","net2_name","in_net2","configured","site","kind","mode","configured_mode",
/// "open_ms","allow_trigger","allow_hold","presence","scope","policy":"site|scope|door","available",
/// "lockdown","access_points":[…],"status":{…}|null}; a door that is not configured has null or nothing where
/// only the configuration could tell. "mode" is what is in force: "configured_mode", or what an operator set.
std::string door_json(const DoorView& view, const AccessPolicy& policy, const std::set<SiteId>& lockdown);

/// The access points that have the door, in the order of the configuration.
std::vector<AccessPointId> access_points_of(const DoorId& door, const Settings& settings);

}  // namespace gatehouse
