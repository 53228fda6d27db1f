#pragma once
// Request bodies read as leniently as the real server does: names in any case, numbers as text and the
// reverse (net2-api.md §3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "daemon/core/result.hpp"

namespace gatehouse::sim {

namespace json = boost::json;

/// Member by name in any case; nullptr where it is missing.
const json::value* find(const json::object& in, std::string_view name);

/// 12, 12.0, "12"; anything else is no number.
std::optional<std::int64_t> as_integer(const json::value& value);
std::optional<double> as_decimal(const json::value& value);
/// Text, or a number or flag written as text; null is none.
std::optional<std::string> as_text(const json::value& value);
/// true/false, 0/1, "true"/"false"/"on"/"off".
std::optional<bool> as_flag(const json::value& value);
/// A length of time in milliseconds: "2s", "1500ms", "5m", "1h", "30d", or a number of seconds.
std::optional<std::int64_t> as_span(const json::value& value);

std::optional<std::int64_t> integer_of(const json::object& in, std::string_view name);
std::optional<std::string> text_of(const json::object& in, std::string_view name);
std::optional<bool> flag_of(const json::object& in, std::string_view name);
std::optional<std::int64_t> span_of(const json::object& in, std::string_view name);

/// Parses JSON; invalid UTF-8 inside text is let through, so that such people can be made.
Result<json::value> parse_json(std::string_view text);

}  // namespace gatehouse::sim
