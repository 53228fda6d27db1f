#include "connectors/net2/user_document.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/net2/json_document.hpp"
#include "connectors/net2/json_rows.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;

constexpr const char* expiry_date = "expiryDate";
constexpr const char* activate_date = "activateDate";
constexpr const char* custom_fields = "customFields";
constexpr const char* permission_set = "doorAccessPermissionSet";

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}
std::string_view view(json::string_view text) {
  return {text.data(), text.size()};
}
json::string_view json_view(std::string_view text) {
  return {text.data(), text.size()};
}

/// As it came; null and absent are "".
std::string as_text(const json::value* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return std::string(view(value->get_string()));
  return json::serialize(*value);
}

std::map<std::int64_t, std::string> custom_values(const json::object& user) {
  std::map<std::int64_t, std::string> values;
  const auto* list = json_member(user, lower_case(custom_fields));
  if (list == nullptr || !list->is_array()) return values;
  for (const auto& row : list->get_array()) {
    if (!row.is_object()) continue;
    const auto id = json_integer(json_member(row.get_object(), "id"));
    if (id) values[*id] = as_text(json_member(row.get_object(), "value"));
  }
  return values;
}

/// "2026-06-30T23:59:00+01:00" without its offset: the server's own wall clock, as requests want it (§6.1).
json::value local_date(const json::value* date) {
  if (date == nullptr || !date->is_string()) return nullptr;
  std::string_view text = view(date->get_string());
  const auto digit = [&](std::size_t at) { return std::isdigit(static_cast<unsigned char>(text[at])) != 0; };
  if (text.size() > 16 && text.find('T') != std::string_view::npos) {
    const std::size_t sign = text.size() - 6;
    const bool offset = (text[sign] == '+' || text[sign] == '-') && digit(sign + 1) && digit(sign + 2) &&
                        text[sign + 3] == ':' && digit(sign + 4) && digit(sign + 5);
    if (offset) text = text.substr(0, sign);
  }
  return json::string(json_view(text));
}

void put_values(json::object& body, const std::vector<PlacedValue>& values) {
  json::array custom;
  for (const auto& [place, value] : values) {
    if (place.kind == FieldPlace::Kind::custom) {
      custom.push_back(json::object{{"id", place.custom}, {"value", json_view(value)}});
    } else {
      body[json_view(place.member)] = json_view(value);
    }
  }
  if (!custom.empty()) body[custom_fields] = std::move(custom);
}

json::object levels_object(std::int64_t access_level) {
  return {{"accessLevels", json::array{access_level}}, {"individualPermissions", json::array{}}};
}

Result<Permissions> read_permissions(const json::value& set) {
  if (!set.is_object()) return Error{Errc::malformed, "a door permission set is no object"};
  const auto* levels = json_member(set.get_object(), "accesslevels");
  if (levels == nullptr) return Error{Errc::malformed, "a door permission set without accessLevels"};
  Permissions found;
  if (levels->is_array()) {
    for (const auto& level : levels->get_array()) {
      const auto id = json_integer(&level);
      if (!id) return Error{Errc::malformed, "an access level without a usable id"};
      if (*id != 0) found.access_levels.push_back(*id);
    }
  }
  const auto* own = json_member(set.get_object(), "individualpermissions");
  if (own != nullptr && own->is_array()) found.individual = own->get_array().size();
  return found;
}

}  // namespace

Result<UserDocument> UserDocument::parse(std::string_view body) {
  auto document = parse_json(body);
  if (!document) return document.error();
  if (!document->is_object()) return Error{Errc::malformed, "a user is no JSON object"};
  UserDocument user;
  user.members_ = std::move(document->get_object());
  const auto id = json_integer(json_member(user.members_, "id"));
  if (!id || *id <= 0) return Error{Errc::malformed, "a user has no usable id"};
  user.id_ = *id;
  return user;
}

std::string UserDocument::whole() const {
  return json::serialize(members_);
}

