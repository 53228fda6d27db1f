#include "connectors/net2/net2_json.hpp"

#include <algorithm>
#include <array>

#include "connectors/net2/json_document.hpp"
#include "connectors/net2/json_rows.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;

bool flag(const json::object& object, std::string_view name, bool otherwise) {
  const auto* value = json_member(object, name);
  if (value == nullptr) return otherwise;
  if (value->is_bool()) return value->get_bool();
  const auto number = json_integer(value);
  if (number) return *number != 0;
  const std::string words = lower_case(json_text(value));
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
  const auto document = parse_json(body);
  if (!document) return document.error();
  if (document->is_null()) return found;
  if (!document->is_array()) return Error{Errc::malformed, "answered something else than a JSON list"};
  for (const auto& row : document->get_array()) {
    if (!row.is_object()) return Error{Errc::malformed, "a door's status is no object"};
    const auto id = json_integer(json_member(row.get_object(), "id"));
    if (!id) return Error{Errc::malformed, "a door's status has no usable id"};
    const auto* status = json_member(row.get_object(), "status");
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
  const auto document = parse_json(body);
  if (!document) return document.error();
  if (!document->is_object()) return Error{Errc::malformed, "a door permission set is no object"};
  const auto* levels = json_member(document->get_object(), "accesslevels");
  if (levels == nullptr) return Error{Errc::malformed, "a door permission set without accessLevels"};
  PermissionSet set;
  if (levels->is_null()) return set;
  if (!levels->is_array()) return Error{Errc::malformed, "accessLevels is no list"};
  for (const auto& level : levels->get_array()) {
    const auto id = json_integer(&level);
    if (!id) return Error{Errc::malformed, "an access level without a usable id"};
    if (*id != 0) set.access_levels.push_back(*id);
  }
  return set;
}

Result<TokenAnswer> parse_token_answer(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return document.error();
  if (!document->is_object()) return Error{Errc::malformed, "the answer to the sign-in is no JSON object"};
  const auto& object = document->get_object();
  TokenAnswer answer;
  answer.access_token = json_text(json_member(object, "access_token"));
  answer.refresh_token = json_text(json_member(object, "refresh_token"));
  const auto seconds = json_integer(json_member(object, "expires_in"));
  if (seconds && *seconds > 0 && *seconds < 10'000'000) answer.expires_in = std::chrono::seconds(*seconds);
  static constexpr std::array<std::string_view, 3> known{"mfa_required", "invalid_client", "invalid_grant"};
  for (const auto* name : {"error", "message", "error_description"}) {
    const std::string words = lower_case(json_text(json_member(object, name)));
    for (const auto word : known) {
      if (answer.error.empty() && words.find(word) != std::string::npos) answer.error = word;
    }
  }
  return answer;
}

std::optional<std::int64_t> parse_count(std::string_view body) {
  const auto document = parse_json(body);
  if (!document || !document->is_array() || document->get_array().size() != 1) return std::nullopt;
  const auto& row = document->get_array()[0];
  if (!row.is_object() || row.get_object().size() != 1) return std::nullopt;
  return json_integer(&row.get_object().begin()->value());
}

std::string refusal_words(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) {
    const std::string_view words = trim(body);
    return words.starts_with('<') ? std::string() : one_line(words);
  }
  if (document->is_string()) return one_line(json_text(&*document));
  if (!document->is_object()) return {};
  for (const auto* name : {"error_description", "error", "message"}) {
    const std::string words = json_text(json_member(document->get_object(), name));
    if (!words.empty()) return one_line(words);
  }
  return {};
}

}  // namespace gatehouse
