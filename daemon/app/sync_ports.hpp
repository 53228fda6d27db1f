#pragma once
// What the directory sync needs from the store. One call is one transaction (see ports.hpp).

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/task.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/core/record_fate.hpp"
#include "daemon/core/record_index.hpp"
#include "daemon/core/registry_ask.hpp"
#include "daemon/core/registry_keys.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/source_record.hpp"
#include "daemon/core/sync_issue.hpp"
#include "daemon/core/sync_plan.hpp"
#include "daemon/core/tombstones.hpp"

namespace gatehouse {

struct SourceDoor {
  Net2DoorId id;
  std::string name;
  bool operator==(const SourceDoor&) const = default;
};

struct DoorRow {
  IntegrationId integration;
  Net2DoorId id;
  std::string name;
  bool operator==(const DoorRow&) const = default;
};

/// A record that has gone, or left what the mapping covers.
struct Departure {
  std::int64_t record = 0;
  std::optional<SkipReason> why;  ///< none: proven absent
  bool operator==(const Departure&) const = default;
};

struct DirectoryCommit {
  IntegrationId integration;
  std::string badge;  ///< the integration's display name
  SourceKind kind = SourceKind::net2;
  FieldAuthority authority;
  OnRemoved on_removed = OnRemoved::disable;
  RunId run;
  std::vector<RecordFate> fates;       ///< new and changed records, in this order
  std::vector<Departure> gone;         ///< removals to apply
  std::vector<std::int64_t> withheld;  ///< removals that the guard holds back
  std::vector<std::int64_t> erased;    ///< reconcile_erased: long gone, on_removed: delete
  bool count_removals = true;          ///< for the guard's window; not where somebody has confirmed them
  std::map<IntegrationId, FieldAuthority> rulers{};  ///< kind cloud: Pass::rulers
};

struct DirectoryReport {
  SyncCounts counts;                    ///< by outcome; `seen`, `errors` and `duplicates` stay 0
  std::vector<IndexedRecord> records;   ///< as they are now; `unsettled` is left false
  std::vector<std::int64_t> forgotten;  ///< records that the mirror no longer has
  std::vector<Issue> issues;            ///< Reconciled::issues of these records
};

class DirectoryStore {
 public:
  virtual ~DirectoryStore() = default;
  /// By ascending number; `unsettled` where an issue about the record is open.
  virtual Task<Result<std::vector<IndexedRecord>>> load_index(IntegrationId integration) = 0;
  /// Mirror, registry, activity and messages of these records together.
  virtual Task<Result<DirectoryReport>> apply(DirectoryCommit commit) = 0;
  /// What apply would do to the registry, and nothing is done. Ops of DirectoryCommit order; withheld ones
  /// make no change.
  virtual Task<Result<std::vector<PlanChange>>> preview(DirectoryCommit commit) = 0;
  /// The seed of the mapping under which the mirror was last completed; none before the first time.
  virtual Task<Result<std::optional<std::uint64_t>>> last_mapping(IntegrationId integration) = 0;
  virtual Task<Result<void>> save_mapping(IntegrationId integration, std::uint64_t seed) = 0;
  /// Removals applied to this integration's people since a moment, for the guard's window.
  virtual Task<Result<std::uint64_t>> removals_since(IntegrationId integration, Instant since) = 0;
  /// Records whose word is that their person is there.
  virtual Task<Result<std::uint64_t>> people_present(IntegrationId integration) = 0;
  /// Records whose removal was applied before a moment and whose person is still in the registry, at most
  /// 500.
  virtual Task<Result<std::vector<std::int64_t>>> gone_before(IntegrationId integration, Instant moment) = 0;
  /// The run's row (made or replaced); with `tell` also its `sync` message.
  virtual Task<Result<void>> save_run(SyncRun run, bool tell) = 0;
  /// Runs without an end are those of a process that died: they become `failed`, detail "interrupted".
  virtual Task<Result<void>> end_interrupted_runs() = 0;
  /// The newest run with a complete read that was applied, if any (its end is the age of what we know).
  virtual Task<Result<std::optional<SyncRun>>> last_complete_run(IntegrationId integration) = 0;
  /// The newest of these with trigger schedule, manual or first: full passes.
  virtual Task<Result<std::optional<SyncRun>>> last_full_run(IntegrationId integration) = 0;

