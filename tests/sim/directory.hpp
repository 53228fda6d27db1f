#pragma once
// The site's small lists: departments, custom fields, access levels, areas, timezones, operators, reports.

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::sim {

struct Department {
  int id;
  std::string name;
};

struct CustomField {
  int id;
  std::string name;
  int type;
  std::int64_t max_length;
};

struct Area {
  int id;
  std::string name;  ///< "Front door (In)"
  int door;          ///< ACU serial
};

struct LevelRow {
  int area;
  int timezone;
};

struct AccessLevel {
  int id;
  std::string name;
  std::vector<LevelRow> rows;
};

struct TimeSlot {
  int day;    ///< 1 Monday … 7 Sunday, 8 holiday
  int begin;  ///< minutes of the day
  int end;
};

struct Timezone {
  int id;
  std::string name;
  std::vector<TimeSlot> slots;
};

struct SafeMark {
  int user;
  int by;
};

struct RollCall {
  int id;
  std::string name;
  std::vector<SafeMark> safe;
};

/// Plain lists, edited in place by the routes.
struct Directory {
  std::vector<Department> departments;  ///< without the root, 0
  std::vector<CustomField> fields;
  std::vector<Area> areas;
  std::vector<AccessLevel> levels;
  std::vector<Timezone> timezones;
  std::vector<RollCall> roll_calls;

  const Department* department(int id) const;
  const Department* department(const std::string& name) const;
  const AccessLevel* level(int id) const;
  const Timezone* timezone(int id) const;
  const Area* area(int id) const;
  /// The reader's side of that door; 0 where the door has none.
  int area_of(int door, bool in) const;
};

}  // namespace gatehouse::sim
