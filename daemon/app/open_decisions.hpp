#pragma once
// Decisions that may still change: what changed is stored and told, one revision after the other.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/door_watch.hpp"
#include "daemon/app/errands.hpp"

namespace gatehouse {

/// Writes the end of a request until the store takes it: the same bytes each time.
class EndWriter {
 public:
  EndWriter(AccessStore& store, Log& log, Errands& errands, boost::asio::any_io_executor executor,
            std::function<void()> news)
      : store_(store), log_(log), errands_(errands), executor_(std::move(executor)), news_(std::move(news)) {}

  /// Returns once it was tried; goes on trying where that failed.
  Task<void> write(AccessEnd end);
  /// Returns once it is stored. `tried` is called after the first try.
  Task<void> write_to_the_end(AccessEnd end, std::function<void()> tried);
  /// The daemon ends: each is tried once more, and then left to the next start.
  void hurry();

 private:
  AccessStore& store_;
  Log& log_;
  Errands& errands_;
  boost::asio::any_io_executor executor_;
  std::function<void()> news_;
  std::vector<std::shared_ptr<Wakeup>> sleeping_;
  bool hurried_ = false;
};

/// On the io thread.
class OpenDecisions {
 public:
  using Settled = std::vector<std::pair<DoorId, DoorAnswer>>;
  OpenDecisions(EndWriter& writer, Clock& clock, DoorWatch& watch, Errands& errands,
                boost::asio::any_io_executor executor)
      : writer_(writer), clock_(clock), watch_(watch), errands_(errands), executor_(std::move(executor)) {}

  /// Stored, and something of it is still to come.
  void keep(DecisionRecord stored);
  /// How these doors went: their intents are over. Told as the next revision. Returns the decision as it is
  /// then, once it was tried to store it.
  Task<DecisionRecord> settle(std::string id, Settled doors, std::vector<AuditEntry> audit, Finish finish);
  /// What was sent has happened. Nothing where that is not the state of the door.
  void confirm(const std::string& id, const DoorId& door);
  /// Its scheduled doors are somebody's business no longer; nullptr where it is not kept.
  const DecisionRecord* find(const std::string& id) const;
  /// Lets those go that nothing can happen to any more.
  void sweep();

 private:
  struct Open {
    DecisionRecord record;  ///< as it is now; `revision`: of the last one that was told, or is being told
    std::set<DoorId> confirmed;
    std::set<DoorId> settled;  ///< since the last revision
    std::vector<AuditEntry> audit;
    Finish finish;
    std::vector<std::shared_ptr<Wakeup>> waiting;  ///< for the next try
    bool changed = false;
    bool writing = false;
  };
  void changed(const std::shared_ptr<Open>& open);
  AccessEnd next_revision(Open& open);
  Task<void> write(std::shared_ptr<Open> open);

  EndWriter& writer_;
  Clock& clock_;
  DoorWatch& watch_;
  Errands& errands_;
  boost::asio::any_io_executor executor_;
  std::map<std::string, std::shared_ptr<Open>> open_;
};

}  // namespace gatehouse
