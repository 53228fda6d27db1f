#pragma once
// Things that an operator must mend: told when they appear and when they are over, never in between.

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "daemon/app/ports.hpp"

namespace gatehouse {

struct Alert {
  std::string kind;     ///< "integration", "broker_refuses", "config", …
  std::string subject;  ///< what it is about: an integration, a lane
  std::string detail;   ///< what is wrong
  std::string hint;     ///< what to do
};

/// The `alert` message of an alert; `state` is "raised" or "over".
Message alert_message(const Alert& alert, std::string_view state, std::string id, Instant now);

/// Remembers what is raised, for this run of the daemon. What the store cannot take now is told later.
class Alerts {
 public:
  Alerts(OutboxStore& store, Clock& clock, std::function<void()> news)
      : store_(store), clock_(clock), news_(std::move(news)) {}

  /// Raises it, or tells it anew where something else is to be done about it.
  void raise(Alert alert);
  void over(const std::string& kind, const std::string& subject);
  /// Brings what is untold to the store. Called by the loop that owns it.
  Task<void> tell();
  bool untold() const { return !pending_.empty(); }

 private:
  OutboxStore& store_;
  Clock& clock_;
  std::function<void()> news_;
  std::map<std::pair<std::string, std::string>, Alert> raised_;
  std::vector<Message> pending_;
};

}  // namespace gatehouse
