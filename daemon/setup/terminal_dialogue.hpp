#pragma once
// Somebody at a terminal, and what becomes of Ctrl-C meanwhile.

#include <atomic>
#include <ostream>

#include <signal.h>

#include "daemon/setup/dialogue.hpp"

namespace gatehouse::setup {

/// While it lives, SIGINT, SIGTERM and SIGHUP only set the flag. One at a time in a process.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  const std::atomic<bool>& stop() const;

 private:
  struct sigaction interrupt_{};
  struct sigaction terminate_{};
  struct sigaction hang_up_{};
};

/// Reads lines from standard input, which must be a terminal, and prompts on `screen`. Needs an
/// InterruptWatch for as long as it lives. The terminal echoes again whatever ends a hidden question.
class TerminalDialogue final : public Dialogue {
 public:
  TerminalDialogue(std::ostream& screen, const InterruptWatch& watch) : screen_(screen), watch_(watch) {}

  void say(const std::string& text) override;
  Result<std::string> ask(const std::string& prompt) override;
  Result<std::string> ask_hidden(const std::string& prompt) override;

 private:
  Result<std::string> read_line();

  std::ostream& screen_;
  const InterruptWatch& watch_;
  std::string rest_;  ///< what came behind a line's end: a pasted text has several
};

}  // namespace gatehouse::setup
