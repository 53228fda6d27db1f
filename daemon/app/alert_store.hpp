#pragma once
// Alerts, and where they outlive the daemon.

#include <string>
#include <vector>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/message.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Something that an operator must mend.
struct Alert {
  std::string kind;     ///< "integration", "broker_refuses", "config", …
  std::string subject;  ///< what it is about: an integration, a lane
  std::string detail;   ///< what is wrong
  std::string hint;     ///< what to do
  Instant since{};      ///< when it was raised; set by Alerts
  bool operator==(const Alert&) const = default;
};

class AlertStore {
 public:
  virtual ~AlertStore() = default;
  /// What was raised when the daemon ended, by kind and subject.
  virtual Task<Result<std::vector<Alert>>> load_alerts() = 0;
  /// Puts the messages into their lane, in this order, and keeps `raised` in place of what was kept before;
  /// one transaction. Goes on while the disk is full.
  virtual Task<Result<void>> tell_alerts(std::vector<Message> messages, std::vector<Alert> raised) = 0;
};

}  // namespace gatehouse
