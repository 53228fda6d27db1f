#pragma once
// One pass's piece of work on the mirror and the registry: carried out, or only looked at beforehand.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/store/activity_rows.hpp"
#include "daemon/store/directory_pass.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/record_rows.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/tombstone_rows.hpp"

namespace gatehouse {

/// The rows that a pass writes.
struct DirectoryRows {
  RecordRows& records;
  PersonRows& people;
  ActivityRows& activity;
  TombstoneRows& tombstones;
};

/// Nothing is asked for.
bool is_empty(const DirectoryCommit& commit);

class DirectoryTables {
 public:
  DirectoryTables(Database& db, Clock& clock, IntegrationKeys& keys, OutboxTables& outbox, DirectoryRows rows)
      : db_(db), clock_(clock), keys_(keys), outbox_(outbox), rows_(rows) {}

  /// Within a transaction.
  DirectoryReport apply(const DirectoryCommit& commit);
  /// Changes of a plan, in this order; within a transaction.
  /// `reason`: why people go, as person.removed and person.disabled say it.
  DirectoryReport apply(const DirectoryCommit& settings, const std::vector<PlanChange>& changes,
                        std::string_view reason);
  std::vector<PlanChange> preview(const DirectoryCommit& commit);

  std::optional<std::uint64_t> last_mapping(const IntegrationId& integration);
  /// Within a transaction.
  void save_mapping(const IntegrationId& integration, std::uint64_t seed);
  std::uint64_t removals_since(const IntegrationId& integration, Instant since);
  std::uint64_t people_present(const IntegrationId& integration);
  void prune_removals(Instant before);

 private:
  class Applying;

  Database& db_;
  Clock& clock_;
  IntegrationKeys& keys_;
  OutboxTables& outbox_;
  DirectoryRows rows_;
};

}  // namespace gatehouse
