#pragma once
// The alerts that are raised.

#include <vector>

#include "daemon/app/alert_store.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class AlertTables {
 public:
  explicit AlertTables(Database& db) : db_(db) {}

  /// By kind and subject.
  std::vector<Alert> all();
  /// Within a transaction: these and no others are raised from now on.
  void keep(const std::vector<Alert>& raised);

 private:
  Database& db_;
};

}  // namespace gatehouse
