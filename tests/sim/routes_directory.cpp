// Departments, access levels, areas, timezones (net2-api.md §3.5–3.7).

#include "tests/sim/json_text.hpp"
#include "tests/sim/router.hpp"

namespace gatehouse::sim {
namespace {

void write_named(JsonText& out, int id, std::string_view name) {
  out.open_object().member("id", id).member("name", name).close_object();
}

template <typename T>
std::string named_list(const std::vector<T>& list) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& entry : list) write_named(out, entry.id, entry.name);
  out.close_array();
  return body;
}

template <typename T>
T* in_list(std::vector<T>& list, std::int64_t id) {
  for (auto& entry : list) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

template <typename T>
int free_id(const std::vector<T>& list) {
  int id = 1;
  for (const auto& entry : list) id = std::max(id, entry.id + 1);
  return id;
}

template <typename T>
Response one(const T* entry, int status = 200) {
  if (!entry) return fault(404, "Not found.");
  Response out;
  out.status = status;
  JsonText text(out.body);
  write_named(text, entry->id, entry->name);
  return out;
}

/// The name of the body; empty where it has none.
std::string name_in(Call& call) {
  const auto body = call.body();
  return body ? text_of(*body, "name").value_or("") : "";
}

template <typename T>
Response remove_from(Call& call, std::vector<T>& list) {
  const auto gone = std::erase_if(list, [&](const T& entry) { return entry.id == call.ids[0]; });
  return gone ? answer(call.world.switches.delete_status) : fault(404, "Not found.");
}

Response get_departments(Call& call) {
  auto list = call.world.directory.departments;
  if (call.world.switches.department_zero) list.insert(list.begin(), {0, "(none)"});
  return list_answer(call.world, named_list(list));
}

Response post_department(Call& call) {
  auto& list = call.world.directory.departments;
  const auto body = call.body();
  const auto name = name_in(call);
  if (trimmed(name).empty() || call.world.directory.department(name))
    return fault(400, "The department name is missing or in use.");
  const auto wanted = integer_of(*body, "id");
  const bool take = wanted && *wanted > 0 && *wanted < 1'000'000 && !in_list(list, *wanted);
  list.push_back({take ? static_cast<int>(*wanted) : free_id(list), name});
  return one(&list.back(), call.world.switches.post_status);
}

Response get_department(Call& call) {
  return one(in_list(call.world.directory.departments, call.ids[0]));
}

Response put_department(Call& call) {
  auto* entry = in_list(call.world.directory.departments, call.ids[0]);
  if (!entry) return fault(404, "Not found.");
  const auto name = name_in(call);
  if (trimmed(name).empty()) return fault(400, "The department name is missing.");
  entry->name = name;
  return answer(200);
}

Response delete_department(Call& call) {
  for (const auto& person : call.world.people.all()) {
    if (person.active && person.department == call.ids[0])
      return fault(400, "The department still has users.");
  }
  return remove_from(call, call.world.directory.departments);
}

Response get_levels(Call& call) {
  return list_answer(call.world, named_list(call.world.directory.levels));
}
Response get_level(Call& call) {
  return one(in_list(call.world.directory.levels, call.ids[0]));
}

Response level_detail(Call& call) {
  const auto* level = in_list(call.world.directory.levels, call.ids[0]);
  if (!level) return fault(404, "Not found.");
  Response out;
  JsonText text(out.body);
  text.open_object().member("id", level->id).member("name", level->name).key("detailRows").open_array();
  for (const auto& row : level->rows)
    text.open_object().member("areaID", row.area).member("timezoneID", row.timezone).close_object();
  text.close_array().close_object();
  return out;
}

Result<void> read_level(const json::object& in, AccessLevel& level) {
  level.name = text_of(in, "name").value_or(level.name);
  if (trimmed(level.name).empty()) return Error{Errc::invalid, "The access level name is missing."};
  const auto* rows = find(in, "detailRows");
  if (!rows) return {};
  if (!rows->is_array()) return Error{Errc::invalid, "detailRows must be an array."};
  level.rows.clear();
  for (const auto& row : rows->get_array()) {
    if (!row.is_object()) return Error{Errc::invalid, "detailRows must hold objects."};
    const auto area = integer_of(row.get_object(), "areaID");
    const auto timezone = integer_of(row.get_object(), "timezoneID");
    if (!area || !timezone) return Error{Errc::invalid, "A row needs areaID and timezoneID."};
    level.rows.push_back({static_cast<int>(*area), static_cast<int>(*timezone)});
  }
  return {};
}

Response post_level(Call& call) {
  auto& list = call.world.directory.levels;
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  AccessLevel level{free_id(list), "", {}};
  const auto read = read_level(*body, level);
  if (!read) return fault(400, read.error().detail);
  list.push_back(level);
  call.world.log({.type = 572, .sub_type = 590, .details = level.name});
  return one(&list.back(), call.world.switches.post_status);
}

Response put_level(Call& call) {
  auto* level = in_list(call.world.directory.levels, call.ids[0]);
  if (!level) return fault(404, "Not found.");
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  auto next = *level;
  const auto read = read_level(*body, next);
  if (!read) return fault(400, read.error().detail);
  *level = next;
  call.world.log({.type = 572, .sub_type = 591, .details = level->name});
  return answer(200);
}

Response delete_level(Call& call) {
  if (call.ids[0] <= 2) return fault(400, "This access level is fixed.");
  return remove_from(call, call.world.directory.levels);
}

Response get_areas(Call& call) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& area : call.world.directory.areas)
    out.open_object().member("areaID", area.id).member("name", area.name).close_object();
  out.close_array();
  return list_answer(call.world, std::move(body));
}

