#pragma once
// The short numbers that stand for integrations' ids in the tables, and what else is kept of an integration.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/ids.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/core/person.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

struct KnownIntegration {
  IntegrationId id;
  std::string badge;
  SourceKind kind = SourceKind::net2;
  bool removed = false;  ///< by a plan; not switched on since
};

class IntegrationKeys {
 public:
  explicit IntegrationKeys(Database& db) : db_(db) {}

  std::optional<std::int64_t> find(const IntegrationId& id);
  /// Makes one at need; within a transaction.
  std::int64_t make(const IntegrationId& id);
  /// Throws StoreFault where there is none.
  KnownIntegration about(std::int64_t key);
  /// Keeps the display name and the kind that people's sources show; within a transaction.
  void describe(std::int64_t key, std::string_view badge, SourceKind kind);
  /// On where it is unknown.
  Switch switched(const IntegrationId& id);
  /// Within a transaction.
  void set_switch(const IntegrationId& id, Switch state);
  /// After a rollback: what was made in it is not there.
  void forget() { known_.clear(); }

 private:
  Database& db_;
  std::map<IntegrationId, std::int64_t> known_;
};

}  // namespace gatehouse
