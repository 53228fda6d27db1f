#pragma once
// Which people of the registry a match will look at, told before the registry is read: of a hundred thousand
// who are linked already, and whom no newcomer resembles, none is kept in memory. Pure.

#include <cstdint>
#include <vector>

#include "daemon/core/mapping.hpp"
#include "daemon/core/record_index.hpp"
#include "daemon/core/record_pack.hpp"
#include "daemon/core/registry_keys.hpp"
#include "daemon/core/sync_issue.hpp"

namespace gatehouse {

/// All lists ascending.
struct RegistryAsk {
  bool everybody = false;
  std::vector<std::uint64_t> keys;    ///< IdentityKeys::email and ::name of those who have no person yet
  std::vector<std::int64_t> records;  ///< whose person, if any, may be asked for
  std::vector<PersonId> people;       ///< named by operators

  bool empty() const { return !everybody && keys.empty() && records.empty() && people.empty(); }
  bool wants(const RegistryEntry& entry) const;
  /// Whoever this one wants is wanted by `other`, too.
  bool is_within(const RegistryAsk& other) const;
};

/// For these changed records. Everybody, where most of the records are new.
RegistryAsk registry_ask(const RecordPack& changed, const RecordIndex& index, const Mapping& mapping,
                         const OperatorWord& word);

}  // namespace gatehouse
