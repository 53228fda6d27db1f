#pragma once
// A small answer of Net2 as a JSON document. Member names are matched without case, and numbers may come as
// texts (net2-api.md §3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// Errc::incomplete where it stops in the middle; malformed where it is no JSON.
Result<boost::json::value> parse_json(std::string_view body);
/// `name` in lower case; null where there is none.
const boost::json::value* json_member(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> json_integer(const boost::json::value* value);
/// Trimmed; "" where it is no text.
std::string json_text(const boost::json::value* value);

}  // namespace gatehouse