  virtual Task<Result<std::vector<DoorRow>>> doors(IntegrationId integration) = 0;
  /// Adds and renames; a door that is missing from the list stays known. Writes nothing if nothing changed.
  virtual Task<Result<void>> save_doors(IntegrationId integration, std::vector<SourceDoor> doors) = 0;
  /// These and no others are known from now on: another server, or other controllers, in place of the former.
  virtual Task<Result<void>> take_over_doors(IntegrationId integration, std::vector<SourceDoor> doors) = 0;
};

/// What the set of open issues was and is.
struct IssueSetChange {
  std::uint64_t opened = 0;
  std::uint64_t closed = 0;
  std::vector<Issue> open;  ///< all of the integration, numbered
};

class IssueStore {
 public:
  virtual ~IssueStore() = default;
  /// These and no others are open now (same_issue). New ones get numbers, which are never used again; those
  /// that are missing are closed with `how`. Fields, others and names are brought up to date. Writes nothing
  /// where nothing changed.
  virtual Task<Result<IssueSetChange>> set_issues(IntegrationId integration, std::vector<Issue> issues,
                                                  std::string how) = 0;
  virtual Task<Result<std::vector<Issue>>> open_issues(IntegrationId integration) = 0;
  /// Errc::not_found where it is unknown; Errc::refused, saying how it ended, where it is closed.
  virtual Task<Result<Issue>> open_issue(std::int64_t number) = 0;
  /// A closed one too: whose skip can be taken back.
  virtual Task<Result<Issue>> any_issue(std::int64_t number) = 0;

