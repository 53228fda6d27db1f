#include "connectors/net2/net2_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "connectors/net2/json_rows.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;

Result<json::value> parse_document(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  body = trim(body);
  if (body.starts_with('<')) return Error{Errc::malformed, "answered HTML; is this the API port?"};
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  json::error_code error;
  json::value document = json::parse({body.data(), body.size()}, error, {}, options);
  if (error == json::error::incomplete) return Error{Errc::incomplete, "the JSON stops in the middle"};
  if (error) return Error{Errc::malformed, "answered broken JSON: " + error.message()};
  return document;
}

/// The member of that name, without case; null where there is none.
const json::value* member(const json::object& object, std::string_view name) {
  for (const auto& [key, value] : object) {
    if (lower_case({key.data(), key.size()}) == name) return &value;
  }
  return nullptr;
}

std::optional<std::int64_t> integer(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (value->is_double() && std::abs(value->get_double()) < 9e15 &&
      std::trunc(value->get_double()) == value->get_double()) {
    return static_cast<std::int64_t>(value->get_double());
  }
  if (!value->is_string()) return std::nullopt;
  const std::string_view text = value->get_string();
  const Cell cell{.present = true, .null = false, .text = std::string(text.substr(0, 32))};
  return cell.integer();
}

std::string text(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  const std::string_view words = value->get_string();
  return std::string(trim(cut_text(words, 4096)));
}

bool flag(const json::object& object, std::string_view name, bool otherwise) {
  const auto* value = member(object, name);
  if (value == nullptr) return otherwise;
  if (value->is_bool()) return value->get_bool();
  const auto number = integer(value);
  if (number) return *number != 0;
  const std::string words = lower_case(text(value));
  return words == "true" || (words != "false" && otherwise);
}

std::string one_line(std::string_view words) {
  std::string line(trim(cut_text(words, 256)));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

}  // namespace

Result<std::vector<NamedId>> parse_named_ids(std::string_view body) {
  std::vector<NamedId> found;
  bool unusable = false;
  JsonRows rows({.members = {"id", "name"}, .list = {}, .list_ids = {}}, [&](std::vector<Cell>& row) {
    const auto id = row[0].integer();
    unusable = !id;
    if (id) found.push_back({*id, row[1].trimmed()});
    return !unusable;
  });
  const auto read = rows.feed(body);
  if (unusable) return Error{Errc::malformed, "a row has no usable id"};
  if (!read) return read.error();
  const auto count = rows.finish();
  if (!count) return count.error();
  return found;
}

Result<std::vector<DoorStatus>> parse_door_status(std::string_view body) {
  std::vector<DoorStatus> found;
  if (trim(body).empty()) return found;
  const auto document = parse_document(body);
  if (!document) return document.error();
  if (!document->is_array()) return Error{Errc::malformed, "answered something else than a JSON list"};
  for (const auto& row : document->get_array()) {
    if (!row.is_object()) return Error{Errc::malformed, "a door's status is no object"};
    const auto id = integer(member(row.get_object(), "id"));
    if (!id) return Error{Errc::malformed, "a door's status has no usable id"};
    const auto* status = member(row.get_object(), "status");
    if (status == nullptr || !status->is_object()) continue;
    const auto& flags = status->get_object();
    found.push_back({.id = Net2DoorId(*id),
                     .relay_open = flag(flags, "doorrelayopen", false),
                     .contact_closed = flag(flags, "doorcontactclosed", true),
                     .alarm_tripped = flag(flags, "alarmtripped", false),
                     .intruder_armed = flag(flags, "intruderalarmarmed", false),
                     .psu_ok = flag(flags, "psucontactclosed", true),
                     .tamper_ok = flag(flags, "tampercontactclosed", true)});
  }
  return found;
}

Result<PermissionSet> parse_permission_set(std::string_view body) {
  const auto document = parse_document(body);
  if (!document) return document.error();
  if (!document->is_object()) return Error{Errc::malformed, "a door permission set is no object"};
  const auto* levels = member(document->get_object(), "accesslevels");
  if (levels == nullptr) return Error{Errc::malformed, "a door permission set without accessLevels"};
  PermissionSet set;
  if (levels->is_null()) return set;
  if (!levels->is_array()) return Error{Errc::malformed, "accessLevels is no list"};
  for (const auto& level : levels->get_array()) {
    const auto id = integer(&level);
    if (!id) return Error{Errc::malformed, "an access level without a usable id"};
    if (*id != 0) set.access_levels.push_back(*id);
  }
  return set;
}

Result<TokenAnswer> parse_token_answer(std::string_view body) {
  const auto document = parse_document(body);
  if (!document) return document.error();
  if (!document->is_object()) return Error{Errc::malformed, "the answer to the sign-in is no JSON object"};
  const auto& object = document->get_object();
  TokenAnswer answer;
  answer.access_token = text(member(object, "access_token"));
  answer.refresh_token = text(member(object, "refresh_token"));
  const auto seconds = integer(member(object, "expires_in"));
  if (seconds && *seconds > 0 && *seconds < 10'000'000) answer.expires_in = std::chrono::seconds(*seconds);
  static constexpr std::array<std::string_view, 3> known{"mfa_required", "invalid_client", "invalid_grant"};
  for (const auto* name : {"error", "message", "error_description"}) {
    const std::string words = lower_case(text(member(object, name)));
    for (const auto word : known) {
      if (answer.error.empty() && words.find(word) != std::string::npos) answer.error = word;
    }
  }
  return answer;
}

std::optional<std::int64_t> parse_count(std::string_view body) {
  const auto document = parse_document(body);
  if (!document || !document->is_array() || document->get_array().size() != 1) return std::nullopt;
  const auto& row = document->get_array()[0];
  if (!row.is_object() || row.get_object().size() != 1) return std::nullopt;
  return integer(&row.get_object().begin()->value());
}

std::string refusal_words(std::string_view body) {
  const auto document = parse_document(body);
  if (!document) {
    const std::string_view words = trim(body);
    return words.starts_with('<') ? std::string() : one_line(words);
  }
  if (document->is_string()) return one_line(text(&*document));
  if (!document->is_object()) return {};
  for (const auto* name : {"error_description", "error", "message"}) {
    const std::string words = text(member(document->get_object(), name));
    if (!words.empty()) return one_line(words);
  }
  return {};
}

}  // namespace gatehouse
