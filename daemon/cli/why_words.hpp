#pragma once
// `gatehouse people why`.

#include <cstddef>
#include <string>

#include <boost/json/value.hpp>

namespace gatehouse {

/// Who it is, where they come from, what keeps a record out and what to do, and what happened lately.
std::string why_words(const boost::json::value& document, std::size_t width);

}  // namespace gatehouse
