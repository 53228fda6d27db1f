#pragma once
// A feed's snapshot on its way into the feed's directory, where connectors/feed finds it (contract.md §7).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/snapshot_check.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Until it is committed it has a name that nobody reads, and goes with this object. Everything on disk
/// happens on the worker.
class FeedDrop {
 public:
  /// `name` becomes NAME.jsonl; `check` is asked on the worker. What such a drop has left behind an hour ago
  /// or longer is removed. Errc::storage, storage_full.
  static Task<Result<std::unique_ptr<FeedDrop>>> begin(boost::asio::any_io_executor worker,
                                                       std::string directory, std::string name,
                                                       std::unique_ptr<SnapshotCheck> check);
  FeedDrop(const FeedDrop&) = delete;
  FeedDrop& operator=(const FeedDrop&) = delete;
  ~FeedDrop();

  /// Errc::malformed as the check says: then nothing becomes of it. Errc::storage, storage_full.
  Task<Result<void>> write(std::string piece);
  /// Durable, and found by the feed from now on. Errc::malformed, Errc::incomplete, and nothing is there,
  /// where the check finds it not whole.
  Task<Result<void>> commit();
  std::uint64_t bytes() const { return bytes_; }

 private:
  FeedDrop(boost::asio::any_io_executor worker, std::string name, std::unique_ptr<SnapshotCheck> check);
  Result<void> open(const std::string& directory);
  void remove_leftovers(const std::string& directory) const;
  Result<void> append(std::string_view piece) const;
  Result<void> publish() const;

  boost::asio::any_io_executor worker_;
  std::string name_;
  std::string hidden_;
  int directory_ = -1;
  int file_ = -1;
  bool there_ = false;  ///< under its hidden name
  std::uint64_t bytes_ = 0;
  std::unique_ptr<SnapshotCheck> check_;
};

}  // namespace gatehouse
