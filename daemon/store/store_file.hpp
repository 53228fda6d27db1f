#pragma once
// The open file with its tables, and the one way to write into it. Lives on the store thread.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/salvage_port.hpp"
#include "daemon/store/access_tables.hpp"
#include "daemon/store/activity_rows.hpp"
#include "daemon/store/alert_tables.hpp"
#include "daemon/store/audit_tables.hpp"
#include "daemon/store/backup.hpp"
#include "daemon/store/command_tables.hpp"
#include "daemon/store/decision_rows.hpp"
#include "daemon/store/directory_tables.hpp"
#include "daemon/store/door_rows.hpp"
#include "daemon/store/erasure_tables.hpp"
#include "daemon/store/event_tables.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/issue_tables.hpp"
#include "daemon/store/knowledge_news.hpp"
#include "daemon/store/knowledge_rows.hpp"
#include "daemon/store/listings.hpp"
#include "daemon/store/lock_file.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/people_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/personal_data.hpp"
#include "daemon/store/plan_tables.hpp"
#include "daemon/store/presence_rows.hpp"
#include "daemon/store/record_rows.hpp"
#include "daemon/store/registry_rows.hpp"
#include "daemon/store/roster_tables.hpp"
#include "daemon/store/run_rows.hpp"
#include "daemon/store/salvage.hpp"
#include "daemon/store/space.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/state_rows.hpp"
#include "daemon/store/store_figures.hpp"
#include "daemon/store/tombstone_rows.hpp"
#include "daemon/store/visit_rows.hpp"

namespace gatehouse {

class StoreFile {
 public:
  /// Locks the directory, salvages what is damaged, opens or makes the file, brings its schema up to date.
  /// Throws StoreFault. `fold` outlives it.
  StoreFile(const std::filesystem::path& directory, std::string source, const TextFold& fold, Clock& clock,
            SpaceOptions space);

  EventCursor event_cursor(const IntegrationId& integration) { return events_.cursor(integration); }
  std::size_t commit_events(const EventCommit& commit);

  DirectoryReport apply(const DirectoryCommit& commit);
  void save_run(const SyncRun& run, bool tell);
  void end_interrupted_runs();
  void save_mapping(const IntegrationId& integration, std::uint64_t seed);
  void save_doors(const IntegrationId& integration, const std::vector<SourceDoor>& doors);
  void take_over_doors(const IntegrationId& integration, const std::vector<SourceDoor>& doors);

  IssueSetChange set_issues(const IntegrationId& integration, const std::vector<Issue>& issues,
                            std::string_view how);
  /// False where there was nothing to take back.
  bool unsay(const IntegrationId& integration, std::int64_t record);
  void set_switch(const IntegrationId& integration, Switch state);
  Person set_tracked(const PersonId& id, bool tracked, const std::string& reason,
                     std::optional<Instant> until);
  std::size_t couple_overdue(Instant now);
  /// One transaction for what waits while the disk is full, with crash points LABEL.before and LABEL.after.
  void ordinary(std::string_view label, const std::function<void()>& work);

  void settle(const std::vector<RowRange>& ranges);
  void park(std::int64_t row, std::string_view cause, std::string_view detail);
  QueuedRow retry_dead_letter(std::int64_t row, const std::string& by);
  DeadLetter drop_dead_letter(std::int64_t row, const std::string& by);
  void append(const std::vector<Message>& messages);
  std::vector<Alert> alerts() { return alerts_.all(); }
  void tell_alerts(const std::vector<Message>& messages, const std::vector<Alert>& raised);
  void set_quota(Quota quota) { quota_ = quota; }

  void begin_access(const AccessBegin& begin);
  void end_access(const AccessEnd& end);
  void save_proofs(const std::vector<Proof>& proofs);
  void lower_floor(const AuditEntry& audit);
  void set_door_mode(const DoorId& door, std::optional<DoorMode> mode, const AuditEntry& audit);
  void note(const std::vector<AuditEntry>& entries, const std::vector<Message>& messages);
  DirectoryReport apply_roster(const RosterCommit& commit);
  Person set_person(const PersonWord& word);
  void invited(const PersonId& person, bool ok);
  /// nullopt: those who were never told of.
  ToldInvitations tell_invitable(const std::optional<PersonId>& again_after);

  std::size_t prune_decisions(Instant before, std::size_t at_most);
  std::size_t prune_commands(Instant now, std::size_t at_most);
  std::size_t prune_audit(Instant before, std::size_t at_most);
  std::size_t prune_events(Instant before, std::size_t at_most);
  std::size_t prune_activity(Instant before, std::size_t at_most);

