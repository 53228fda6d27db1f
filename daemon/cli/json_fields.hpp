#pragma once
// Reads the daemon's documents leniently: a field that is missing or of another kind is "not there". A newer
// daemon may say more than this command line knows, an older one less.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace gatehouse {

/// The value at a path of member names: "cloud.connected". nullptr where there is none, or it is null.
const boost::json::value* find_field(const boost::json::value& document, std::string_view path);

/// A text field as it is; a number, true or false in their JSON form. Empty where there is none.
std::string text_field(const boost::json::value& document, std::string_view path);

std::optional<std::int64_t> number_field(const boost::json::value& document, std::string_view path);
std::optional<bool> bool_field(const boost::json::value& document, std::string_view path);

/// The elements of a list, empty where there is none.
const boost::json::array& list_field(const boost::json::value& document, std::string_view path);

}  // namespace gatehouse
