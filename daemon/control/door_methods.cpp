// The doors, and lockdown.

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {
namespace {

void add_looks(AccessVerbs* verbs, std::vector<Method>& methods) {
  methods.push_back({bus_names::doors, "List", "", {}, Permission::view, [verbs](sdbus::MethodCall&) {
                       return [verbs](std::string) { return verbs->doors(); };
                     }});
  methods.push_back(
      {bus_names::doors, "Show", "s", {"door"}, Permission::view, [verbs](sdbus::MethodCall& call) {
         return [verbs, id = read_argument<std::string>(call)](std::string) { return verbs->door(id); };
       }});
  methods.push_back({bus_names::doors, "Discover", "", {}, Permission::view, [verbs](sdbus::MethodCall&) {
                       return [verbs](std::string) { return verbs->discover_doors(); };
                     }});
}

void add_acts(AccessVerbs* verbs, std::vector<Method>& methods) {
  methods.push_back({bus_names::doors,
                     "Open",
                     "ssb",
                     {"door", "reason", "break_glass"},
                     Permission::open_door,
                     [verbs](sdbus::MethodCall& call) {
                       auto door = read_name(call, "door");
                       auto reason = read_name(call, "reason");
                       const bool break_glass = read_argument<bool>(call);
                       return [verbs, door, reason, break_glass](std::string by) {
                         return verbs->open_door(door, reason, break_glass, std::move(by));
                       };
                     }});
  methods.push_back({bus_names::doors,
                     "Hold",
                     "sus",
                     {"door", "seconds", "reason"},
                     Permission::open_door,
                     [verbs](sdbus::MethodCall& call) {
                       auto door = read_name(call, "door");
                       const auto seconds = read_argument<std::uint32_t>(call);
                       auto reason = read_name(call, "reason");
                       return [verbs, door, seconds, reason](std::string by) {
                         return verbs->hold_door(door, seconds, reason, std::move(by));
                       };
                     }});
  methods.push_back({bus_names::doors,
                     "Close",
                     "ss",
                     {"door", "reason"},
                     Permission::open_door,
                     [verbs](sdbus::MethodCall& call) {
                       auto door = read_name(call, "door");
                       auto reason = read_name(call, "reason");
                       return [verbs, door, reason](std::string by) {
                         return verbs->close_door(door, reason, std::move(by));
                       };
                     }});
  methods.push_back({bus_names::doors,
                     "SetMode",
                     "ss",
                     {"door", "mode"},
                     Permission::administer,
                     [verbs](sdbus::MethodCall& call) {
                       auto door = read_name(call, "door");
                       auto mode = read_argument<std::string>(call);
                       require_one_of(mode, "mode",
                                      {"normal", "blocked", "force_closed", "force_open", "config"});
                       return [verbs, door, mode](std::string by) {
                         return verbs->set_door_mode(door, mode, std::move(by));
                       };
                     }});
}

}  // namespace

std::vector<Method> door_methods(AccessVerbs& to) {
  AccessVerbs* verbs = &to;
  std::vector<Method> methods;
  add_looks(verbs, methods);
  add_acts(verbs, methods);
  methods.push_back({bus_names::lockdown,
                     "Set",
                     "sb",
                     {"site", "on"},
                     Permission::administer,
                     [verbs](sdbus::MethodCall& call) {
                       auto site = read_name(call, "site");
                       const bool on = read_argument<bool>(call);
                       return [verbs, site, on](std::string by) {
                         return verbs->set_lockdown(site, on, std::move(by));
                       };
                     }});
  return methods;
}

}  // namespace gatehouse
