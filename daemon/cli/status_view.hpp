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

/// "Gatehouse 1.0.0   acme/hq-01   up 3 h 12 min   ready"
std::string gateway_words(const boost::json::value& status);
/// Two lines: how the cloud is reached, and what waits for it.
std::string cloud_and_queue_words(const boost::json::value& status);

/// What is wrong, what to do about it, and then how everything is: one screen, with up to ten integrations.
/// What does not fit is counted. `width` and `height`: of the terminal; width 0: it is none, and nothing is
/// cut or left out.
std::string status_screen(const boost::json::value& status, std::size_t width, std::size_t height = 24);

}  // namespace gatehouse
