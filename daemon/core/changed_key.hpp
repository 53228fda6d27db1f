#pragma once
// One key that is another in one configuration than in another.

#include <string>

namespace gatehouse {

/// "integrations[net2-hq].poll.people", "30s", "1m". Empty: it is not there. What has an id is named by it;
/// a list whose items have none is a single value.
struct ChangedKey {
  std::string key;
  std::string before;
  std::string after;

  bool operator==(const ChangedKey&) const = default;
};

}  // namespace gatehouse