std::string UserDocument::value(const FieldPlace& field) const {
  if (field.kind == FieldPlace::Kind::custom) {
    const auto values = custom_values(members_);
    const auto at = values.find(field.custom);
    return at == values.end() ? std::string() : std::string(trim(at->second));
  }
  return std::string(trim(as_text(json_member(members_, lower_case(field.member)))));
}

std::vector<std::int64_t> UserDocument::access_levels() const {
  const auto* set = json_member(members_, lower_case(permission_set));
  if (set == nullptr) return {};
  auto read = read_permissions(*set);
  return read ? read->access_levels : std::vector<std::int64_t>{};
}

std::size_t UserDocument::individual_permissions() const {
  const auto* set = json_member(members_, lower_case(permission_set));
  if (set == nullptr) return 0;
  const auto read = read_permissions(*set);
  return read ? read->individual : 0;
}

std::string UserDocument::put_body(const std::vector<PlacedValue>& values) const {
  json::object body;
  body["id"] = id_;
  body[expiry_date] = local_date(json_member(members_, lower_case(expiry_date)));
  body[activate_date] = local_date(json_member(members_, lower_case(activate_date)));
  put_values(body, values);
  return json::serialize(body);
}

std::vector<std::string> UserDocument::differences(const UserDocument& other,
                                                   const std::vector<PlacedValue>& but) const {
  const auto written = [&](std::string_view member) {
    return std::ranges::any_of(but, [&](const PlacedValue& value) {
      return value.first.kind == FieldPlace::Kind::column && lower_case(value.first.member) == member;
    });
  };
  std::vector<std::string> names;
  const auto compare = [&](const UserDocument& a, const UserDocument& b) {
    for (const auto& [key, value] : a.members_) {
      const std::string name = lower_case(view(key));
      if (name == lower_case(custom_fields) || written(name)) continue;
      const bool same = as_text(&value) == as_text(json_member(b.members_, name));
      const std::string shown(view(key));
      if (!same && std::ranges::find(names, shown) == names.end()) names.push_back(shown);
    }
  };
  compare(*this, other);
  compare(other, *this);
  auto before = custom_values(members_);
  auto after = custom_values(other.members_);
  for (const auto& [place, value] : but) {
    before.erase(place.custom);
    after.erase(place.custom);
  }
  const auto empty = [](const auto& field) { return field.second.empty(); };
  std::erase_if(before, empty);
  std::erase_if(after, empty);
  if (before != after) names.emplace_back(custom_fields);
  return names;
}

std::string post_body(const NewUserBody& user) {
  json::object body;
  put_values(body, user.values);
  if (!user.activate_date.empty()) body[activate_date] = json_view(user.activate_date);
  if (!user.expiry_date.empty()) body[expiry_date] = json_view(user.expiry_date);
  if (user.access_level) body[permission_set] = levels_object(*user.access_level);
  return json::serialize(body);
}

std::string permission_body(std::int64_t access_level) {
  return json::serialize(levels_object(access_level));
}

std::string department_body(std::int64_t department) {
  return json::serialize(json::object{{"id", department}});
}

Result<Permissions> parse_permissions(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return document.error();
  return read_permissions(*document);
}

std::optional<std::int64_t> parse_created_id(std::string_view body) {
  const auto document = parse_json(body);
  if (!document || !document->is_object()) return std::nullopt;
  const auto id = json_integer(json_member(document->get_object(), "id"));
  return id && *id > 0 ? id : std::nullopt;
}

Result<std::vector<CustomField>> parse_field_lengths(std::string_view body) {
  std::vector<CustomField> found;
  JsonRows rows({.members = {"id", "maxLength"}, .list = {}, .list_ids = {}}, [&](std::vector<Cell>& row) {
    if (const auto id = row[0].integer()) found.push_back({*id, row[1].integer().value_or(0)});
    return true;
  });
  const auto read = rows.feed(body);
  if (!read) return read.error();
  const auto count = rows.finish();
  if (!count) return count.error();
  return found;
}

}  // namespace gatehouse
