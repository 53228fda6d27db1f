#include "daemon/core/access_policy.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

/// The world's time, for a site whose zone is not known: never reached with a checked configuration.
class Utc final : public TimeZone {
 public:
  LocalTime local(Instant at) const override { return LocalTime(at.time_since_epoch()); }
  Instant first_instant_of(LocalTime wall) const override { return Instant(wall.time_since_epoch()); }
};

}  // namespace

std::string_view to_string(PolicyLevel level) {
  switch (level) {
    case PolicyLevel::site:
      return "site";
    case PolicyLevel::scope:
      return "scope";
    case PolicyLevel::door:
      return "door";
  }
  return "unknown";
}

AccessPolicy::AccessPolicy(Settings settings, Zones zones, std::map<DoorId, DoorMode> modes)
    : settings_(std::move(settings)), zones_(std::move(zones)) {
  place_doors(modes);
  for (const auto& point : settings_.access_points) {
    PolicyAccessPoint placed{.settings = point, .doors = {}};
    for (const auto& id : point.doors) {
      if (const auto* known = door(id)) placed.doors.push_back(known);
    }
    access_points_.emplace(point.id, std::move(placed));
  }
}

void AccessPolicy::place_doors(const std::map<DoorId, DoorMode>& modes) {
  for (const auto& configured : settings_.doors) {
    PolicyDoor placed;
    placed.id = configured.id;
    placed.kind = configured.kind;
    placed.site = configured.site;
    placed.mode = configured.mode;
    placed.allow_trigger = configured.allow_trigger;
    const auto integration =
        std::ranges::find(settings_.integrations, configured.id.integration, &Integration::id);
    placed.available = integration != settings_.integrations.end() && integration->enabled &&
                       integration->mode != IntegrationMode::staging;
    placed.policy = &settings_.policy.policy;
    for (const auto& scope : settings_.scopes) {
      if (std::ranges::find(scope.doors, configured.id) == scope.doors.end()) continue;
      placed.scope = scope.id;
      if (!scope.policy) continue;
      placed.policy = &*scope.policy;
      placed.level = PolicyLevel::scope;
    }
    if (configured.policy) {
      placed.policy = &*configured.policy;
      placed.level = PolicyLevel::door;
    }
    if (const auto set = modes.find(configured.id); set != modes.end()) placed.mode = set->second;
    doors_.emplace(configured.id, std::move(placed));
  }
}

const PolicyAccessPoint* AccessPolicy::access_point(const AccessPointId& id) const {
  const auto found = access_points_.find(id);
  return found == access_points_.end() ? nullptr : &found->second;
}

const PolicyDoor* AccessPolicy::door(const DoorId& id) const {
  const auto found = doors_.find(id);
  return found == doors_.end() ? nullptr : &found->second;
}

const Schedule* AccessPolicy::schedule(const ScheduleId& id) const {
  const auto found = settings_.schedules.find(id);
  return found == settings_.schedules.end() ? nullptr : &found->second;
}

const TimeZone& AccessPolicy::zone(const SiteId& site) const {
  static const Utc utc;
  const auto found = zones_.find(site);
  return found == zones_.end() || !found->second ? static_cast<const TimeZone&>(utc) : *found->second;
}

Duration AccessPolicy::max_age(PersonType type) const {
  const auto& ages = settings_.policy.max_age;
  const auto found = ages.by_type.find(type);
  return found == ages.by_type.end() ? ages.others : found->second;
}

}  // namespace gatehouse
