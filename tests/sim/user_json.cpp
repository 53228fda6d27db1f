#include "tests/sim/user_json.hpp"

namespace gatehouse::sim {
namespace {

void write_date(JsonText& out, std::string_view name, const std::optional<LocalMs>& at,
                const SiteClock& clock) {
  out.key(name);
  if (!at) {
    out.value(nullptr);
    return;
  }
  std::string text;
  append_local(text, *at, false);
  append_offset(text, clock.offset_minutes(clock.utc(*at)));
  out.value(text);
}

/// Leaves `to` alone where the member is missing; null and "" are kept apart.
void read_text(const json::object& in, std::string_view name, OptionalText& to) {
  if (const auto* value = find(in, name)) to = as_text(*value);
}

void read_flag(const json::object& in, std::string_view name, bool& to) {
  if (const auto* value = find(in, name)) to = as_flag(*value).value_or(to);
}

Result<void> read_date(const json::object& in, std::string_view name, const World& world,
                       std::optional<LocalMs>& to) {
  const auto* value = find(in, name);
  if (!value) return {};
  if (value->is_null()) {
    to = std::nullopt;
    return {};
  }
  const auto text = as_text(*value);
  const auto at = text ? parse_time(*text) : std::nullopt;
  if (!at) return Error{Errc::invalid, std::string(name) + " is not a date"};
  to = at->offset ? world.clock.local(at->local - *at->offset * std::int64_t{60000}) : at->local;
  return {};
}

Result<void> read_custom_fields(const json::value& in, Person& person) {
  if (in.is_null()) return {};
  if (!in.is_array()) return Error{Errc::invalid, "customFields must be an array"};
  for (const auto& entry : in.get_array()) {
    const auto id = entry.is_object() ? integer_of(entry.get_object(), "id") : std::nullopt;
    if (!id || *id < 1 || *id > 14) return Error{Errc::invalid, "customFields: no such id"};
    person.fields[static_cast<int>(*id)] = text_of(entry.get_object(), "value").value_or("");
  }
  return {};
}

}  // namespace

void write_permissions(JsonText& out, const Person& person) {
  out.open_object().key("accessLevels").open_array();
  for (const int level : person.levels) out.value(level);
  out.close_array().key("individualPermissions").open_array();
  for (const auto& own : person.individual)
    out.open_object().member("id", own.area).member("timezoneId", own.timezone).close_object();
  out.close_array().close_object();
}

void write_user(JsonText& out, const Person& person, const SiteClock& clock, bool with_permissions) {
  out.open_object().member("id", person.id);
  out.member("firstName", person.first).member("middleName", person.middle).member("lastName", person.last);
  write_date(out, "expiryDate", person.expires, clock);
  write_date(out, "activateDate", person.activates, clock);
  out.member("pin", person.pin)
      .member("telephone", person.telephone)
      .member("extension", person.extension)
      .member("fax", person.fax);
  out.member("isAntiPassbackUser", person.anti_passback).member("isAlarmUser", person.alarm_user);
  out.member("isLockdownExempt", person.lockdown_exempt).member("hasImage", !person.image.empty());
  out.key("customFields").open_array();
  for (const auto& [id, value] : person.fields)
    out.open_object().member("id", id).member("value", value).close_object();
  out.close_array();
  if (with_permissions) {
    out.key("doorAccessPermissionSet");
    write_permissions(out, person);
  }
  out.close_object();
}

void write_card(JsonText& out, const Card& card) {
  out.open_object()
      .member("id", card.id)
      .member("tokenType", token_type_names()[static_cast<std::size_t>(card.type)]);
  out.member("tokenValue", card.value).member("isLost", card.lost).close_object();
}

Result<void> read_permissions(const json::object& in, const World& world, Person& person) {
  if (const auto* levels = find(in, "accessLevels"); levels && levels->is_array()) {
    std::vector<int> next;
    for (const auto& entry : levels->get_array()) {
      const auto id = as_integer(entry);
      if (!id || !world.directory.level(static_cast<int>(*id)))
        return Error{Errc::invalid, "Unknown access level."};
      if (*id != 0) next.push_back(static_cast<int>(*id));
    }
    if (world.switches.lite && next.size() > 1) next.resize(1);
    person.levels = std::move(next);
  }
  if (const auto* own = find(in, "individualPermissions"); own && own->is_array()) {
    std::vector<IndividualPermission> next;
    for (const auto& entry : own->get_array()) {
      const auto area = entry.is_object() ? integer_of(entry.get_object(), "id") : std::nullopt;
      const auto timezone = entry.is_object() ? integer_of(entry.get_object(), "timezoneId") : std::nullopt;
      if (!area || !world.directory.area(static_cast<int>(*area)))
        return Error{Errc::invalid, "Unknown area."};
      if (!timezone || !world.directory.timezone(static_cast<int>(*timezone)))
        return Error{Errc::invalid, "Unknown timezone."};
      next.push_back({static_cast<int>(*area), static_cast<int>(*timezone)});
    }
    person.individual = std::move(next);
  }
  return {};
}

Result<void> read_user(const json::object& in, const World& world, Person& person) {
  read_text(in, "firstName", person.first);
  read_text(in, "middleName", person.middle);
  read_text(in, "lastName", person.last);
  read_text(in, "telephone", person.telephone);
  read_text(in, "extension", person.extension);
  read_text(in, "fax", person.fax);
  read_text(in, "pin", person.pin);
  if (person.full_name().empty()) return Error{Errc::invalid, "First name or surname must be given."};
  if (find(in, "pin") && person.pin && !person.pin->empty()) {
    const auto* other = world.people.holder_of_pin(*person.pin);
    if (other && other->id != person.id) return Error{Errc::invalid, "The PIN is already in use."};
  }
  read_flag(in, "isAntiPassbackUser", person.anti_passback);
  read_flag(in, "isAlarmUser", person.alarm_user);
  read_flag(in, "isLockdownExempt", person.lockdown_exempt);
  auto dated = read_date(in, "activateDate", world, person.activates);
  if (dated) dated = read_date(in, "expiryDate", world, person.expires);
  if (!dated) return dated;
  if (world.switches.truncate_expiry && person.expires) *person.expires -= *person.expires % 86'400'000;
  if (const auto* fields = find(in, "customFields")) {
    auto read = read_custom_fields(*fields, person);
    if (!read) return read;
  }
  const auto* permissions = find(in, "doorAccessPermissionSet");
  if (permissions && permissions->is_object())
    return read_permissions(permissions->get_object(), world, person);
  return {};
}

}  // namespace gatehouse::sim
