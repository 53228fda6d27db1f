#pragma once
// What Net2's event numbers mean (net2-api.md §4.1).

#include <optional>
#include <string_view>

namespace gatehouse {

/// Our own sorting of Net2's events.
enum class EventGroup {
  granted,
  denied,
  door,
  alarm,
  alarm_end,
  lockdown,
  comms,
  system,
  wireless_lock,
  other
};

struct EventType {
  int id;
  std::string_view name;  ///< English; Net2's own description is localised and never matched on
  EventGroup group;
};

/// nullptr for a number that is not in the table: it is passed on as it came.
const EventType* find_event_type(int id);

/// The `kind` of an alarm message: "door_forced", "intruder", …; empty where the event is no alarm.
std::string_view alarm_kind(int event_type);

/// Net2's own lockdown: true for an event that begins one (300, 590, 120), false for one that ends it (301,
/// 591, 121), nullopt for any other.
std::optional<bool> net2_lockdown(int event_type);

}  // namespace gatehouse
