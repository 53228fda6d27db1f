#pragma once
// The runs of each integration.

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/core/record_fate.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class RunRows {
 public:
  RunRows(Database& db, IntegrationKeys& keys) : db_(db), keys_(keys) {}

  /// Within a transaction, as are the others that write.
  void save(const SyncRun& run);
  /// A plan that is being applied goes on, and so does its run.
  bool any_interrupted();
  void end_interrupted(Instant now);
  std::optional<SyncRun> last_complete(const IntegrationId& integration);
  std::optional<SyncRun> last_full(const IntegrationId& integration);
  /// All integrations' where none is named; the newest first.
  std::vector<SyncRun> list(const std::optional<IntegrationId>& integration, std::size_t at_most);
  void prune(Instant before);

 private:
  std::optional<SyncRun> newest(const IntegrationId& integration, std::string_view condition);

  Database& db_;
  IntegrationKeys& keys_;
};

}  // namespace gatehouse
