#pragma once
// What became of which record in which run: for people, and for nothing else.

#include <optional>
#include <vector>

#include "daemon/app/queries.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// The record of an external id, where the mirror does not say it: Net2's ids are numbers, others texts.
std::int64_t record_of(SourceKind kind, const std::string& external_id);

class ActivityRows {
 public:
  ActivityRows(Database& db, IntegrationKeys& keys) : db_(db), keys_(keys) {}

  /// `number` and `integration` of the row are left out of account; within a transaction.
  void add(std::int64_t integration, std::int64_t record, const ActivityRow& row);
  Listing<ActivityRow> list(const ActivityFilter& filter, std::optional<Instant> since, const Page& page);
  std::vector<ActivityRow> about(const Person& person, std::size_t at_most);
  /// Within a transaction. The number removed.
  std::size_t prune(Instant before, std::size_t at_most);

 private:
  Database& db_;
  IntegrationKeys& keys_;
};

}  // namespace gatehouse