  /// Database::look_at_pages.
  std::uint32_t look_at_pages(std::uint32_t first, std::uint32_t count) {
    return db_.look_at_pages(first, count);
  }
  ErasureReport erase_person(const ErasureAsk& ask);
  std::string figures() { return store_figures(db_); }
  /// From any thread.
  void hurry() { db_.hurry(); }
  /// PrivacyStore::rewrite_store.
  std::vector<std::string> rewrite();

  /// The floor of the clock at the last commit of an earlier life; Instant{} where there was none.
  Instant committed_floor() const { return committed_at_open_; }

  /// At this start.
  const std::optional<SalvageReport>& salvaged() const { return salvaged_; }
  SalvageState salvage_state();
  SalvageAccepted accept_salvage(const std::string& by);
  Database& database() { return db_; }
  std::shared_ptr<BackupMaking> begin_backup();
  const std::filesystem::path& directory_path() const { return directory_path_; }

  /// After a job, when its answer is on its way: keeps the write-ahead log short.
  void tidy();

  OutboxTables& outbox() { return outbox_; }
  DirectoryTables& directory() { return directory_; }
  Listings& listings() { return listings_; }
  IntegrationKeys& keys() { return keys_; }
  RecordRows& records() { return records_; }
  RegistryRows& registry() { return registry_; }
  const PersonRows& person_rows() const { return people_; }
  ActivityRows& activity() { return activity_; }
  RunRows& runs() { return runs_; }
  DoorRows& doors() { return doors_; }
  IssueTables& issues() { return issues_; }
  PeopleTables& people() { return people_tables_; }
  PlanTables& plans() { return plans_; }
  KnowledgeNotes& notes() { return notes_; }
  KnowledgeRows& knowledge() { return knowledge_; }
  AccessTables& access() { return access_; }
  DecisionRows& decisions() { return decisions_; }
  CommandTables& commands() { return commands_; }
  AuditTables& audit() { return audit_; }
  RosterTables& roster() { return roster_; }
  TombstoneRows& tombstones() { return tombstones_; }
  ErasureTables& erasure() { return erasure_; }
  PersonalData& personal() { return personal_; }

 private:
  /// What a full disk does to a call: what the source still has waits there; alarms, gaps and settling use
  /// the reserve.
  enum class Weight { ordinary, vital };
  struct CrashLabels {
    std::string_view before, after;
  };

  enum class Durable { at_once, in_time };

  /// One transaction; `work` is done again where the reserve makes that worth while.
  void write(Weight weight, CrashLabels labels, const std::function<void()>& work,
             Durable durable = Durable::at_once);
  void transact(Durable durable, CrashLabels labels, const std::function<void()>& work);
  Room room();
  void make_identity_keys();
  void add_page_checks();
  void keep_empty_pages();
  void read_committed();
  /// Beside what a transaction writes.
  void keep_committed();

  void drop_unfinished_plans();
  /// After a salvage or a restore.
  void mend_what_was_salvaged();

  Clock& clock_;
  std::filesystem::path directory_path_;
  LockFile lock_;
  std::optional<SalvageReport> salvaged_;
  Space space_;
  Database db_;
  IntegrationKeys keys_{db_};
  KnowledgeNotes notes_;
  PersonRows people_;
  PresenceRows presence_{db_, keys_, notes_};
  VisitRows visits_{db_, notes_};
  KnowledgeRows knowledge_{db_, {keys_, people_, visits_, notes_}};
  StateRows state_{db_};
  DecisionRows decisions_{db_};
  CommandTables commands_{db_};
  TombstoneRows tombstones_{db_};
  RegistryRows registry_{db_, keys_, people_};
  RecordRows records_{db_, keys_};
  ActivityRows activity_{db_, keys_};
  RunRows runs_{db_, keys_};
  DoorRows doors_{db_, keys_};
  OutboxTables outbox_;
  EventTables events_;
  AlertTables alerts_{db_};
  DirectoryTables directory_;
  IssueTables issues_;
  PeopleTables people_tables_;
  PlanTables plans_;
  AuditTables audit_;
  AccessTables access_;
  RosterTables roster_;
  ErasureTables erasure_;
  PersonalData personal_{db_};
  Listings listings_{db_, keys_, people_};
  std::optional<std::uint64_t> waiting_when_full_;  ///< bytes; set while the disk is full
  bool squeezed_ = false;  ///< the reserve is gone as well: only room within the file counts
  Instant committed_at_open_{};
  Instant committed_{};               ///< as the file has it, or will have it with this transaction
  std::optional<Uptime> keep_after_;  ///< not written again before
  Quota quota_{.max_bytes = 1ULL << 30, .min_free = 0};
};

}  // namespace gatehouse
