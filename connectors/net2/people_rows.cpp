#include "connectors/net2/people_rows.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse {
namespace {

constexpr std::string_view custom_prefix = "custom:";

struct NativeField {
  std::string_view field;
  std::string_view column;
};
constexpr std::array<NativeField, 6> native_fields{{{"firstName", "FirstName"},
                                                    {"middleName", "MiddleName"},
                                                    {"lastName", "Surname"},
                                                    {"telephone", "Telephone"},
                                                    {"extension", "Extension"},
                                                    {"fax", "Fax"}}};

/// net2-api.md §3.2. An id that is not in the table has no column that we know of.
std::string custom_column(std::int64_t id) {
  if (id == 1 || id == 2) return fmt::format("Field{}_100", id);
  if (id == 13) return "Field13_Memo";
  if (id >= 3 && id <= 14) return fmt::format("Field{}_50", id);
  return {};
}

template <typename T>
std::size_t index_of(const std::vector<T>& all, const T& one) {
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), one) - all.begin());
}

template <typename T>
void add_once(std::vector<T>& all, const T& one) {
  if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

Result<FieldPlace> place_custom(const std::string& field, const std::vector<NamedId>& names) {
  const std::string wanted = lower_case(trim(std::string_view(field).substr(custom_prefix.size())));
  std::vector<const NamedId*> found;
  std::vector<std::string> known;
  for (const auto& name : names) {
    if (lower_case(trim(name.name)) == wanted) found.push_back(&name);
    known.push_back(name.name);
  }
  if (found.empty()) {
    return Error{Errc::invalid, fmt::format("Net2 has no custom field '{}'; it has: {}",
                                            field.substr(custom_prefix.size()), fmt::join(known, ", "))};
  }
  if (found.size() > 1) {
    return Error{Errc::invalid,
                 fmt::format("Net2 has more than one custom field '{}' (ids {} and {}); rename one",
                             found[0]->name, found[0]->id, found[1]->id)};
  }
  FieldPlace place;
  place.kind = FieldPlace::Kind::custom;
  place.custom = found[0]->id;
  place.column = custom_column(place.custom);
  return place;
}

/// Net2's user ids are 32 bits and positive (§3.1).
bool set_number(PersonRow& row, const Cell& cell) {
  const auto number = cell.integer();
  if (!number || *number <= 0) {
    row.fault = cell.present ? "a user's id is no positive number" : "a user has no id";
    return false;
  }
  row.record.number = *number;
  return true;
}

}  // namespace

void ValidityReader::read(SourceRecord& record, const Cell& activate, const Cell& expiry) {
  read(activate_, activate);
  read(expiry_, expiry);
  if (!activate_.readable || !expiry_.readable) {
    record.valid_until = Instant{};
    return;
  }
  if (activate_.at) record.valid_from = activate_.at->second;
  if (expiry_.at) record.valid_until = expiry_.at->first;
}

void ValidityReader::read(Date& date, const Cell& cell) const {
  const auto text = cell.null ? std::string_view() : trim(cell.text);
  if (text == date.text) return;
  date = {.text = std::string(text)};
  if (text.empty()) return;
  const auto time = parse_net_time(text);
  date.readable = time.has_value();
  if (time && !is_no_date(*time)) date.at = zone_.resolve(*time);
}

std::vector<NamedId> factory_field_names() {
  return {{1, "Address 1"},     {2, "Address 2"},        {3, "Town"},        {4, "County"},
          {5, "Post code"},     {6, "Home telephone"},   {7, "Home fax"},    {8, "Mobile"},
          {9, "Email"},         {10, "Position"},        {11, "Start date"}, {12, "Car registration"},
          {13, "Notes (memo)"}, {14, "Personnel number"}};
}

bool needs_custom_names(const PeopleQuery& query) {
  return std::any_of(query.fields.begin(), query.fields.end(),
                     [](const SourceField& field) { return lower_case(field).starts_with(custom_prefix); });
}

