#pragma once
// What one record of a complete read does to the registry (contract.md §5). Pure: the store reads what it
// needs, asks here, and writes what it is told.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/record_fate.hpp"

namespace gatehouse {

/// What the mirror keeps of a record besides its link to a person.
struct MirrorState {
  std::uint64_t fingerprint = 0;
  bool present = true;             ///< in the last complete read
  std::optional<SkipReason> skip;  ///< why the last read did not reach the registry
  std::string name;                ///< for people; empty where the names are not mapped

  bool operator==(const MirrorState&) const = default;
};

/// The two sides of a record before this pass.
struct RecordBefore {
  std::optional<MirrorState> mirror;  ///< none: never seen
  std::optional<Person> person;       ///< the one it is linked to
};

/// Where and when the pass happens.
struct Pass {
  IntegrationId integration;
  std::string badge;  ///< the integration's display name
  Instant now{};
};

struct Reconciled {
  std::optional<MirrorState> mirror;  ///< to write; none: the mirror forgets the record
  std::optional<Person> person;       ///< to write, new or changed; none: untouched
  std::optional<Outcome> outcome;     ///< one `activity`; none: nothing to tell of this record
  std::optional<SkipReason> reason;   ///< with Outcome::skipped and Outcome::excluded
  std::vector<std::string>
      changed;  ///< names of the facts that changed; "access" where a source came or went

  bool operator==(const Reconciled&) const = default;
};

/// A new or changed record. `if_new` becomes the id of a person that has to be made.
/// Never touched: admin_enabled, tracked, custom_tags, and what other sources say of presence.
/// Outcomes: added and updated go with person.upserted; disabled with person.disabled.
Reconciled reconcile(const Pass& pass, RecordBefore before, const RecordFate& fate, PersonId if_new);

/// A record that is proven absent.
Reconciled reconcile_gone(const Pass& pass, RecordBefore before, std::int64_t number, OnRemoved on_removed);

}  // namespace gatehouse