Response area_groups(Call&) {
  return answer(200, R"([{"id":1,"name":"All areas"}])");
}
Response area_group(Call& call) {
  return call.ids[0] == 1 ? answer(200, R"({"id":1,"name":"All areas"})") : fault(404, "Not found.");
}

Response get_timezones(Call& call) {
  return list_answer(call.world, named_list(call.world.directory.timezones));
}
Response get_timezone(Call& call) {
  return one(in_list(call.world.directory.timezones, call.ids[0]));
}

std::string hour_text(int minutes) {
  std::string out;
  append_local(out, minutes * std::int64_t{60'000}, false);
  return minutes >= 1440 ? "23:59:59" : out.substr(11);
}

Response timezone_detail(Call& call) {
  const auto* zone = in_list(call.world.directory.timezones, call.ids[0]);
  if (!zone) return fault(404, "Not found.");
  Response out;
  JsonText text(out.body);
  text.open_object().member("id", zone->id).member("name", zone->name).key("timeslots").open_array();
  int id = 0;
  for (const auto& slot : zone->slots) {
    text.open_object().member("id", ++id).member("day", slot.day);
    text.member("startTime", hour_text(slot.begin)).member("endTime", hour_text(slot.end)).close_object();
  }
  text.close_array().close_object();
  return out;
}

Result<void> read_timezone(const json::object& in, Timezone& zone) {
  zone.name = text_of(in, "name").value_or(zone.name);
  if (trimmed(zone.name).empty()) return Error{Errc::invalid, "The timezone name is missing."};
  const auto* slots = find(in, "timeslots");
  if (!slots || !slots->is_array()) return {};
  zone.slots.clear();
  for (const auto& slot : slots->get_array()) {
    const json::object none;
    const auto& object = slot.is_object() ? slot.get_object() : none;
    const auto begin = parse_time("2000-01-01T" + text_of(object, "startTime").value_or(""));
    const auto end = parse_time("2000-01-01T" + text_of(object, "endTime").value_or(""));
    const auto day = integer_of(object, "day");
    if (!begin || !end || !day || *day < 1 || *day > 8)
      return Error{Errc::invalid, "A slot needs day, startTime and endTime."};
    constexpr std::int64_t day_ms = 86'400'000;
    zone.slots.push_back({static_cast<int>(*day), static_cast<int>(begin->local % day_ms / 60'000),
                          static_cast<int>((end->local % day_ms + 59'999) / 60'000)});
  }
  return {};
}

Response post_timezone(Call& call) {
  auto& list = call.world.directory.timezones;
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  Timezone zone{free_id(list), "", {}};
  const auto read = read_timezone(*body, zone);
  if (!read) return fault(400, read.error().detail);
  list.push_back(zone);
  return one(&list.back(), call.world.switches.post_status);
}

Response put_timezone(Call& call) {
  auto* zone = in_list(call.world.directory.timezones, call.ids[0]);
  if (!zone) return fault(404, "Not found.");
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  auto next = *zone;
  const auto read = read_timezone(*body, next);
  if (!read) return fault(400, read.error().detail);
  *zone = next;
  return answer(200);
}

Response delete_timezone(Call& call) {
  return remove_from(call, call.world.directory.timezones);
}

constexpr std::string_view day_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                          "Friday", "Saturday", "Sunday",    "Bank holiday"};

Response get_days(Call&) {
  Response out;
  JsonText text(out.body);
  text.open_array();
  for (int i = 0; i < std::ssize(day_names); ++i) write_named(text, i + 1, day_names[i]);
  text.close_array();
  return out;
}

Response get_day(Call& call) {
  if (call.ids[0] < 1 || call.ids[0] > std::ssize(day_names)) return fault(404, "Not found.");
  Response out;
  JsonText text(out.body);
  write_named(text, static_cast<int>(call.ids[0]), day_names[call.ids[0] - 1]);
  return out;
}

}  // namespace

void add_directory_routes(Router& router) {
  router.add("GET", "departments", Right::read, get_departments);
  router.add("POST", "departments", Right::configure, post_department);
  router.add("GET", "departments/{id}", Right::read, get_department);
  router.add("PUT", "departments/{id}", Right::configure, put_department);
  router.add("DELETE", "departments/{id}", Right::configure, delete_department);
  router.add("GET", "accesslevels", Right::read, get_levels);
  router.add("POST", "accesslevels", Right::configure, post_level);
  router.add("GET", "accesslevels/areas", Right::read, get_areas);
  router.add("GET", "accesslevels/{id}", Right::read, get_level);
  router.add("PUT", "accesslevels/{id}", Right::configure, put_level);
  router.add("DELETE", "accesslevels/{id}", Right::configure, delete_level);
  router.add("GET", "accesslevels/{id}/detail", Right::read, level_detail);
  router.add("GET", "areagroups", Right::read, area_groups);
  router.add("GET", "areagroups/{id}", Right::read, area_group);
  router.add("GET", "timezones", Right::read, get_timezones);
  router.add("POST", "timezones", Right::configure, post_timezone);
  router.add("GET", "timezones/days", Right::read, get_days);
  router.add("GET", "timezones/days/{id}", Right::read, get_day);
  router.add("GET", "timezones/{id}", Right::read, get_timezone);
  router.add("PUT", "timezones/{id}", Right::configure, put_timezone);
  router.add("DELETE", "timezones/{id}", Right::configure, delete_timezone);
  router.add("GET", "timezones/{id}/detail", Right::read, timezone_detail);
}

}  // namespace gatehouse::sim
