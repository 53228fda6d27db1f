#pragma once
// A configuration on trial (features D-12): when it has cost the gateway its health, or its time is over.
// Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// How the gateway is, as far as a trial looks at it.
struct TrialHealth {
  struct Source {
    std::string id;
    bool connected = false;
    bool refused = false;  ///< its credentials are not taken: waiting does not help
    std::string detail;    ///< what is wrong with it
    bool operator==(const Source&) const = default;
  };
  bool cloud_configured = false;
  bool cloud_connected = false;
  std::vector<Source> sources;  ///< those that the configuration has
  std::vector<std::string> late_loops;
};

/// What was well before has to be well again soon. What was ill before, or is not configured any more, proves
/// nothing against a configuration.
class ConfigTrial {
 public:
  /// So long something that was connected may be away: one whole attempt, and the next.
  static constexpr Duration patience = std::chrono::seconds(30);
  /// So long a loop may stand still: a machine that is busy for a moment is no fault of a configuration.
  static constexpr Duration patience_with_loops = std::chrono::seconds(5);

  ConfigTrial(TrialHealth before, Uptime began, Duration within)
      : before_(std::move(before)), ends_(began + within), within_(within) {}

  const TrialHealth& before() const { return before_; }

  /// Why the configuration of before has to come back; nothing while the trial goes on. Asked about once a
  /// second.
  std::optional<std::string> lost(const TrialHealth& now, Uptime at);

 private:
  /// Whether it has been away for so long.
  bool away(const std::string& what, bool here, Uptime at, Duration limit = patience);

  TrialHealth before_;
  Uptime ends_;
  Duration within_;
  std::map<std::string, Uptime> away_since_;
};

}  // namespace gatehouse
