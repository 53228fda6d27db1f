#pragma once
// What has to be put right in a store that was salvaged or restored, before anything is read from it: it is
// of another time than what the cloud, Net2 and the operators remember.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/store/salvage.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// The salvage's part: its report, and what is to be done about it. Within a transaction.
void leave_to_mend(Database& db, const SalvageReport& report);
/// The restore's part: `json` is what is to be told of it. In a file that is about to be put in place.
void leave_restored(Database& db, const std::string& json, const std::string& doubt);

/// What is to be told when the tables are right again.
struct Mended {
  std::string kind;    ///< "salvage", "restore"
  std::string report;  ///< JSON
  std::string detail;  ///< for a person
  std::string hint;
  std::string old_stream;  ///< of the gaps
  std::vector<Gap> gaps{};
};

/// Within a transaction, with the schema up to date, before the outbox is loaded. nullopt: nothing to do.
std::optional<Mended> mend(Database& db, Instant now, std::string new_stream);

}  // namespace gatehouse
