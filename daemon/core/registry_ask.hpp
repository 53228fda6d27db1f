#pragma once
// Which people of the registry a match will look at, told before the registry is read: of a hundred thousand
// who are linked already, and whom no newcomer resembles, none is read. Pure.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/core/person.hpp"

namespace gatehouse {

class RecordIndex;
class RecordPack;
struct Mapping;
struct OperatorWord;

/// All lists ascending.
struct RegistryAsk {
  bool everybody = false;
  std::vector<std::uint64_t> keys;    ///< IdentityKeys::email and ::name of those who have no person yet
  std::vector<std::int64_t> records;  ///< whose person, if any, may be asked for
  /// Of those of these records that are in the snapshot: the mirror may not know them.
  std::vector<std::string> external_ids;
  std::vector<PersonId> people;  ///< named by operators

  bool empty() const { return !everybody && size() == 0; }
  std::size_t size() const { return keys.size() + records.size() + external_ids.size() + people.size(); }
  /// Whoever this one wants is wanted by `other`, too.
  bool is_within(const RegistryAsk& other) const;
};

/// Cuts it into asks of at most so many names each, which together want whom it wants. Not everybody.
std::vector<RegistryAsk> parts_of(const RegistryAsk& ask, std::size_t names);

/// For these changed records. Everybody, where most of the records are new.
RegistryAsk registry_ask(const RecordPack& changed, const RecordIndex& index, const Mapping& mapping,
                         const OperatorWord& word);

}  // namespace gatehouse
