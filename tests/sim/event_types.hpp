#pragma once
// What Net2 can log: numbers, English names and our grouping (net2-api.md §4).

#include <span>
#include <string_view>

namespace gatehouse::sim {

struct EventType {
  int id;
  std::string_view name;
  std::string_view group;  ///< "granted", "denied", "door", "alarm", … or empty
};

const EventType* find_event_type(int id);  ///< nullptr: a number not in the table
std::span<const EventType> event_types();  ///< ascending by id
std::string_view sub_type_text(int id);    ///< empty where there is none

/// Only events that can be monitored go to live subscribers; operators' doings do not (net2-api.md §5.4).
bool shown_live(int type);

}  // namespace gatehouse::sim
