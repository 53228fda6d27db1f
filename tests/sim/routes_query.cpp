// SQL over the site: GET /customquery/querydb (net2-api.md §3.13).

#include "tests/sim/event_rows.hpp"
#include "tests/sim/router.hpp"
#include "tests/sim/sql_select.hpp"

namespace gatehouse::sim {
namespace {

constexpr Column user_columns[] = {
    {"UserID", ColumnKind::number},
    {"UserGUID", ColumnKind::text},
    {"FirstName", ColumnKind::text},
    {"MiddleName", ColumnKind::text},
    {"Surname", ColumnKind::text},
    {"ActivateDate", ColumnKind::date},
    {"ExpiryDate", ColumnKind::date},
    {"PIN", ColumnKind::text},
    {"LastKnownLocation", ColumnKind::text},
    {"LastAccessTime", ColumnKind::date},
    {"DepartmentID", ColumnKind::number},
    {"DepartmentName", ColumnKind::text},
    {"AccessLevelName", ColumnKind::text},
    {"AccessLevelID", ColumnKind::number},
    {"Active", ColumnKind::flag},
    {"Telephone", ColumnKind::text},
    {"Extension", ColumnKind::text},
    {"Fax", ColumnKind::text},
    {"AntiPassbackUser", ColumnKind::flag},
    {"AlarmUser", ColumnKind::flag},
    {"LockDownExempt", ColumnKind::flag},
    {"LastUpdated", ColumnKind::date},
    {"LastAreaID", ColumnKind::number},
    {"CardNo", ColumnKind::number},
    {"Field1_100", ColumnKind::text},
    {"Field2_100", ColumnKind::text},
    {"Field3_50", ColumnKind::text},
    {"Field4_50", ColumnKind::text},
    {"Field5_50", ColumnKind::text},
    {"Field6_50", ColumnKind::text},
    {"Field7_50", ColumnKind::text},
    {"Field8_50", ColumnKind::text},
    {"Field9_50", ColumnKind::text},
    {"Field10_50", ColumnKind::text},
    {"Field11_50", ColumnKind::text},
    {"Field12_50", ColumnKind::text},
    {"Field13_Memo", ColumnKind::text},
    {"Field14_50", ColumnKind::text},
};
constexpr int first_field_column = 24;

Cell text_cell(const OptionalText& text) {
  return text ? Cell(*text) : Cell();
}
Cell date_cell(const std::optional<LocalMs>& at) {
  return at ? Cell(SqlDate{*at}) : Cell();
}

std::string guid_of(int id) {
  auto digits = std::to_string(id);
  digits.insert(0, 12 - std::min<std::size_t>(12, digits.size()), '0');
  return "5a1d0c3e-7b52-4c1f-9e60-" + digits;
}

std::string level_names(const World& world, const Person& person) {
  std::string names;
  for (const int id : person.levels) {
    const auto* level = world.directory.level(id);
    if (level) names += (names.empty() ? "" : ", ") + level->name;
  }
  if (names.empty()) names = "No access";
  return person.individual.empty() ? names : "Individual: " + names;
}

Cell user_cell(const World& world, const Person& person, int column) {
  if (column >= first_field_column) {
    const auto field = person.fields.find(column - first_field_column + 1);
    return field == person.fields.end() ? Cell() : Cell(field->second);
  }
  switch (column) {
    case 0:
      return std::int64_t{person.id};
    case 1:
      return guid_of(person.id);
    case 2:
      return text_cell(person.first);
    case 3:
      return text_cell(person.middle);
    case 4:
      return text_cell(person.last);
    case 5:
      return date_cell(person.activates);
    case 6: {
      const auto& never = world.switches.never_date;
      if (person.expires || never == "null") return date_cell(person.expires);
      return SqlDate{parse_time(never + "-01-01")->local};
    }
    case 7:
      return text_cell(person.pin);
    case 8: {
      const auto* area = person.last_area ? world.directory.area(person.last_area) : nullptr;
      return area ? Cell(area->name) : Cell();
    }
    case 9:
      return date_cell(person.last_access);
    case 10:
      return std::int64_t{person.department};
    case 11: {
      const auto* department = world.directory.department(person.department);
      return department ? Cell(department->name) : Cell(std::string("(none)"));
    }
    case 12:
      return level_names(world, person);
    case 13:
      return std::int64_t{person.levels.empty() ? 0 : person.levels[0]};
    case 14:
      return person.active;
    case 15:
      return text_cell(person.telephone);
    case 16:
      return text_cell(person.extension);
    case 17:
      return text_cell(person.fax);
    case 18:
      return person.anti_passback;
    case 19:
      return person.alarm_user;
    case 20:
      return person.lockdown_exempt;
    case 21:
      return SqlDate{person.updated};
    case 22:
      return std::int64_t{person.last_area};
    default:
      return person.cards.empty() ? Cell() : Cell(to_integer(person.cards[0].value).value_or(0));
  }
}

constexpr Column card_columns[] = {{"UserID", ColumnKind::number},
                                   {"CardNumber", ColumnKind::number},
                                   {"LostCard", ColumnKind::flag},
                                   {"CardTypeID", ColumnKind::number},
                                   {"CardID", ColumnKind::number}};
constexpr Column department_columns[] = {{"DepartmentID", ColumnKind::number},
                                         {"DepartmentName", ColumnKind::text}};
constexpr Column area_columns[] = {
    {"AreaID", ColumnKind::number}, {"AreaName", ColumnKind::text}, {"Address", ColumnKind::number}};
constexpr Column device_columns[] = {{"Address", ColumnKind::number},
                                     {"DeviceName", ColumnKind::text},
                                     {"statusFlag", ColumnKind::number},
                                     {"DoorOpenTime", ColumnKind::number}};
constexpr Column level_columns[] = {{"AccessLevelID", ColumnKind::number},
                                    {"AccessLevelName", ColumnKind::text}};

View users_view(const World& world) {
  const auto& people = world.people.all();
  return {"usersex", user_columns, people.size(), [&world](std::size_t row, int column) {
            return user_cell(world, world.people.all()[row], column);
          }};
}

View cards_view(const World& world) {
  auto list = std::make_shared<std::vector<std::pair<int, const Card*>>>();
  for (const auto& person : world.people.all()) {
    for (const auto& card : person.cards) list->emplace_back(person.id, &card);
  }
  return {"cards", card_columns, list->size(), [list](std::size_t row, int column) -> Cell {
            const auto& [user, card] = (*list)[row];
            if (column == 0) return std::int64_t{user};
            if (column == 1) return to_integer(card->value) ? Cell(*to_integer(card->value)) : Cell();
            if (column == 2) return card->lost;
            return std::int64_t{column == 3 ? card->type : card->id};
          }};
}

View departments_view(const World& world) {
  return {"departments", department_columns, world.directory.departments.size(),
          [&world](std::size_t row, int column) -> Cell {
            const auto& entry = world.directory.departments[row];
            return column == 0 ? Cell(std::int64_t{entry.id}) : Cell(entry.name);
          }};
}

View areas_view(const World& world) {
  return {"areasex", area_columns, world.directory.areas.size(),
          [&world](std::size_t row, int column) -> Cell {
            const auto& entry = world.directory.areas[row];
            if (column == 1) return entry.name;
            return std::int64_t{column == 0 ? entry.id : entry.door};
          }};
}

View devices_view(const World& world) {
  return {"devices", device_columns, world.doors.all.size(), [&world](std::size_t row, int column) -> Cell {
            const auto& door = world.doors.all[row];
            if (column == 1) return door.name;
            return column == 0   ? std::int64_t{door.address}
                   : column == 2 ? std::int64_t{door.status_bits()}
                                 : door.open_time / 1000;
          }};
}

View levels_view(const World& world) {
  return {"accesslevels", level_columns, world.directory.levels.size(),
          [&world](std::size_t row, int column) -> Cell {
            const auto& entry = world.directory.levels[row];
            return column == 0 ? Cell(std::int64_t{entry.id}) : Cell(entry.name);
          }};
}

View events_view(const World& world) {
  return {"eventsex", event_columns(), world.events.rows().size(), [&world](std::size_t row, int column) {
            return event_cell(world, world.events.rows()[row], column);
          }};
}

std::optional<View> find_view(const World& world, std::string_view name) {
  if (name == "usersex" || name == "users") return users_view(world);
  if (name == "cards") return cards_view(world);
  if (name == "departments") return departments_view(world);
  if (name == "areasex" || name == "areas") return areas_view(world);
  if (name == "devices") return devices_view(world);
  if (name == "accesslevels") return levels_view(world);
  if (name == "eventsex" || name == "events") return events_view(world);
  return std::nullopt;
}

Response query_db(Call& call) {
  const auto& mode = call.world.switches.querydb;
  if (mode == "403") return fault(403, "The licence does not cover custom queries.");
  if (mode == "404")
    return answer(404, R"({"Message":"No HTTP resource was found that matches the request URI."})");
  if (mode == "400") return fault(400, "Custom queries are not available.");
  const auto* statement = call.request.parameter("query");
  if (!statement) return fault(400, "query is missing.");
  const auto name = view_of(*statement);
  if (!name) return fault(400, name.error().detail);
  const auto view = find_view(call.world, *name);
  if (!view) return fault(400, "Invalid object name '" + *name + "'.");
  const auto selection = parse_select(*statement, view->columns);
  if (!selection) return fault(400, selection.error().detail);
  return list_answer(call.world, run_select(*selection, *view));
}

}  // namespace

void add_query_routes(Router& router) {
  router.add("GET", "customquery/querydb", Right::configure, query_db);
}

}  // namespace gatehouse::sim
