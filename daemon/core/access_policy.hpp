#pragma once
// The configuration as decisions look at it: each door with its site, its clock and the one policy that
// applies. Made once for a configuration; a decision only follows pointers.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/core/settings.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// Which of the three policies a door has: they replace each other, and are never merged (contract.md §4.12).
enum class PolicyLevel { site, scope, door };
std::string_view to_string(PolicyLevel level);

/// A configured door, ready to be decided about.
struct PolicyDoor {
  DoorId id;
  DoorKind kind = DoorKind::timed;
  std::optional<SiteId> site;  ///< none: that of the access point used
  DoorMode mode = DoorMode::normal;
  bool allow_trigger = true;
  bool available = true;  ///< its integration is there, enabled, and not staging
  std::optional<ScopeId> scope;
  const Policy* policy = nullptr;
  PolicyLevel level = PolicyLevel::site;
};

struct PolicyAccessPoint {
  AccessPoint settings;
  std::vector<const PolicyDoor*> doors;  ///< in the order in which they are decided
};

/// Immutable, safe from any thread; what it hands out lives as long as it does.
class AccessPolicy {
 public:
  using Zones = std::map<SiteId, std::shared_ptr<const TimeZone>>;  ///< of every site

  /// `modes`: what operators have set at doors, which beats the file.
  AccessPolicy(Settings settings, Zones zones, std::map<DoorId, DoorMode> modes = {});
  AccessPolicy(const AccessPolicy&) = delete;
  AccessPolicy& operator=(const AccessPolicy&) = delete;

  const PolicyAccessPoint* access_point(const AccessPointId& id) const;
  const PolicyDoor* door(const DoorId& id) const;
  /// nullptr where the configuration has no schedule of this id.
  const Schedule* schedule(const ScheduleId& id) const;
  /// The clock of a site; of the gateway where the site is not known.
  const TimeZone& zone(const SiteId& site) const;
  Duration max_age(PersonType type) const;
  const Settings& settings() const { return settings_; }

 private:
  void place_doors(const std::map<DoorId, DoorMode>& modes);

  const Settings settings_;
  const Zones zones_;
  std::map<DoorId, PolicyDoor> doors_;
  std::unordered_map<AccessPointId, PolicyAccessPoint> access_points_;
};

}  // namespace gatehouse
