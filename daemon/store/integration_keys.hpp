#pragma once
// The short numbers that stand for integrations' ids in the tables.

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "daemon/core/ids.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class IntegrationKeys {
 public:
  explicit IntegrationKeys(Database& db) : db_(db) {}

  std::optional<std::int64_t> find(const IntegrationId& id);
  /// Makes one at need; within a transaction.
  std::int64_t make(const IntegrationId& id);
  /// Keeps the display name that people's sources show; within a transaction.
  void set_badge(std::int64_t key, std::string_view badge);
  /// After a rollback: what was made in it is not there.
  void forget() { known_.clear(); }

 private:
  Database& db_;
  std::map<IntegrationId, std::int64_t> known_;
};

}  // namespace gatehouse
