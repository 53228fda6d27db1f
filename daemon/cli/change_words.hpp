#pragma once
// What another configuration would change, in words.

#include <string>

#include <boost/json/value.hpp>

namespace gatehouse {

/// Of a document of org.gatehouse.Gateway1.Config.Preview. `width` of the terminal; 0: nothing is cut.
std::string change_words(const boost::json::value& document, std::size_t width);

}  // namespace gatehouse
