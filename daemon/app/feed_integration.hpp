#pragma once
// People who arrive as snapshots: one loop that takes them, one that syncs them, and a status.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "daemon/app/people_sync.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/core/integration_status.hpp"

namespace gatehouse {

/// What brings the snapshots.
struct FeedInlet {
  std::function<Task<Result<bool>>()> take_next;        ///< true: there is a new one; ask again
  std::function<Task<bool>(Duration)> wait_for_change;  ///< true: there may be one
};

class FeedIntegration {
 public:
  struct Parts {
    FeedInlet inlet;
    Clock& clock;
    Log& log;
    Alerts& alerts;
    std::function<void()> status_changed;
    PeopleSync::Parts people;  ///< `before_read` and `changed` are set by the integration
  };

  FeedIntegration(Integration settings, const std::vector<SiteId>& all_sites, Parts parts);

  /// Starts the loops in `loops`; nothing at all where the integration is disabled.
  void start(TaskGroup& loops);
  IntegrationStatus status() const;
  PeopleSync& people() { return people_; }

 private:
  PeopleSync::Parts people_parts();
  Task<void> inlet_loop(Pulse& pulse);
  Task<void> until_read();
  std::optional<Error> fault() const;
  /// The part of fault() that lies in a snapshot: the last good one stays in force.
  std::optional<Error> fault_of_a_file() const;
  StateAndReason judge_now() const;
  bool has_one_in_force() const;
  std::string hint_for_file() const;
  void judge_again();

  const Integration settings_;
  Parts parts_;
  Wakeup read_bell_;  ///< a pass has ended, or people are read by hand from now on
  PeopleSync people_;
  std::optional<Error> broken_;  ///< the last file was, and none has been good since; or the directory is
  std::uint64_t taken_ = 0;      ///< snapshots that have come
  std::uint64_t read_ = 0;       ///< those that had come when the last pass began to read
  std::optional<std::uint64_t> ended_;  ///< likewise, of the last pass that ended; none: none since the start
  std::uint64_t proved_ = 0;            ///< those that an applied pass has read
  StateAndReason judged_;
};

}  // namespace gatehouse
