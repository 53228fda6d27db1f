#pragma once
// Integrations that have people in the registry and no block in the configuration any more: nobody reads what
// their source says, so these people keep its last word.

#include <set>
#include <string>
#include <vector>

#include "daemon/app/alerts.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/app/sync_ports.hpp"

namespace gatehouse {

class OrphanWatch {
 public:
  /// References must outlive the watch.
  struct Parts {
    QueryStore& queries;
    SwitchStore& switches;
    Alerts& alerts;
    Log& log;
  };
  explicit OrphanWatch(Parts parts) : parts_(parts) {}

  /// Raises "integration_orphaned" for each, and says that it is over for all others. One that was removed
  /// with its people kept is none. Where the store cannot say, nothing changes. After a start, after each
  /// reload, and once in a while.
  Task<void> look(std::vector<Integration> configured);

 private:
  Parts parts_;
  std::set<std::string> logged_;
};

}  // namespace gatehouse
