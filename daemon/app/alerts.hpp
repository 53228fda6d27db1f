#pragma once
// Things that an operator must mend: told when they appear and when they are over, never in between.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/app/alert_store.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// The `alert` message of an alert; `state` is "raised" or "over".
Message alert_message(const Alert& alert, std::string_view state, std::string id, Instant now);

/// Remembers what is raised, beyond the end of the daemon. What the store cannot take now is told later.
///
/// Whoever raises an alert says also when it is over, and says so once after each start as soon as it knows
/// that all is well: it may have been raised by the daemon before.
class Alerts {
 public:
  Alerts(AlertStore& store, Clock& clock, std::function<void()> news)
      : store_(store), clock_(clock), news_(std::move(news)) {}

  /// What the daemon before this one had raised: not told again. Before the first raise().
  Task<Result<void>> load();
  /// Raises it, or tells it anew where something else is to be done about it, or with `anew` in any case.
  void raise(Alert alert, bool anew = false);
  void over(const std::string& kind, const std::string& subject);
  /// Over are those of a kind whose subject is none of these: nobody is left who could say it.
  void over_but_for(const std::string& kind, std::span<const std::string> subjects);
  /// Brings what is untold to the store. Called by the loop that owns it.
  Task<void> tell();
  bool untold() const { return !pending_.empty(); }
  /// How many are raised, by kind.
  std::map<std::string, std::uint64_t> raised() const;

 private:
  AlertStore& store_;
  Clock& clock_;
  std::function<void()> news_;
  std::map<std::pair<std::string, std::string>, Alert> raised_;
  std::vector<Message> pending_;
};

}  // namespace gatehouse
