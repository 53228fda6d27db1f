#pragma once
// The whole terminal for one program, for a while: its keys, its size, and what ends it.

#include <optional>
#include <string>
#include <vector>

#include <termios.h>

#include "daemon/cli/watch_view.hpp"

namespace gatehouse {

/// Takes the terminal behind standard output, and gives it back as it was when it goes. Signals that would
/// end the program come as `quit` meanwhile. On the main thread, before there are others.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Standard output is a terminal.
  static bool is_there();
  ScreenSize size() const;
  /// Shows these lines and nothing else. False where the terminal has gone.
  bool show(const std::vector<std::string>& lines);

  /// Can be read when there is something for take().
  int descriptor() const { return watched_; }
  enum class Want { nothing, redraw, quit };
  /// What was typed or signalled since the last call, the strongest of it.
  Want take();

 private:
  std::optional<termios> before_;
  int signals_ = -1;
  int watched_ = -1;
};

}  // namespace gatehouse
