#include "daemon/app/door_view.hpp"

#include <algorithm>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

void write_configured(JsonWriter& json, const DoorView& view, const AccessPolicy& policy,
                      const std::set<SiteId>& lockdown) {
  const auto& configured = *view.configured;
  const auto* door = policy.door(configured.id);
  json.member("kind", to_string(configured.kind));
  json.member("mode", to_string(door == nullptr ? configured.mode : door->mode));
  json.member("configured_mode", to_string(configured.mode));
  json.member("open_ms", static_cast<std::int64_t>(configured.open.count()));
  json.member("allow_trigger", configured.allow_trigger).member("allow_hold", configured.allow_hold);
  json.member("presence", to_string(configured.presence));
  if (door == nullptr) return;
  json.key("scope");
  door->scope ? json.value(door->scope->value()) : json.null();
  json.member("policy", to_string(door->level)).member("available", door->available);
  json.member("lockdown", configured.site && lockdown.contains(*configured.site));
}

void write_status(JsonWriter& json, const std::optional<DoorStatus>& status) {
  json.key("status");
  if (!status) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("relay_open", status->relay_open).member("contact_closed", status->contact_closed);
  json.member("alarm_tripped", status->alarm_tripped).member("intruder_armed", status->intruder_armed);
  json.member("psu_ok", status->psu_ok).member("tamper_ok", status->tamper_ok);
  json.end_object();
}

}  // namespace

std::vector<DoorView> with_configured(std::vector<DoorView> told, const Settings& settings) {
  std::set<DoorId> seen;
  for (const auto& view : told) seen.insert({view.integration, view.door.id});
  for (const auto& configured : settings.doors) {
    if (seen.contains(configured.id)) continue;
    told.push_back({.integration = configured.id.integration,
                    .door = {configured.id.number, ""},
                    .status = std::nullopt,
                    .configured = configured,
                    .in_net2 = false});
  }
  return told;
}

std::string door_json(const DoorView& view, const AccessPolicy& policy, const std::set<SiteId>& lockdown) {
  const DoorId door{view.integration, view.door.id};
  const std::string id = to_string(door);
  JsonWriter json;
  json.begin_object();
  json.member("id", id).member("door", id).member("integration", view.integration.value());
  json.member("name", view.configured ? view.configured->name : view.door.name);
  json.member("net2_name", view.door.name).member("in_net2", view.in_net2);
  json.member("configured", view.configured.has_value());
  json.key("site");
  view.configured&& view.configured->site ? json.value(view.configured->site->value()) : json.null();
  if (view.configured) {
    write_configured(json, view, policy, lockdown);
  } else {
    json.key("kind").null().key("mode").null();
  }
  json.key("access_points").begin_array();
  for (const auto& point : access_points_of(door, policy.settings())) json.value(point.value());
  json.end_array();
  write_status(json, view.status);
  json.end_object();
  return json.take();
}

std::vector<AccessPointId> access_points_of(const DoorId& door, const Settings& settings) {
  std::vector<AccessPointId> points;
  for (const auto& point : settings.access_points) {
    if (std::ranges::find(point.doors, door) != point.doors.end()) points.push_back(point.id);
  }
  return points;
}

}  // namespace gatehouse
