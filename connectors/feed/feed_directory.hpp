#pragma once
// People from a directory into which another program drops snapshots (contract.md §7; README.md).

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/feed/feed_folder.hpp"
#include "connectors/feed/folder_watch.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

struct FeedTuning {
  Duration poll = std::chrono::seconds(30);      ///< how often to look where inotify says nothing
  Duration patience = std::chrono::minutes(10);  ///< for a file without its end line that does not grow
};

/// Files are read, checked and moved on the worker, one job at a time and 1 MiB a job. Not more than one
/// take_next() and one wait_for_change() at a time. Stop the worker before it is destroyed.
class FeedDirectory final : public PeopleSource {
 public:
  /// Opens the directory and makes done/ and failed/ in it; the last one taken is the current one again.
  /// Blocks for a few disk accesses. `clock` and `log` must outlive it. Errc::storage with what to do.
  static Result<std::unique_ptr<FeedDirectory>> open(boost::asio::any_io_executor executor,
                                                     boost::asio::any_io_executor worker,
                                                     std::string directory, Clock& clock, Log& log,
                                                     FeedTuning tuning = {});

  /// The oldest complete snapshot (by time, then name) becomes the current one: true. False: there is none.
  /// Errors name file and line; the current snapshot stays.
  ///   Errc::malformed, Errc::incomplete: said once; the file is in failed/ with its .why, or still there
  ///   where
  ///     it has no end line and does not grow. There may be more to take: go on.
  ///   Errc::storage, Errc::storage_full: reading or moving failed, and the file is still there: call again
  ///     after the next wait_for_change(). Said as long as it is so.
  Task<Result<bool>> take_next();

  /// The current snapshot in the order of the file, checked whole once more. Errc::not_found where there is
  /// none yet, Errc::malformed where somebody has removed or changed it.
  Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) override;

  /// True where something may be there to take, false after `limit`. A cancelled coroutine leaves by asio's
  /// exception.
  Task<bool> wait_for_change(Duration limit);

 private:
  FeedDirectory(boost::asio::any_io_executor executor, boost::asio::any_io_executor worker,
                std::string directory, FeedFolder folder, Clock& clock, Log& log, FeedTuning tuning);
  FeedMoment moment() const;

  boost::asio::any_io_executor worker_;  ///< a strand of it
  Clock& clock_;
  Log& log_;
  FeedTuning tuning_;
  FeedFolder folder_;  ///< touched on the worker only
  FolderWatch watch_;
};

}  // namespace gatehouse
