#pragma once
// The mirror: a row for each record of a source.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/reconcile.hpp"
#include "daemon/core/record_index.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// A record as the mirror has it. `person` follows the link in `person_source`, which is the one that counts,
/// so that events find their person by one row.
struct MirrorRow {
  MirrorState state;
  std::optional<PersonId> person;
  bool operator==(const MirrorRow&) const = default;
};

IndexedRecord indexed(std::int64_t number, const MirrorRow& row);

class RecordRows {
 public:
  RecordRows(Database& db, IntegrationKeys& keys) : db_(db), keys_(keys) {}

  std::optional<MirrorRow> load(std::int64_t integration, std::int64_t number);
  /// Within a transaction, as are the others that write.
  void save(std::int64_t integration, std::int64_t number, const MirrorRow& row);
  void forget(std::int64_t integration, std::int64_t number);
  /// Looked at by the next pass over the whole, changed or not.
  void look_again(std::int64_t integration, std::int64_t number, bool tracked);

  /// By ascending number.
  std::vector<IndexedRecord> index(const IntegrationId& integration);
  std::vector<std::int64_t> gone_before(const IntegrationId& integration, Instant moment,
                                        std::size_t at_most);

 private:
  Database& db_;
  IntegrationKeys& keys_;
};

}  // namespace gatehouse
