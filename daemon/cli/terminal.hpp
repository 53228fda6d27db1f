#pragma once
// Where the answers go.

#include <cstddef>
#include <ostream>

namespace gatehouse {

/// Two streams and what is behind them.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  std::size_t width = 0;       ///< columns of the screen behind `out`; 0: it is no screen, so nothing is cut
  std::size_t height = 24;     ///< lines of it
  bool progress = false;       ///< `err` is a screen and `out` is not: a long list shows how far it is
  bool err_is_screen = false;  ///< somebody waits before it: long work shows how far it is
};

}  // namespace gatehouse
