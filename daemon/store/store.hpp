#pragma once
// The gateway's memory: one SQLite file in the state directory, used by one thread of its own, so that a
// disk that takes its time never stalls the io thread.

#include <filesystem>
#include <memory>
#include <string>

#include "daemon/app/ports.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/store/space.hpp"

namespace gatehouse {

struct StoreOptions {
  std::filesystem::path directory;  ///< must exist; holds gatehouse.db, its log, the lock and the reserve
  std::string source;               ///< of every envelope: "/gatehouse/{tenant}/{gateway}"
  SpaceOptions space{};
};

/// Calls are made from the io thread and answered on the executor of the caller; they are carried out in the
/// order in which they were made. A call that was begun is finished: cancelling the caller does not undo it.
/// Durable when answered: everything but settle().
///
/// While the disk is full, alarms, gaps, parking and settling go on in a reserve; everything else answers
/// Errc::storage_full. A commit of events that holds alarms then stores these, leaves the cursor where it
/// was, and answers Errc::storage_full all the same.
///
/// Ends its thread, with what was asked before done, when destroyed; destroy it before the io_context.
class Store final : public EventStore,
                    public DirectoryStore,
                    public OutboxStore,
                    public QueryStore,
                    public HousekeepingStore {
 public:
  /// Blocks; for start-up. Errc::storage with words for a person where another daemon has the directory, the
  /// file was made by a newer gatehouse, or it cannot be read. `clock` outlives the store, and its now(),
  /// quality() and new_id() are called from the store's thread.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, Clock& clock);
  ~Store() override;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Task<Result<EventCursor>> event_cursor(IntegrationId integration) override;
  Task<Result<std::size_t>> commit_events(EventCommit commit) override;

  Task<Result<std::vector<IndexedRecord>>> load_index(IntegrationId integration) override;
  Task<Result<SyncCounts>> apply(DirectoryCommit commit) override;
  Task<Result<std::optional<std::uint64_t>>> last_mapping(IntegrationId integration) override;
  Task<Result<void>> save_mapping(IntegrationId integration, std::uint64_t seed) override;
  Task<Result<std::uint64_t>> removals_since(IntegrationId integration, Instant since) override;
  Task<Result<void>> save_run(SyncRun run, bool tell) override;
  Task<Result<std::optional<SyncRun>>> last_complete_run(IntegrationId integration) override;
  Task<Result<std::vector<DoorRow>>> doors(IntegrationId integration) override;
  Task<Result<void>> save_doors(IntegrationId integration, std::vector<SourceDoor> doors) override;

  Task<Result<std::vector<OutboxRow>>> read_outbox(Lane lane, std::int64_t after, std::size_t max_rows,
                                                   std::size_t max_bytes) override;
  Task<Result<void>> settle(std::vector<RowRange> ranges) override;
  Task<Result<void>> park(std::int64_t row, std::string cause, std::string detail) override;
  Task<Result<void>> append(std::vector<Message> messages) override;
  Task<Result<OutboxReport>> outbox_report() override;
  void set_quota(Quota quota) override;
  std::string stream() const override;

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

  Task<Result<std::size_t>> prune_events(Instant before, std::size_t at_most) override;
  Task<Result<std::size_t>> prune_activity(Instant before, std::size_t at_most) override;

 private:
  class Inside;
  explicit Store(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace gatehouse
