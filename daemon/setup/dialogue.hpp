#pragma once
// Somebody to ask.

#include <string>

#include "daemon/core/result.hpp"

namespace gatehouse::setup {

class Dialogue {
 public:
  virtual ~Dialogue() = default;
  /// A line or several, for a person. Text from elsewhere must be made harmless() by the caller.
  virtual void say(const std::string& text) = 0;
  /// One line of answer, without its end. Errc::cancelled where the person has stopped (Ctrl-C, Ctrl-D).
  virtual Result<std::string> ask(const std::string& prompt) = 0;
  /// Likewise, and nothing of it is seen on the screen.
  virtual Result<std::string> ask_hidden(const std::string& prompt) = 0;
};

}  // namespace gatehouse::setup