Result<std::vector<FieldPlace>> place_fields(const PeopleQuery& query, const std::vector<NamedId>& names) {
  std::vector<FieldPlace> places;
  for (const auto& field : query.fields) {
    const std::string name = lower_case(field);
    FieldPlace place;
    if (name.starts_with(custom_prefix)) {
      auto custom = place_custom(field, names);
      if (!custom) return custom.error();
      place = std::move(*custom);
    } else if (name == "department") {
      place.kind = FieldPlace::Kind::department;
    } else {
      const auto* native =
          std::find_if(native_fields.begin(), native_fields.end(),
                       [&](const NativeField& known) { return lower_case(known.field) == name; });
      if (native == native_fields.end()) return Error{Errc::invalid, "Net2 has no field '" + field + "'"};
      place.member = native->field;
      place.column = native->column;
    }
    places.push_back(std::move(place));
  }
  const RowShape sql = querydb_shape(places, false);
  const RowShape user = users_shape(places);
  for (auto& place : places) {
    place.sql_cell = index_of(sql.members, place.column);
    const bool custom = place.kind == FieldPlace::Kind::custom;
    place.user_cell = custom ? user.members.size() + index_of(user.list_ids, place.custom)
                             : index_of(user.members, place.member);
  }
  return places;
}

RowShape querydb_shape(const std::vector<FieldPlace>& fields, bool access_levels) {
  RowShape shape;
  shape.members = {"UserID", "ActivateDate", "ExpiryDate", "DepartmentName", "DepartmentID"};
  for (const auto& field : fields) {
    if (!field.column.empty()) add_once(shape.members, field.column);
  }
  if (access_levels) shape.members.emplace_back("AccessLevelName");
  return shape;
}

std::string people_sql(const std::vector<FieldPlace>& fields, bool access_levels) {
  return fmt::format("SELECT {} FROM sdk.UsersEx WHERE Active=1 ORDER BY UserID",
                     fmt::join(querydb_shape(fields, access_levels).members, ", "));
}

RowShape users_shape(const std::vector<FieldPlace>& fields) {
  RowShape shape;
  shape.members = {"id", "activateDate", "expiryDate"};
  for (const auto& field : fields) {
    if (field.kind == FieldPlace::Kind::column) add_once(shape.members, field.member);
    if (field.kind == FieldPlace::Kind::custom) add_once(shape.list_ids, field.custom);
  }
  if (!shape.list_ids.empty()) shape.list = "customFields";
  return shape;
}

PersonRow querydb_row(const std::vector<Cell>& row, const std::vector<FieldPlace>& fields, bool access_levels,
                      ValidityReader& validity) {
  PersonRow person;
  person.complete = std::all_of(row.begin(), row.end(), [](const Cell& cell) { return cell.present; });
  if (!set_number(person, row[0])) return person;
  validity.read(person.record, row[1], row[2]);
  if (access_levels) person.access_level = row.back().trimmed();
  person.record.values.reserve(fields.size());
  for (const auto& field : fields) {
    const bool has_column = !field.column.empty();
    person.record.values.push_back(has_column ? row[field.sql_cell].trimmed() : std::string());
  }
  // 0 is the root, "(none)" in the server's language (net2-api.md §3.5).
  const bool none = row[4].integer().value_or(0) == 0;
  set_department(person.record, fields, none ? std::string() : row[3].trimmed());
  return person;
}

PersonRow users_row(const std::vector<Cell>& row, const std::vector<FieldPlace>& fields,
                    ValidityReader& validity) {
  PersonRow person;
  if (!set_number(person, row[0])) return person;
  validity.read(person.record, row[1], row[2]);
  person.record.values.reserve(fields.size());
  for (const auto& field : fields) {
    const bool none = field.kind == FieldPlace::Kind::department;
    person.record.values.push_back(none ? std::string() : row[field.user_cell].trimmed());
  }
  return person;
}

void set_department(SourceRecord& record, const std::vector<FieldPlace>& fields, const std::string& name) {
  record.department = name;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == FieldPlace::Kind::department) record.values[i] = name;
  }
}

}  // namespace gatehouse
