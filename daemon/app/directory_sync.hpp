#pragma once
// One pass over a directory: a complete read, judged record by record, guarded, and applied; or a plan of it.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/plan_keeper.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/registry_copy.hpp"
#include "daemon/app/registry_turn.hpp"
#include "daemon/core/evaluation.hpp"
#include "daemon/core/guard.hpp"
#include "daemon/core/mapping.hpp"
#include "daemon/core/record_index.hpp"

namespace gatehouse {

/// How a pass ended, for the status of the integration.
enum class PassEnd {
  applied,        ///< everything that was clean is in the registry
  draft,          ///< a first sync that waits: for its issues, or to be confirmed
  guarded,        ///< removals withheld
  other_server,   ///< these are not the people we knew: a plan waits, nothing was changed
  reimport,       ///< the mapping has changed: a plan waits, nothing was changed
  computed_only,  ///< staging or dry run: nothing was written
};

struct PassAsk {
  Trigger trigger = Trigger::continuous;
  bool full = false;          ///< every record is looked at anew, changed or not
  bool dry_run = false;       ///< nothing is written, and `changes` says what would be
  std::optional<Plan> apply;  ///< carry this out, if the snapshot still gives the same
  bool other_doors = false;   ///< of those that we know none is there: only its people can vouch for it
};

struct PassReport {
  PassEnd end = PassEnd::applied;
  SyncRun run;
  Duration took{0};                 ///< the read
  std::uint64_t withheld = 0;       ///< removals that the guard held back
  std::vector<PlanChange> changes;  ///< of a dry run
  std::optional<Plan> plan;         ///< the one that waits, or was carried out
  bool issues_changed = false;      ///< the set of open issues is another than before
  bool same_source = true;          ///< so say its people, or whoever has confirmed them
};

class FateQueue;

class DirectorySync {
 public:
  /// What a pass works with. References must outlive it; `news` is called after each commit.
  struct Parts {
    PeopleSource& source;
    DirectoryStore& store;
    IssueStore& issues;
    PlanStore& plans;
    PersonStore& people;
    RegistryTurn& turn;  ///< the gateway's one
    Clock& clock;
    boost::asio::any_io_executor worker;
    std::function<void()> news;
    std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t all)> progress;
    /// Was it the same source to the end of the read? May be empty.
    std::function<Task<Result<void>>()> after_read{};
  };

  DirectorySync(Integration integration, Mapping mapping, Parts parts);
  ~DirectorySync();

  /// Reads what is known from the store: before the first pass, and after somebody else has written there.
  Task<Result<void>> load();
  /// A pass. Errors mean that nothing was concluded; what was applied before an error in the store stays, and
  /// the next pass goes on from there. With `apply` an error that begins with plan_stale means that nothing
  /// was done; the plan that holds now is made.
  Task<Result<PassReport>> run(PassAsk ask);
  /// Journals a pass that failed: each that was asked for, and of the others the first of a row.
  Task<void> tell_failure(Trigger trigger, Instant started, Error error);
  /// What an export has found: these and no others of its own issues are open now. True where that is news.
  Task<Result<bool>> tell_export(std::vector<Issue> issues);
  /// A plan that was confirmed and not finished: a crash came between.
  Task<Result<void>> resume_plan();
  struct Passing;  ///< of directory_pass.hpp

  const RecordIndex& index() const { return index_; }
  bool ever_complete() const { return last_complete_.has_value(); }
  const std::optional<SyncRun>& last_complete() const { return last_complete_; }
  const std::optional<SyncRun>& last_full() const { return last_full_; }
  /// The last run had a complete read, whatever became of it.
  bool read_whole() const { return read_end_.has_value(); }
  /// When that read had ended, while read_whole().
  Uptime read_end() const { return read_end_.value_or(Uptime{}); }
  const std::vector<Issue>& open_issues() const { return open_issues_; }

 private:
  class PassListing;

  Task<Result<void>> begin(Passing& pass);
  Task<Result<void>> read(Passing& pass);
  Task<Result<bool>> may_repeat(const PassAsk& ask);
  bool was_quiet(const Passing& pass) const;
  Task<Result<void>> judge(Passing& pass);
  Task<Result<PassReport>> conclude(Passing& pass);
  Task<Result<PassReport>> compute_only(Passing& pass);
  Task<Result<PassReport>> apply_all(Passing& pass);

  Task<Result<PassReport>> draft(Passing& pass);
  Task<Result<bool>> waits_for_plan(Passing& pass);
  Task<Result<PassReport>> confirm(Passing& pass);
  Task<Result<void>> carry_out(Plan plan, SyncRun run);
  Task<Result<std::optional<Plan>>> keep_plan(Passing& pass, PlanKind kind);
  Task<Result<void>> tell_once(Passing& pass, std::string what);

  Task<Result<void>> apply_fates(Passing& pass, FateQueue& fates);
  Task<Result<void>> apply_removals(Passing& pass);
  Task<Result<std::set<std::int64_t>>> who_loses_access(Passing& pass);
  Task<Result<bool>> guard_holds(Passing& pass, std::uint64_t removals);
  Task<Result<std::vector<std::int64_t>>> overdue();
  Task<Result<void>> erase_overdue(Passing& pass);
  Task<Result<void>> apply(Passing& pass, DirectoryCommit commit);
  enum class IssuesOf { snapshot, both_sides };
  Task<Result<void>> tell_issues(Passing& pass, IssuesOf what);
  void unsettle();
  Task<Result<void>> forget_spent_words(Passing& pass);
  Task<Result<PassReport>> finish(Passing& pass);

  void find_removals(Passing& pass) const;
  DirectoryCommit commit_for(const RunId& run) const;
  bool computes_only(const Passing& pass) const;
  PlanKind kind_due(const Passing& pass) const;
  void progress(std::string_view phase, std::uint64_t done, std::uint64_t all) const;

  const Integration settings_;
  const IntegrationId id_;
  const Mapping mapping_;
  Parts parts_;
  PlanKeeper plans_;
  RecordIndex index_;
  std::optional<SyncRun> last_complete_;
  std::optional<SyncRun> last_full_;
  std::optional<std::uint64_t> last_shape_;  ///< of the mapping under which the index was made
  std::vector<Issue> open_issues_;
  bool issues_unsure_ = false;  ///< the store may have opened others
  RegistryCopy registry_;
  std::optional<Uptime> read_end_;  ///< of the last run, where its read was complete
  SyncCounts applied_;              ///< by the pass that runs, should it fail
  std::optional<RunId> begun_;      ///< the run of that pass, where its row was made at its beginning
  /// The next pass looks at everybody: since the last one that came to its end something may have been
  /// written whose issues nobody has kept, by a process that died, a pass that failed, or a plan.
  bool unsure_ = true;
  /// A pass that had nothing to do. The next that reads the same is done with that.
  struct Quiet {
    std::string mark;  ///< PeopleRead::mark
    std::uint64_t seen = 0;
    Uptime at{};
  };
  std::optional<Quiet> quiet_;  ///< the last one, if nothing was written since
  bool failing_ = false;        ///< the last pass failed, and that was told
  std::string told_draft_;      ///< what was last told of a draft, so that each pass does not tell it again
};

}  // namespace gatehouse
