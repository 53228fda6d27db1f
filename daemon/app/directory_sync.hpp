#pragma once
// One pass over a directory: a complete read, compared with what is known, mapped, guarded and applied.
// The full engine (plans, gates, issues, matching) takes its place between `read` and `apply`.

#include <functional>
#include <string>

#include "daemon/app/ports.hpp"
#include "daemon/app/record_index.hpp"
#include "daemon/core/mapping.hpp"

namespace gatehouse {

/// How a pass ended, for the status of the integration.
enum class PassEnd {
  applied,        ///< everything that was clean is in the registry
  draft,          ///< a first sync that waits for its confirmation
  guarded,        ///< removals withheld
  other_server,   ///< these are not the people we knew: nothing was changed
  computed_only,  ///< staging or dry run: nothing was written
};

struct PassReport {
  PassEnd end = PassEnd::applied;
  SyncRun run;
  Duration took{0};            ///< the read
  std::uint64_t withheld = 0;  ///< removals that the guard held back
};

class DirectorySync {
 public:
  /// What a pass works with. References must outlive it; `news` is called after each commit.
  struct Parts {
    Net2Source& source;
    DirectoryStore& store;
    Clock& clock;
    std::function<void()> news;
    std::function<void(std::uint64_t done, std::uint64_t all)> progress;
  };

  DirectorySync(const Integration& integration, Mapping mapping, Parts parts);

  /// Reads what is known from the store. Once, before the first pass.
  Task<Result<void>> load();
  /// A pass. Errors mean that nothing was concluded; what was applied before an error in the store stays, and
  /// the next pass goes on from there.
  Task<Result<PassReport>> run(Trigger trigger);

  const RecordIndex& index() const { return index_; }
  bool ever_complete() const { return last_complete_.has_value(); }
  const std::optional<SyncRun>& last_complete() const { return last_complete_; }

 private:
  class ChangeSink;

  Task<Result<PassReport>> conclude(PassReport report, ChangeSink& changes);
  Task<Result<void>> apply_changes(SyncRun& run, ChangeSink& changes);
  Task<Result<std::uint64_t>> apply_removals(SyncRun& run, std::vector<std::int64_t> gone);
  Task<Result<PassReport>> finish(PassReport report, std::string outcome);
  std::vector<std::int64_t> missing_from(const ChangeSink& changes) const;

  const IntegrationId id_;
  const std::string badge_;
  const IntegrationMode mode_;
  const Mapping mapping_;
  Parts parts_;
  RecordIndex index_;
  std::optional<SyncRun> last_complete_;
  std::optional<std::uint64_t> last_mapping_;  ///< under which the names in the index were read
};

}  // namespace gatehouse
