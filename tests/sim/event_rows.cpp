#include "tests/sim/event_rows.hpp"

#include "tests/sim/event_types.hpp"

namespace gatehouse::sim {
namespace {

enum ColumnIndex {
  col_id,
  col_time,
  col_type,
  col_sub_type,
  col_description,
  col_type_description,
  col_sub_description,
  col_address,
  col_serial,
  col_sub_addr,
  col_device_name,
  col_user_id,
  col_user_name,
  col_card,
  col_details,
  col_first,
  col_middle,
  col_surname,
  col_linked,
  col_priority,
  col_date_time,
  col_event_date,
  col_peripheral,
  col_sub_text,
  col_io_board,
};

constexpr Column columns[] = {
    {"EventID", ColumnKind::number},
    {"EventTime", ColumnKind::date},
    {"EventType", ColumnKind::number},
    {"EventSubType", ColumnKind::number},
    {"EventDescription", ColumnKind::text},
    {"EventTypeDescription", ColumnKind::text},
    {"EventSubTypeDescription", ColumnKind::text},
    {"Address", ColumnKind::number},
    {"SerialNumber", ColumnKind::number},
    {"SubAddr", ColumnKind::number},
    {"DeviceName", ColumnKind::text},
    {"UserID", ColumnKind::number},
    {"UserName", ColumnKind::text},
    {"CardNo", ColumnKind::number},
    {"Details", ColumnKind::text},
    {"FirstName", ColumnKind::text},
    {"MiddleName", ColumnKind::text},
    {"Surname", ColumnKind::text},
    {"LinkedEvent", ColumnKind::number},
    {"Priority", ColumnKind::number},
    {"EventDateTime", ColumnKind::date},
    {"EventDate", ColumnKind::date},
    {"PeripheralID", ColumnKind::number},
    {"EventSubDescription", ColumnKind::text},
    {"IOBoardID", ColumnKind::number},
};

std::string type_text(int type) {
  const auto* known = find_event_type(type);
  return known ? std::string(known->name) : "Undefined";
}

Cell optional_cell(const OptionalText& text) {
  return text ? Cell(*text) : Cell();
}
Cell nonzero(std::int64_t number) {
  return number ? Cell(number) : Cell();
}

const Person* person_of(const World& world, const EventRow& row) {
  return row.user ? world.people.find_any(row.user) : nullptr;
}

int priority_of(int type) {
  const auto* known = find_event_type(type);
  return known && known->group == "alarm" ? 1 : 15;
}

void write_text_or_null(JsonText& out, std::string_view name, std::string_view text) {
  out.key(name);
  if (text.empty()) {
    out.value(nullptr);
  } else {
    out.value(text);
  }
}

void write_number_or_null(JsonText& out, std::string_view name, std::int64_t number) {
  out.key(name);
  if (number == 0) {
    out.value(nullptr);
  } else {
    out.value(number);
  }
}

}  // namespace

Columns event_columns() {
  return columns;
}

Cell event_cell(const World& world, const EventRow& row, int column) {
  switch (column) {
    case col_id:
      return row.id;
    case col_time:
    case col_date_time:
      return SqlDate{row.local()};
    case col_event_date:
      return SqlDate{row.local() - row.local() % 86'400'000};
    case col_type:
      return std::int64_t{row.type};
    case col_sub_type:
      return std::int64_t{row.sub_type};
    case col_description:
    case col_type_description:
      return type_text(row.type);
    case col_sub_description:
    case col_sub_text: {
      const auto text = sub_type_text(row.sub_type);
      return text.empty() ? Cell() : Cell(std::string(text));
    }
    case col_address:
    case col_serial:
      return nonzero(row.address);
    case col_sub_addr:
      return std::int64_t{row.area ? (row.area + 1) % 2 : 0};
    case col_device_name: {
      const auto* door = world.doors.find(row.address);
      return door ? Cell(door->name) : Cell();
    }
    case col_user_id:
      return nonzero(row.user);
    case col_card:
      return nonzero(row.card);
    case col_details:
      return row.details ? Cell(world.events.text(row.details)) : Cell();
    case col_linked:
      return nonzero(row.linked);
    case col_priority:
      return std::int64_t{priority_of(row.type)};
    case col_peripheral:
      return nonzero(row.area);
    case col_io_board:
      return Cell();
    default:
      break;
  }
  const auto* person = person_of(world, row);
  if (!person) return Cell();
  if (column == col_user_name) return person->surname_first();
  if (column == col_first) return optional_cell(person->first);
  if (column == col_middle) return optional_cell(person->middle);
  return optional_cell(person->last);
}

void write_rest_event(JsonText& out, const World& world, const EventRow& row) {
  if (row.odd) {
    out.raw(world.events.text(row.odd));
    return;
  }
  const auto* door = row.address ? world.doors.find(row.address) : nullptr;
  const auto* person = person_of(world, row);
  std::string time;
  append_local(time, row.local(), true);
  append_offset(time, row.offset);
  out.open_object().member("eventTime", time).member("id", row.id);
  write_text_or_null(out, "deviceName", door ? std::string_view(door->name) : std::string_view());
  write_number_or_null(out, "cardNo", row.card);
  out.member("eventType", std::int64_t{row.type}).member("eventDescription", type_text(row.type));
  out.member("eventSubType", std::int64_t{row.sub_type});
  write_text_or_null(out, "eventDetails", world.events.text(row.details));
  write_number_or_null(out, "linkedEvent", row.linked);
  out.member("firstName", person ? person->first : OptionalText())
      .member("middleName", person ? person->middle : OptionalText());
  out.member("surname", person ? person->last : OptionalText());
  out.member("userID", std::int64_t{row.user})
      .member("priority", priority_of(row.type))
      .member("address", std::int64_t{row.address});
  write_number_or_null(out, "peripheralID", row.area);
  out.member("ioBoardID", nullptr).member("doorGroupID", 0).member("deviceDeleted", false).close_object();
}

void write_live_event(JsonText& out, const World& world, const EventRow& row) {
  const auto& switches = world.switches;
  const auto* person = person_of(world, row);
  std::string time;
  append_local(time, row.local(), switches.live_time == "offset");
  if (switches.live_time == "offset") append_offset(time, row.offset);
  out.open_object().member("eventTime", time);
  out.member("eventType", std::int64_t{row.type}).member("eventSubType", std::int64_t{row.sub_type});
  const int token_type = row.type == 26 || row.type == 24   ? 1
                         : row.type == 30 || row.type == 31 ? 2
                         : row.type == 27 || row.type == 25 ? 3
                                                            : 0;
  out.member("tokenType", token_type)
      .member("tokenNumber", row.card)
      .member("userId", std::int64_t{row.user});
  out.key("userName");
  if (person) {
    out.value(switches.user_name_order == "first" ? person->full_name() : person->surname_first());
  } else {
    out.value(nullptr);
  }
  out.member("deviceId", std::int64_t{row.address});
  const auto* area = row.area ? world.directory.area(row.area) : nullptr;
  write_text_or_null(out, "areaName", area ? std::string_view(area->name) : std::string_view());
  write_text_or_null(out, "details", world.events.text(row.details));
  out.member("notificationType", nullptr).close_object();
}

}  // namespace gatehouse::sim
