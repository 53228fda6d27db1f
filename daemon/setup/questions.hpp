#pragma once
// Questions with a default, asked again until the answer is good. Inside daemon/setup only.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/enum_names.hpp"
#include "daemon/setup/dialogue.hpp"

namespace gatehouse::setup {

/// Thrown where the person stops, and caught in run_setup(): it never leaves this folder.
struct Stopped {};

/// What is wrong with an answer, for the person; empty: nothing.
using Judge = std::function<std::string(const std::string&)>;

/// Answers come back trimmed. A default is shown in brackets, and taken by Enter.
class Questions {
 public:
  explicit Questions(Dialogue& dialogue) : dialogue_(dialogue) {}

  void say(const std::string& text) { dialogue_.say(text); }
  /// An empty default: there is none; Enter is an empty answer, which `judge` may refuse.
  std::string text(const std::string& question, const std::string& by_default, const Judge& judge);
  /// Not empty, never shown, not trimmed.
  std::string hidden(const std::string& question);
  bool yes(const std::string& question, bool by_default);
  /// One of the words.
  std::string one_of(const std::string& question, const std::vector<std::string>& words,
                     const std::string& by_default);
  /// Indices into a list of `count` that is on the screen, numbered from 1: "1,3-5", "all", "none" or "-".
  std::vector<std::size_t> some_of(const std::string& question, std::size_t count,
                                   const std::vector<std::size_t>& by_default);

 private:
  std::string line(const std::string& question, const std::string& by_default);

  Dialogue& dialogue_;
};

/// The answer of some_of() as indices from 0, ascending, each once; nullopt where it is none.
std::optional<std::vector<std::size_t>> parse_choice(const std::string& text, std::size_t count);

/// "1, 3-5", or "none".
std::string choice_text(const std::vector<std::size_t>& chosen);

/// Names come from other systems, and a terminal obeys what it is sent: control characters, also those of
/// the upper half and those that turn the writing round, become '?'.
std::string shown(const std::string& text);

}  // namespace gatehouse::setup
