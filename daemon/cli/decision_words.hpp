#pragma once
// A decision in words.

#include <string>

#include <boost/json/value.hpp>

namespace gatehouse {

/// Outcome, reason, what may be said at reception, each door, and how it came about, step by step.
std::string decision_words(const boost::json::value& decision, std::size_t width);

/// How old what it rested on was; empty where the document does not say.
std::string basis_words(const boost::json::value& decision);

/// What a replay has found.
std::string replay_words(const boost::json::value& document, std::size_t width);

}  // namespace gatehouse
