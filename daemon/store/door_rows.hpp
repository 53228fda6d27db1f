#pragma once
// The doors of each integration, as they were last read.

#include <optional>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class DoorRows {
 public:
  DoorRows(Database& db, IntegrationKeys& keys) : db_(db), keys_(keys) {}

  /// By integration and id; all integrations' where none is named.
  std::vector<DoorRow> list(const std::optional<IntegrationId>& integration);
  /// Those that are new or have another name.
  std::vector<SourceDoor> changed(const IntegrationId& integration, const std::vector<SourceDoor>& doors);
  /// Within a transaction, as is save().
  void forget(const IntegrationId& integration);
  void save(const IntegrationId& integration, const std::vector<SourceDoor>& doors);

 private:
  Database& db_;
  IntegrationKeys& keys_;
};

}  // namespace gatehouse
