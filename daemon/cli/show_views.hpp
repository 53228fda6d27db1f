#pragma once
// One thing with all that is known of it.

#include <string>

#include <boost/json/value.hpp>

namespace gatehouse {

/// A document as indented lines "last name   Lovelace": names in words, times in the local zone, "yes" and
/// "no", "never" for a time that is null and "-" for anything else that is.
std::string show_lines(const boost::json::value& document);

}  // namespace gatehouse
