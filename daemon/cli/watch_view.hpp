#pragma once
// `gatehouse watch`: what stands where on the screen. Pure.

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace gatehouse {

/// What is shown. Lists are as `--json` gives them, the newest last.
struct WatchFacts {
  boost::json::value status;  ///< null before the first answer
  boost::json::array events;
  boost::json::array decisions;
  boost::json::array issues;
  std::string trouble;  ///< why this is not news: the daemon does not answer; empty while it does
};

struct ScreenSize {
  std::size_t width = 80;
  std::size_t height = 24;
};

/// The lines from top to bottom: at most `height`, none wider than `width`, nothing in them that a terminal
/// would obey. `now`: as people read it, for the corner.
std::vector<std::string> watch_lines(const WatchFacts& facts, ScreenSize size, const std::string& now);

/// All in one line, where there is no screen: "acme/hq-01: cloud connected, 0 waiting, net2-hq active".
std::string watch_line(const WatchFacts& facts);

}  // namespace gatehouse
