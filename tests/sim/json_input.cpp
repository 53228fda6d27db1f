#include "tests/sim/json_input.hpp"

#include <charconv>
#include <cmath>

#include <boost/json/parse.hpp>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {

const json::value* find(const json::object& in, std::string_view name) {
  for (const auto& member : in) {
    if (same_word(std::string_view(member.key().data(), member.key().size()), name)) return &member.value();
  }
  return nullptr;
}

std::optional<double> as_decimal(const json::value& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  if (value.is_double()) return value.get_double();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text(value.get_string().data(), value.get_string().size());
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> as_integer(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_string())
    return to_integer(trimmed(std::string_view(value.get_string().data(), value.get_string().size())));
  const auto number = as_decimal(value);
  if (!number || std::floor(*number) != *number || std::abs(*number) > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<std::string> as_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string().data(), value.get_string().size());
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  if (const auto number = as_integer(value)) return std::to_string(*number);
  return std::nullopt;
}

std::optional<bool> as_flag(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  const auto text = as_text(value);
  if (!text) return std::nullopt;
  if (*text == "1" || same_word(*text, "true") || same_word(*text, "on")) return true;
  if (*text == "0" || same_word(*text, "false") || same_word(*text, "off")) return false;
  return std::nullopt;
}

std::optional<std::int64_t> as_span(const json::value& value) {
  if (!value.is_string()) {
    const auto seconds = as_decimal(value);
    if (!seconds) return std::nullopt;
    return std::llround(*seconds * 1000);
  }
  const std::string_view text(value.get_string().data(), value.get_string().size());
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc()) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const double scale = unit == "ms"                  ? 1
                       : unit == "s" || unit.empty() ? 1e3
                       : unit == "m"                 ? 6e4
                       : unit == "h"                 ? 3.6e6
                       : unit == "d"                 ? 8.64e7
                                                     : 0;
  if (scale == 0) return std::nullopt;
  return std::llround(number * scale);
}

std::optional<std::int64_t> integer_of(const json::object& in, std::string_view name) {
  const auto* value = find(in, name);
  return value ? as_integer(*value) : std::nullopt;
}

std::optional<std::string> text_of(const json::object& in, std::string_view name) {
  const auto* value = find(in, name);
  return value ? as_text(*value) : std::nullopt;
}

std::optional<bool> flag_of(const json::object& in, std::string_view name) {
  const auto* value = find(in, name);
  return value ? as_flag(*value) : std::nullopt;
}

std::optional<std::int64_t> span_of(const json::object& in, std::string_view name) {
  const auto* value = find(in, name);
  return value ? as_span(*value) : std::nullopt;
}

Result<json::value> parse_json(std::string_view text) {
  json::parse_options lenient;
  lenient.allow_invalid_utf8 = true;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  boost::system::error_code fault;
  auto value = json::parse(json::string_view(text.data(), text.size()), fault, {}, lenient);
  if (fault) return Error{Errc::malformed, "not JSON: " + fault.message()};
  return value;
}

}  // namespace gatehouse::sim
