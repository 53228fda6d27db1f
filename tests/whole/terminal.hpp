#pragma once
// A real terminal, of tmux: what a person would type, and what would be on the screen.

#include <string>

#include "tests/whole/process.hpp"

namespace gatehouse::whole {

class RealTerminal {
 public:
  /// A shell in `folder`, on a screen of that size. Throws where tmux cannot be started.
  RealTerminal(std::string folder, int width = 80, int height = 24);
  ~RealTerminal();
  RealTerminal(const RealTerminal&) = delete;
  RealTerminal& operator=(const RealTerminal&) = delete;

  /// Types the text and Enter.
  void type(const std::string& line) const;
  /// One key by tmux's name: "q", "C-c", "Enter".
  void press(const std::string& key) const;
  void resize(int width, int height) const;
  /// The screen's lines, without the blanks behind them.
  std::string screen() const;
  /// True once the screen holds the text.
  bool shows(const std::string& text, Millis within = 10s) const;
  /// Prints an attribute of the pane: "cursor_flag", "alternate_on".
  std::string says(const std::string& format) const;

 private:
  Outcome tmux(Argv arguments) const;
  std::string socket_;
};

}  // namespace gatehouse::whole