  virtual Task<Result<OperatorWord>> operator_word(IntegrationId integration) = 0;
  /// Replaces what was said of the record before. `by`: who, for the journal.
  virtual Task<Result<void>> say(IntegrationId integration, RecordChoice choice, std::string by) = 0;
  virtual Task<Result<void>> override_fields(IntegrationId integration, std::vector<FieldOverride> fields,
                                             std::string by) = 0;
  /// Takes the choice about a record back. False where there was none.
  virtual Task<Result<bool>> unsay(IntegrationId integration, std::int64_t record) = 0;
  /// Overrides that have lapsed, for the source has healed.
  virtual Task<Result<void>> lapse(IntegrationId integration, std::vector<FieldOverride> fields) = 0;
};

/// How far a plan was carried out by one call.
struct PlanProgress {
  DirectoryReport report;
  std::uint64_t done = 0;  ///< changes so far
  std::uint64_t count = 0;
};

/// What ends with a plan, in one transaction with its state `applied`.
struct PlanEnd {
  PlanId plan;
  std::optional<SyncRun> run;               ///< saved and told
  std::optional<std::uint64_t> mapping;     ///< save_mapping for the plan's integration
  bool forget_integration = false;          ///< its mirror, cursor, doors, choices, issues and window go
  std::vector<IntegrationId> switched_off;  ///< become Switch::off
};

class PlanStore {
 public:
  virtual ~PlanStore() = default;
  /// Open and being applied, oldest first. Those past `expires` are left out.
  virtual Task<Result<std::vector<Plan>>> live_plans() = 0;
  /// Errc::not_found where it is unknown. Whatever its state.
  virtual Task<Result<Plan>> plan(PlanId id) = 0;
  /// Part of the changes, by record and person; `after`: how many to leave out.
  virtual Task<Result<std::vector<PlanChange>>> plan_changes(PlanId id, std::uint64_t after,
                                                             std::size_t at_most) = 0;
  /// In three steps: begin (state making), add changes, offer. Offering supersedes the live plan of the same
  /// integration and kind and tells the new one (`plan` message).
  virtual Task<Result<void>> begin_plan(Plan plan) = 0;
  virtual Task<Result<void>> add_changes(PlanId id, std::vector<PlanChange> changes) = 0;
  virtual Task<Result<void>> offer_plan(Plan plan) = 0;
  /// superseded, discarded, or applying. Plans that end lose their changes.
  virtual Task<Result<void>> set_plan_state(PlanId id, PlanState state) = 0;
  virtual Task<Result<void>> renew_plan(PlanId id, Instant expires) = 0;
  /// The next changes of a plan in state applying: applied as by DirectoryStore::apply and counted as done,
  /// together. `at_most` changes; none left: done == count. `settings` gives all but the records.
  virtual Task<Result<PlanProgress>> apply_changes(PlanId id, DirectoryCommit settings,
                                                   std::size_t at_most) = 0;
  virtual Task<Result<void>> end_plan(PlanEnd end) = 0;
  /// The changes of a purge (or of the removal of an integration) as things are now: for each person the
  /// records of `integration` (of all integrations of kind net2 and feed where none is given). op remove, or
  /// disable. In the order of plan_changes.
  virtual Task<Result<std::vector<PlanChange>>> purge_changes(std::optional<IntegrationId> integration,
                                                              LeftPeople people) = 0;
  /// Differs when any of these people, or what was decided about one, is not as it was.
  virtual Task<Result<std::uint64_t>> purge_basis(std::optional<IntegrationId> integration) = 0;
};

/// One write into a source, for the journal.
struct ExportNote {
  IntegrationId integration;
  RunId run;
  std::int64_t record = 0;  ///< 0: the user was not made
  std::string external_id;
  std::string name;
  Outcome outcome = Outcome::processed;  ///< processed or failed
  std::vector<std::string> fields;       ///< names of what was written, or was to be
};

class ExportStore {
 public:
  virtual ~ExportStore() = default;
  /// Everybody with a source of kind cloud, by ascending id, at most 500 a call.
  virtual Task<Result<std::vector<Person>>> cloud_people(PersonId after) = 0;
  /// An activity row and its message.
  virtual Task<Result<void>> note_export(ExportNote note) = 0;
};

class SwitchStore {
 public:
  virtual ~SwitchStore() = default;
  virtual Task<Result<Switch>> switch_of(IntegrationId integration) = 0;
  virtual Task<Result<void>> set_switch(IntegrationId integration, Switch state) = 0;
};

class PersonStore {
 public:
  virtual ~PersonStore() = default;
  /// Names, e-mail and phone of people by ascending id, at most 2000 a call, for matching from the point of
  /// view of one integration.
  virtual Task<Result<std::vector<RegistryRow>>> registry_rows(IntegrationId integration, PersonId after) = 0;
  /// Whom the ask wants, each once, ascending; it must not want everybody. Everything waits for this call and
  /// the next one: ask in parts.
  virtual Task<Result<std::vector<PersonId>>> registry_ids(IntegrationId integration, RegistryAsk ask) = 0;
  /// The same as registry_rows(), of these people in their order. Who is not there, or only walked in, is
  /// left out.
  virtual Task<Result<std::vector<RegistryRow>>> registry_rows_of(IntegrationId integration,
                                                                  std::vector<PersonId> people) = 0;
  /// Grows whenever a person's names, e-mail, phone or sources change.
  virtual std::uint64_t registry_revision() const = 0;
  /// Decouples (tracked false) or couples; with person.upserted, changed ["tracked"].
  virtual Task<Result<Person>> set_tracked(PersonId person, bool tracked, std::string reason,
                                           std::optional<Instant> until) = 0;
  /// By what erased people are known again, as they are now. Never null.
  virtual Task<Result<std::shared_ptr<const Tombstones>>> tombstones() = 0;
  /// Decoupled people whose time is over are coupled. How many.
  virtual Task<Result<std::size_t>> couple_overdue(Instant now) = 0;
};

}  // namespace gatehouse
