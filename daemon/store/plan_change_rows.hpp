#pragma once
// The changes that plans list, whole, so that what was read is what is done.

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/core/sync_plan.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// A change and the integration (key) whose record it is about.
struct PlannedChange {
  std::int64_t integration = 0;
  PlanChange change;
};

/// Whether the source has the record: its fate is applied. Otherwise somebody goes, and a fate says no more
/// than why.
bool has_record(const PlanChange& change);

/// `plan`: the number of a plan. What writes is called within a transaction.
class PlanChangeRows {
 public:
  explicit PlanChangeRows(Database& db) : db_(db) {}

  /// `integration`: whose records they are about; none: found by the persons and their records.
  void add(std::int64_t plan, std::optional<std::int64_t> integration,
           const std::vector<PlanChange>& changes);
  std::uint64_t count(std::int64_t plan);
  /// As people read them: by record and person.
  std::vector<PlanChange> list(std::int64_t plan, std::uint64_t after, std::size_t at_most);
  /// As they are applied: in the order in which they were added, for some rest on those before them.
  std::vector<PlannedChange> next(std::int64_t plan, std::uint64_t done, std::size_t at_most);
  void clear(std::int64_t plan);
  /// What a purge removes or disables: every record of these, by record, person and integration. All of kind
  /// net2 and feed where none is named; none with LeftPeople::keep.
  std::uint64_t purge_basis(std::optional<std::int64_t> integration);
  std::vector<PlanChange> purge(std::optional<std::int64_t> integration, LeftPeople people);

 private:
  std::int64_t integration_of(std::int64_t plan, const PlanChange& change);

  Database& db_;
};

}  // namespace gatehouse
