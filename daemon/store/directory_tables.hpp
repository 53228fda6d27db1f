#pragma once
// The mirror of each source, the registry of people, and what was done to them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class DirectoryTables {
 public:
  DirectoryTables(Database& db, Clock& clock, IntegrationKeys& keys, PersonRows& people, OutboxTables& outbox)
      : db_(db), clock_(clock), keys_(keys), people_(people), outbox_(outbox) {}

  std::vector<IndexedRecord> index(const IntegrationId& integration);
  /// Within a transaction.
  SyncCounts apply(const DirectoryCommit& commit);
  std::optional<std::uint64_t> last_mapping(const IntegrationId& integration);
  void save_mapping(const IntegrationId& integration, std::uint64_t seed);
  std::uint64_t removals_since(const IntegrationId& integration, Instant since);
  /// Within a transaction.
  void save_run(const SyncRun& run, bool tell);
  std::optional<SyncRun> last_complete_run(const IntegrationId& integration);
  /// All integrations' where none is named; the newest first.
  std::vector<SyncRun> runs(const std::optional<IntegrationId>& integration, std::size_t at_most);
  std::vector<DoorRow> doors(const std::optional<IntegrationId>& integration);
  /// The doors of the list that are new or have another name.
  std::vector<SourceDoor> changed_doors(const IntegrationId& integration,
                                        const std::vector<SourceDoor>& doors);
  /// Within a transaction.
  void save_doors(const IntegrationId& integration, const std::vector<SourceDoor>& doors);
  /// Activity, and with it the runs and removals of that age.
  std::size_t prune_activity(Instant before, std::size_t at_most);

 private:
  struct Applying;
  RecordBefore before(std::int64_t key, std::int64_t number);
  void carry_out(Applying& applying, std::int64_t number, const RecordBefore& before,
                 const Reconciled& after);
  void write_record(std::int64_t key, std::int64_t number, const RecordBefore& before,
                    const Reconciled& after);
  void tell(Applying& applying, std::int64_t number, const Reconciled& after);

  Database& db_;
  Clock& clock_;
  IntegrationKeys& keys_;
  PersonRows& people_;
  OutboxTables& outbox_;
};

}  // namespace gatehouse
