#pragma once
// What becomes of one record of a directory: the words of contract.md §5 and of `activity` messages.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/identity_keys.hpp"
#include "daemon/core/person.hpp"

namespace gatehouse {

/// Why a record is not in the registry. In the order in which they are tested (contract.md §5).
enum class SkipReason : std::uint8_t {
  source_disabled,
  integration_disabled,
  erased,
  no_site,
  decoupled,
  missing_required_field,
  invalid_email,
  missing_identifier,
  group_not_mapped,
  multiple_groups,
  duplicate_pending,
  ambiguous_match,
  operator_skip,
  excluded_by_mode,
  guard_withheld,
  no_matching_record,
  out_of_scope,
  identity_changed,  ///< not a skip: the outcome is `failed`, and the person is denied until it is resolved
};
std::string_view to_string(SkipReason reason);
std::optional<SkipReason> parse_skip_reason(std::string_view text);

enum class Outcome { added, updated, skipped, excluded, disabled, removed, processed, failed };
std::string_view to_string(Outcome outcome);

/// Whose record it is, and how that is known.
struct RecordLink {
  PersonId person;  ///< empty: whoever `other_record` belongs to
  /// Of the same integration: whose person it is; with LinkRule::relinked the record that this one replaces.
  std::optional<std::int64_t> other_record;
  LinkRule rule = LinkRule::merged;
  std::string evidence;

  bool operator==(const RecordLink&) const = default;
};

/// A new or changed record with what the mapping made of it: facts, or the reason why not.
struct RecordFate {
  std::int64_t number = 0;  ///< SourceRecord::number
  std::string external_id;  ///< SourceRecord::external_id
  std::uint64_t fingerprint = 0;
  IdentityKeys keys;
  std::string name;  ///< "Ada Lovelace", for people who read activity; empty where the names are not mapped
  std::optional<PersonFacts> facts;
  std::optional<SkipReason> skip;  ///< set where facts is not
  bool leaves = false;             ///< with skip: whoever was imported for it loses this source
  std::optional<RecordLink> link;  ///< with facts, for a record without a person: whose it is
  bool denied =
      false;  ///< with skip: whose it is is in doubt, so whoever was imported for it loses this source
  bool stranger = false;       ///< its former person is somebody else; with facts: a new one is made
  bool email_verified = true;  ///< SourceRecord::email_verified; a plan does not keep it

  bool operator==(const RecordFate&) const = default;
};

/// Of a record whose person was erased: that it is there, and nothing of what it says. It has no fingerprint,
/// so that each pass looks at it anew. `external_id`: SourceRecord::external_id.
RecordFate erased_fate(std::int64_t number, std::string external_id);

/// One `activity` message: a record's fate in one run.
Message activity_message(const RunId& run, const IntegrationId& integration, std::string_view external_id,
                         std::string_view name, Outcome outcome, std::optional<SkipReason> reason,
                         const std::vector<std::string>& fields, std::string id, Instant now);

/// One sentence that says what the outcome means and how to change it, for `activity` and `people why`.
std::string_view remedy(SkipReason reason);

/// How many records met which fate in a run (`counts` of a `sync` message).
struct SyncCounts {
  std::uint64_t seen = 0, added = 0, updated = 0, skipped = 0, disabled = 0, removed = 0, errors = 0,
                duplicates = 0;

  SyncCounts& operator+=(const SyncCounts& more);
  /// Whether the run changed anything that is worth telling.
  bool anything() const { return added + updated + skipped + disabled + removed != 0; }
  bool operator==(const SyncCounts&) const = default;
};

enum class Trigger { continuous, schedule, manual, cloud, first };
std::string_view to_string(Trigger trigger);
std::optional<Trigger> parse_trigger(std::string_view text);

/// A run of one integration, as `sync` messages and `runs` show it.
struct SyncRun {
  RunId id;
  IntegrationId integration;
  Trigger trigger = Trigger::continuous;
  std::string phase;  ///< contract.md §3.1: importing … done
  std::optional<std::string>
      outcome;  ///< complete | completed_with_issues | partial | failed | guarded | draft
  SyncCounts counts;
  Instant started{};
  std::optional<Instant> finished;
  std::string detail;  ///< for a person: why it failed

  bool operator==(const SyncRun&) const = default;
};

std::string sync_run_json(const SyncRun& run);
Message sync_message(const SyncRun& run, std::string id, Instant now);

}  // namespace gatehouse
