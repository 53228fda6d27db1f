#pragma once
// The gateway's memory: one SQLite file in the state directory, used by one thread of its own, so that a
// disk that takes its time never stalls the io thread.

#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/alert_store.hpp"
#include "daemon/app/backup_port.hpp"
#include "daemon/app/clock_desk.hpp"
#include "daemon/app/dead_letters.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/privacy_ports.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/app/salvage_port.hpp"
#include "daemon/store/salvage.hpp"
#include "daemon/store/space.hpp"

namespace gatehouse {

struct StoreOptions {
  std::filesystem::path directory;  ///< must exist; holds gatehouse.db, its log, the lock and the reserve
  std::string source;               ///< of every envelope: "/gatehouse/{tenant}/{gateway}"
  const TextFold& fold;             ///< outlives the store; used from its thread
  SpaceOptions space{};
};

/// Calls are made from the io thread and answered on the executor of the caller; they are carried out in the
/// order in which they were made, but for begin_access() and end_access(), which go before all that waits:
/// somebody stands at a door. A call that was begun is finished: cancelling the caller does not undo it.
/// Durable when answered: everything but settle().
///
/// While the disk is full, alarms, gaps, parking and settling go on in a reserve, and so does what a sign-in
/// or an operator's act at a door leaves; everything else answers Errc::storage_full. A commit of events that
/// holds alarms or Net2's lockdown then stores these, leaves the cursor where it was, and answers
/// Errc::storage_full all the same.
///
/// Ends its thread, with what was asked before done, when destroyed; destroy it before the io_context.
class Store final : public EventStore,
                    public DirectoryStore,
                    public IssueStore,
                    public PlanStore,
                    public SwitchStore,
                    public PersonStore,
                    public ExportStore,
                    public KnowledgeStore,
                    public FloorStore,
                    public AccessStore,
                    public AuditStore,
                    public RosterStore,
                    public AdministrationStore,
                    public Invitations,
                    public OutboxStore,
                    public DeadLetterStore,
                    public AlertStore,
                    public SalvageStore,
                    public BackupStore,
                    public QueryStore,
                    public PrivacyStore,
                    public HousekeepingStore {
 public:
  /// Blocks; for start-up. A damaged store is salvaged first (salvage.hpp). Errc::storage with words for a
  /// person where another daemon has the directory, the file was made by a newer gatehouse, or it cannot be
  /// read. `clock` outlives the store, and its now(), uptime(), floor(), quality() and new_id() are called
  /// from the store's thread.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, Clock& clock);
  ~Store() override;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Task<Result<EventCursor>> event_cursor(IntegrationId integration) override;
  Task<Result<std::size_t>> commit_events(EventCommit commit) override;

  Task<Result<std::vector<IndexedRecord>>> load_index(IntegrationId integration) override;
  Task<Result<DirectoryReport>> apply(DirectoryCommit commit) override;
  Task<Result<std::vector<PlanChange>>> preview(DirectoryCommit commit) override;
  Task<Result<std::optional<std::uint64_t>>> last_mapping(IntegrationId integration) override;
  Task<Result<void>> save_mapping(IntegrationId integration, std::uint64_t seed) override;
  Task<Result<std::uint64_t>> removals_since(IntegrationId integration, Instant since) override;
  Task<Result<std::uint64_t>> people_present(IntegrationId integration) override;
  Task<Result<std::vector<std::int64_t>>> gone_before(IntegrationId integration, Instant moment) override;
  Task<Result<void>> save_run(SyncRun run, bool tell) override;
  Task<Result<void>> end_interrupted_runs() override;
  Task<Result<std::optional<SyncRun>>> last_complete_run(IntegrationId integration) override;
  Task<Result<std::optional<SyncRun>>> last_full_run(IntegrationId integration) override;
  Task<Result<std::vector<DoorRow>>> doors(IntegrationId integration) override;
  Task<Result<void>> save_doors(IntegrationId integration, std::vector<SourceDoor> doors) override;
  Task<Result<void>> take_over_doors(IntegrationId integration, std::vector<SourceDoor> doors) override;

  Task<Result<IssueSetChange>> set_issues(IntegrationId integration, std::vector<Issue> issues,
                                          std::string how) override;
  Task<Result<std::vector<Issue>>> open_issues(IntegrationId integration) override;
  Task<Result<Issue>> open_issue(std::int64_t number) override;
  Task<Result<Issue>> any_issue(std::int64_t number) override;
  Task<Result<OperatorWord>> operator_word(IntegrationId integration) override;
  Task<Result<void>> say(IntegrationId integration, RecordChoice choice, std::string by) override;
  Task<Result<void>> override_fields(IntegrationId integration, std::vector<FieldOverride> fields,
                                     std::string by) override;
  Task<Result<bool>> unsay(IntegrationId integration, std::int64_t record) override;
  Task<Result<void>> lapse(IntegrationId integration, std::vector<FieldOverride> fields) override;

  Task<Result<std::vector<Plan>>> live_plans() override;
  Task<Result<Plan>> plan(PlanId id) override;
  Task<Result<std::vector<PlanChange>>> plan_changes(PlanId id, std::uint64_t after,
                                                     std::size_t at_most) override;
  Task<Result<void>> begin_plan(Plan plan) override;
  Task<Result<void>> add_changes(PlanId id, std::vector<PlanChange> changes) override;
  Task<Result<void>> offer_plan(Plan plan) override;
  Task<Result<void>> set_plan_state(PlanId id, PlanState state) override;
  Task<Result<void>> renew_plan(PlanId id, Instant expires) override;
  Task<Result<PlanProgress>> apply_changes(PlanId id, DirectoryCommit settings, std::size_t at_most) override;
  Task<Result<void>> end_plan(PlanEnd end) override;
  Task<Result<std::uint64_t>> purge_basis(std::optional<IntegrationId> integration) override;
  Task<Result<std::vector<PlanChange>>> purge_changes(std::optional<IntegrationId> integration,
                                                      LeftPeople people) override;

  Task<Result<Switch>> switch_of(IntegrationId integration) override;
  Task<Result<void>> set_switch(IntegrationId integration, Switch state) override;

  Task<Result<std::vector<RegistryRow>>> registry_rows(IntegrationId integration, PersonId after) override;
  Task<Result<std::vector<PersonId>>> registry_ids(IntegrationId integration, RegistryAsk ask) override;
  Task<Result<std::vector<RegistryRow>>> registry_rows_of(IntegrationId integration,
                                                          std::vector<PersonId> people) override;
  std::uint64_t registry_revision() const override;
  Task<Result<Person>> set_tracked(PersonId person, bool tracked, std::string reason,
                                   std::optional<Instant> until) override;
  Task<Result<std::size_t>> couple_overdue(Instant now) override;
  Task<Result<std::shared_ptr<const Tombstones>>> tombstones() override;

  Task<Result<std::string>> store_figures() override;
  /// The daemon ends: rewrite_store() is left to the next start.
  void hurry();
  Task<Result<ErasureReport>> erase_person(ErasureAsk ask) override;
  Task<Result<bool>> rewrite_due() override;
  Task<Result<std::vector<std::string>>> rewrite_store() override;
  Task<Result<PersonalPage>> personal_rows(PersonId person, std::string section, std::string after) override;

  Task<Result<std::vector<Person>>> cloud_people(PersonId after) override;
  Task<Result<void>> note_export(ExportNote note) override;

  void tell_changes(KnowledgeListener& listener) override;
  Task<Result<std::vector<PersonEntry>>> known_people(PersonId after) override;
  Task<Result<AccessState>> access_state() override;
  Task<Result<void>> save_proofs(std::vector<Proof> proofs) override;
  Task<Result<void>> lower_floor(AuditEntry audit) override;
  Task<Result<void>> set_door_mode(DoorId door, std::optional<DoorMode> mode, AuditEntry audit) override;

  Task<Result<void>> begin_access(AccessBegin begin) override;
  Task<Result<void>> end_access(AccessEnd end) override;
  Task<Result<std::vector<DoorIntent>>> open_intents() override;
  Task<Result<DecisionRow>> decision(std::string id) override;
  Task<Result<std::vector<DecisionRow>>> decisions(Instant since, std::string after) override;
  Task<Result<std::size_t>> prune_decisions(Instant before, std::size_t at_most) override;
  Task<Result<std::vector<TakenCommand>>> taken_commands(Instant now) override;
  Task<Result<std::map<std::string, std::int64_t>>> command_floors() override;
  Task<Result<std::size_t>> prune_commands(Instant now, std::size_t at_most) override;

  Task<Result<void>> note(std::vector<AuditEntry> entries, std::vector<Message> messages) override;
  Task<Result<std::vector<AuditRow>>> audit_rows(std::int64_t before, std::size_t at_most) override;
  Task<Result<AuditHead>> audit_head() override;
  Task<Result<AuditFinding>> verify_audit() override;
  Task<Result<std::size_t>> prune_audit(Instant before, std::size_t at_most) override;

  Task<Result<RosterState>> roster_state() override;
  Task<Result<DirectoryReport>> apply_roster(RosterCommit commit) override;

  Task<Result<Person>> set_person(PersonWord word) override;
  Task<Result<Person>> person(PersonId id) override;

  Task<Result<void>> invited(PersonId person, bool ok) override;
  Task<Result<ToldInvitations>> tell_invitable() override;
  Task<Result<ToldInvitations>> tell_invitable_again(PersonId after) override;

  Task<Result<std::vector<OutboxRow>>> read_outbox(Lane lane, std::int64_t after, std::size_t max_rows,
                                                   std::size_t max_bytes) override;
  Task<Result<void>> settle(std::vector<RowRange> ranges) override;
  Task<Result<void>> park(std::int64_t row, std::string cause, std::string detail) override;
  Task<Result<QueuedRow>> retry_dead_letter(std::int64_t row, std::string by) override;
  Task<Result<DeadLetter>> drop_dead_letter(std::int64_t row, std::string by) override;
  Task<Result<void>> append(std::vector<Message> messages) override;
  Task<Result<OutboxReport>> outbox_report() override;
  void set_quota(Quota quota) override;
  std::string stream() const override;
  /// Reads at most `count` pages from the disk, from `first` (1 is the first), and looks whether they are as
  /// they were written. The page to go on from, 0 behind the last. Errc::storage names a damaged one.
  Task<Result<std::uint32_t>> look_at_pages(std::uint32_t first, std::uint32_t count);
  /// For whoever watches whether the store's thread stands still.
  boost::asio::any_io_executor thread() const;
  /// What the clock's floor was at the last commit of an earlier life; Instant{} where there was none.
  Instant committed_floor() const;

  Task<Result<PageLook>> look_at_pages() override;
  bool damaged() const override;
  Task<Result<std::string>> make_backup() override;
  Task<Result<SalvageState>> salvage_state() override;
  Task<Result<SalvageAccepted>> accept_salvage(std::string by) override;
  /// What this start has salvaged.
  const std::optional<SalvageReport>& salvaged() const;

  Task<Result<std::vector<Alert>>> load_alerts() override;
  Task<Result<void>> tell_alerts(std::vector<Message> messages, std::vector<Alert> raised) override;

  Task<Result<Listing<Person>>> list_people(PeopleFilter filter, Page page) override;
  Task<Result<std::vector<Person>>> find_people(std::string key) override;
  Task<Result<PeopleCount>> count_people() override;
  Task<Result<std::vector<DoorRow>>> list_doors() override;
  Task<Result<Listing<EventRow>>> list_events(std::optional<Instant> since,
                                              std::optional<IntegrationId> integration, Page page) override;
  Task<Result<std::vector<SyncRun>>> list_runs(std::optional<IntegrationId> integration,
                                               std::size_t at_most) override;
  Task<Result<Listing<QueuedRow>>> list_outbox(std::optional<Lane> lane, Page page) override;
  Task<Result<Listing<DeadLetter>>> list_dead_letters(std::optional<Lane> lane, Page page) override;
  Task<Result<std::vector<Issue>>> list_issues(IssueFilter filter) override;
  Task<Result<Listing<ActivityRow>>> list_activity(ActivityFilter filter, std::optional<Instant> since,
                                                   Page page) override;
  Task<Result<std::vector<LinkRow>>> links_of(PersonId person) override;
  Task<Result<std::vector<ActivityRow>>> activity_of(PersonId person, std::size_t at_most) override;

  Task<Result<std::size_t>> prune_events(Instant before, std::size_t at_most) override;
  Task<Result<std::size_t>> prune_activity(Instant before, std::size_t at_most) override;

 private:
  class Inside;
  Task<Result<std::string>> copy_all();
  explicit Store(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace gatehouse
