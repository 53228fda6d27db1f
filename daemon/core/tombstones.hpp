#pragma once
// How an erased person is known again (contract.md §5: "An erased person stays out by a keyed tombstone").
// What is kept is a digest of a mark, under a key of the store; a mark is never stored.

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/identity_keys.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/person.hpp"

namespace gatehouse {

/// Safe from any thread.
class Tombstones {
 public:
  virtual ~Tombstones() = default;
  /// Nobody was erased: nothing needs to be asked.
  virtual bool empty() const = 0;
  /// True, too, where that cannot be told.
  virtual bool covers(std::string_view mark) const = 0;
};

/// One record of a source. `external_id` as external_id_text() gives it.
std::string record_mark(const IntegrationId& integration, std::string_view external_id);
std::string person_mark(const PersonId& person);
/// Who somebody is, whatever record says it: full name with e-mail, and full name with phone, normalised as
/// duplicates are found (contract.md §5). None of somebody without a full name, or without both of these.
std::vector<std::string> identity_marks(const PersonFacts& facts, const TextFold& fold);

}  // namespace gatehouse
