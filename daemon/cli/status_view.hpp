#pragma once
// `gatehouse status` on one screen.

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace gatehouse {

/// Something that is wrong, and what to do about it.
struct Trouble {
  std::string what;
  std::string remedy;  ///< may be empty

  bool operator==(const Trouble&) const = default;
};

/// What is wrong according to `status --json` (contract §6), the most urgent first. Empty: all is well.
std::vector<Trouble> find_troubles(const boost::json::value& status);

/// The same of one integration.
std::vector<Trouble> integration_troubles(const boost::json::value& integration);

/// "! WHAT" and below it "→ REMEDY", never cut: this is what one came to read.
std::string troubles_words(const std::vector<Trouble>& troubles);

/// The whole screen. `width`: of the terminal; 0: lines are not cut.
std::string status_screen(const boost::json::value& status, std::size_t width);

}  // namespace gatehouse
