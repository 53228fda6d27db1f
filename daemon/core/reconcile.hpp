#pragma once
// What one record of a complete read does to the registry (contract.md §5). Pure: the store reads what it
// needs, asks here, and writes what it is told. A plan is made by the same rules that apply it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/record_fate.hpp"
#include "daemon/core/sync_issue.hpp"
#include "daemon/core/sync_plan.hpp"

namespace gatehouse {

/// What the mirror keeps of a record besides its link to a person.
struct MirrorState {
  std::string external_id;  ///< SourceRecord::external_id
  std::uint64_t fingerprint = 0;
  IdentityKeys keys;
  bool present = true;                  ///< in the last complete read
  std::optional<Instant> absent_since;  ///< since its removal was applied
  std::optional<SkipReason> skip;       ///< why the last read did not reach the registry
  std::string name;                     ///< for people; empty where the names are not mapped

  bool operator==(const MirrorState&) const = default;
};

/// The two sides of a record before this pass.
struct RecordBefore {
  std::optional<MirrorState> mirror;  ///< none: never seen
  std::optional<Person> person;       ///< the one it is linked to
  std::optional<Person> target;       ///< of RecordFate::link, where it still exists
};

/// Where and when the pass happens.
struct Pass {
  IntegrationId integration;
  std::string badge;  ///< the integration's display name
  Instant now{};
  SourceKind kind = SourceKind::net2;
  FieldAuthority authority;
  OnRemoved on_removed = OnRemoved::disable;
  /// Of the cloud's pass: what the integrations say that may rule its people. A field that one of them leaves
  /// to the cloud (`authority: cloud`) is the cloud's to write, though that integration rules the rest.
  std::map<IntegrationId, FieldAuthority> rulers{};
};

/// What happens to a person, apart from `person` being written.
enum class PersonEnd { none, disabled, removed };

struct Reconciled {
  std::optional<MirrorState> mirror;  ///< to write; none: the mirror forgets the record
  std::optional<Person> person;       ///< to write, new or changed; none: untouched
  PersonEnd end = PersonEnd::none;    ///< of `person`: tells which message goes
  bool unlinks = false;               ///< the record has no person any more (MirrorState stays)
  std::optional<Outcome> outcome;     ///< one `activity`; none: nothing to tell of this record
  std::optional<SkipReason> reason;   ///< why, with any outcome but added and updated
  /// Names of the facts that changed; "access" where a source came or went.
  std::vector<std::string> changed;
  std::vector<Issue> issues;  ///< what only the two sides together show; found anew in each pass
  std::optional<PlanOp> op;   ///< what a plan calls it; none: nothing that needs to be confirmed

  bool operator==(const Reconciled&) const = default;
};

/// A new or changed record. `if_new` becomes the id of a person that has to be made.
/// Never touched: admin_enabled, tracked, custom_tags, and what other sources say of presence.
/// Outcomes: added and updated go with person.upserted; disabled with person.disabled.
Reconciled reconcile(const Pass& pass, RecordBefore before, const RecordFate& fate, PersonId if_new);

/// Whether the record's id has gone to somebody else, so that its person loses it: reconcile_replaced() comes
/// first then, and reconcile() makes the new person.
bool replaces(const RecordBefore& before, const RecordFate& fate);
/// What the record of `former` is called once somebody else has its id: an id belongs to one person at a
/// time.
std::string former_id(std::string_view external_id, const PersonId& former);
/// The former person of an id that has gone to somebody else. Their record goes on under former_id(), as one
/// that is gone: what comes of it is `on_removed`'s. The mirror's row is that record's.
Reconciled reconcile_replaced(const Pass& pass, RecordBefore before, const RecordFate& fate);

/// A record that is proven absent, or that has left what the mapping covers (`why`).
Reconciled reconcile_gone(const Pass& pass, RecordBefore before, std::int64_t number,
                          std::optional<SkipReason> why = std::nullopt);

/// A removal that the guard holds back: the record stays, and says so.
Reconciled reconcile_withheld(RecordBefore before);

/// This source's claim ends, and the person goes where it was the last one. `by_plan`: somebody has read and
/// confirmed it (a purge). Without, it is the second step of on_removed: delete, and a person with another
/// source keeps this one as absent: else access would come back by itself, for no plan has removed it
/// (contract.md §5).
Reconciled reconcile_erased(const Pass& pass, RecordBefore before, std::int64_t number, bool by_plan);

}  // namespace gatehouse
