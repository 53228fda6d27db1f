#pragma once
// Scripted faults of the HTTP side: which request is hit, and how.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/json_input.hpp"
#include "tests/sim/message.hpp"

namespace gatehouse::sim {

class JsonText;

struct FaultRule {
  enum class Kind {
    status,       ///< answers `status` without doing anything (HTML, as nginx does; JSON with `json`)
    slow,         ///< waits `delay` before the answer
    drip,         ///< sends the body in pieces of `bytes` with `delay` between
    cut,          ///< closes the connection after `part` of the body (0…1)
    reset,        ///< does the work and closes without an answer
    refuse,       ///< closes without doing anything
    silence,      ///< takes the request and never answers
    truncate,     ///< `part` of the JSON, with a Content-Length that agrees
    html,         ///< 200 and a web page
    bom,          ///< a byte order mark before the JSON
    after_write,  ///< does the work, then answers `status`
    empty,        ///< 200 and nothing
    empty_list,   ///< 200 and []
    body,         ///< 200 and `text`
    forbidden,    ///< 403 as for a missing right
  };
  Kind kind;
  std::string name;        ///< the kind as it was asked for
  std::string path;        ///< part of the path, in any case; empty: every request
  std::string method;      ///< empty: every method
  std::int64_t left = -1;  ///< how many more requests; -1: until cleared
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  int status = 500;
  bool as_json = false;
  std::int64_t delay = 0;  ///< milliseconds
  std::size_t bytes = 64;
  double part = 0.5;  ///< how much of the body a cut or a truncation leaves
  std::string text;
  std::int64_t skip = 0;  ///< so many matching requests go well first
};

class Faults {
 public:
  /// The rule a JSON object describes. Invalid: an unknown kind or value.
  static Result<FaultRule> parse(const json::object& in);

  void add(FaultRule rule) { rules_.push_back(std::move(rule)); }
  /// Forgets the rules of that kind (empty: all of them). Returns how many.
  std::size_t clear(std::string_view kind);
  /// The first rule that hits this request, one use of it taken.
  std::optional<FaultRule> take(const Request& request);
  void write(JsonText& out) const;
  std::uint64_t hits() const { return hits_; }

 private:
  std::vector<FaultRule> rules_;
  std::uint64_t hits_ = 0;
};

}  // namespace gatehouse::sim
