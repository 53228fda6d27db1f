#pragma once
// JSON from somebody who must say exactly one thing: what two readers could take differently is refused.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// One document of RFC 8259. Errc::invalid where it is none, has a member twice, bytes that are no UTF-8,
/// something behind its end, or more than `max_depth` arrays and objects in each other. The
/// words say nothing of what is in it.
Result<boost::json::value> parse_strict_json(std::string_view text, std::size_t max_depth);

/// Null where the value is an object with no other members than these; else what is wrong with it.
std::optional<Error> unexpected_member(const boost::json::value& value,
                                       std::initializer_list<std::string_view> known);

/// A text of 1 to `most` bytes without control characters and without blanks at either end. Errc::invalid
/// names the member.
Result<std::string> required_text(const boost::json::object& object, std::string_view name, std::size_t most);

/// The same of what people type, such as a name: blanks at either end are left out.
Result<std::string> required_words(const boost::json::object& object, std::string_view name,
                                   std::size_t most);

}  // namespace gatehouse
