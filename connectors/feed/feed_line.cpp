#include "connectors/feed/feed_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace gatehouse {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 2;  ///< an object of values and lists of values
constexpr std::size_t max_value = 4096;
constexpr std::string_view blanks = " \t\r\n\v\f";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Between two characters; Boost.JSON has seen to it that it is UTF-8.
std::string_view cut(std::string_view text) {
  if (text.size() <= max_value) return text;
  std::size_t end = max_value;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

Error wrong(std::string text) {
  return {Errc::malformed, std::move(text)};
}

std::string number_text(double number) {
  if (std::abs(number) < 9e15 && std::trunc(number) == number)
    return std::to_string(static_cast<std::int64_t>(number));
  return fmt::format("{}", number);
}

/// nullopt for lists and objects.
std::optional<std::string> scalar_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return std::string();
    case json::kind::bool_:
      return std::string(value.get_bool() ? "true" : "false");
    case json::kind::int64:
      return std::to_string(value.get_int64());
    case json::kind::uint64:
      return std::to_string(value.get_uint64());
    case json::kind::double_:
      return number_text(value.get_double());
    case json::kind::string:
      return std::string(trim(view(value.get_string())));
    default:
      return std::nullopt;
  }
}

std::string list_text(const json::array& list) {
  std::string text;
  for (const auto& item : list) {
    const auto part = scalar_text(item).value_or("");
    if (part.empty()) continue;
    if (!text.empty()) text += ", ";
    text += part;
  }
  return text;
}

/// Whatever is in a line must be something that could be asked for tomorrow.
Result<void> check_values(const json::object& person) {
  const auto is_scalar = [](const json::value& value) { return !value.is_object() && !value.is_array(); };
  for (const auto& member : person) {
    const json::value& value = member.value();
    const bool list = value.is_array() && std::ranges::all_of(value.get_array(), is_scalar);
    if (is_scalar(value) || list) continue;
    return wrong(
        fmt::format("\"{}\" is an object or a list of lists; write a text, a number, true or false, "
                    "null, or a list of these",
                    std::string_view(member.key().data(), member.key().size())));
  }
  return {};
}

/// A member that is one text; "" where it is absent or null.
Result<std::string> text_of(const json::object& person, std::string_view name) {
  const json::value* value = person.if_contains({name.data(), name.size()});
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string()) return wrong(fmt::format("\"{}\" is no text; write it in quotes", name));
  return std::string(cut(trim(view(value->get_string()))));
}

Result<std::string> id_of(const json::object& person) {
  const json::value* value = person.if_contains("external_id");
  if (value == nullptr) return wrong("\"external_id\" is missing; each person needs one of their own");
  std::string id;
  if (value->is_int64() || value->is_uint64()) {
    id = *scalar_text(*value);
  } else if (value->is_string()) {
    id = trim(view(value->get_string()));
  } else {
    return wrong("\"external_id\" is neither a text nor a whole number");
  }
  if (id.empty()) return wrong("\"external_id\" is empty; each person needs one of their own");
  if (id.size() > max_feed_id) {
    return wrong(fmt::format("\"external_id\" has {} bytes; at most {}", id.size(), max_feed_id));
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(id, is_control)) return wrong("\"external_id\" has control characters in it");
  return id;
}

Result<std::optional<Instant>> time_of(const json::object& person, std::string_view name) {
  const auto text = text_of(person, name);
  if (!text) return text.error();
  if (text->empty()) return std::optional<Instant>();
  const auto at = parse_rfc3339(*text);
  if (!at) {
    return wrong(fmt::format("\"{}\" is '{}'; write a date and time with a zone, like 2026-06-01T09:00:00Z",
                             name, text->substr(0, 64)));
  }
  return at;
}

Result<FeedLine> person_of(const json::object& person, const std::vector<SourceField>& fields) {
  auto values = check_values(person);
  if (!values) return values.error();
  auto id = id_of(person);
  if (!id) return id.error();
  auto group = text_of(person, "group");
  if (!group) return group.error();
  auto department = text_of(person, "department");
  if (!department) return department.error();
  const auto from = time_of(person, "valid_from");
  if (!from) return from.error();
  const auto until = time_of(person, "valid_until");
  if (!until) return until.error();

  SourceRecord record;
  record.number = record_number(*id);
  record.external_id = std::move(*id);
  record.group = std::move(*group);
  record.department = std::move(*department);
  record.valid_from = *from;
  record.valid_until = *until;
  record.values.reserve(fields.size());
  for (const auto& field : fields) {
    const json::value* value = person.if_contains(field);
    std::string text;
    if (value != nullptr)
      text = value->is_array() ? list_text(value->get_array()) : scalar_text(*value).value_or("");
    record.values.emplace_back(cut(text));
  }
  return FeedLine(std::move(record));
}

Result<FeedLine> end_of(const json::object& end) {
  if (end.contains("external_id")) {
    return wrong("it is a person (\"external_id\") and the end (\"end\": true) at once");
  }
  const json::value* count = end.if_contains("count");
  std::optional<std::uint64_t> number;
  if (count != nullptr && count->is_uint64()) number = count->get_uint64();
  if (count != nullptr && count->is_int64() && count->get_int64() >= 0)
    number = static_cast<std::uint64_t>(count->get_int64());
  if (!number) return wrong("the end line has no \"count\"; write {\"end\":true,\"count\":N}");
  return FeedLine(FeedEnd{*number});
}

}  // namespace

bool is_blank_line(std::string_view line) {
  return trim(line).empty();
}

Result<FeedLine> parse_feed_line(std::string_view line, const std::vector<SourceField>& fields) {
  std::array<unsigned char, 8192> first_room;  // NOLINT(cppcoreguidelines-pro-type-member-init): only room
  json::monotonic_resource memory(first_room.data(), first_room.size());
  json::parse_options options;
  options.max_depth = max_depth;
  json::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error, &memory, options);
  if (error) {
    const bool deep = error == json::error::too_deep;
    return wrong(deep ? "it is nested; write texts, numbers, true or false, null, and lists of these"
                      : fmt::format("it is not JSON ({}); write one object on one line", error.message()));
  }
  if (!value.is_object()) return wrong("it is no object; write {\"external_id\":…}");
  const json::object& object = value.get_object();
  const json::value* end = object.if_contains("end");
  const bool is_end = end != nullptr && end->is_bool() && end->get_bool();
  return is_end ? end_of(object) : person_of(object, fields);
}

}  // namespace gatehouse
