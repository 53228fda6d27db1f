#pragma once
// A feed's snapshot on its way into the feed's directory, where connectors/feed finds it (contract.md §7).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Until it is committed it has a name that nobody reads, and goes with this object. Everything on disk
/// happens on the worker.
class FeedDrop {
 public:
  /// `name` becomes NAME.jsonl. What such a drop has left behind an hour ago or longer is removed.
  /// Errc::storage, storage_full.
  static Task<Result<std::unique_ptr<FeedDrop>>> begin(boost::asio::any_io_executor worker,
                                                       std::string directory, std::string name);
  FeedDrop(const FeedDrop&) = delete;
  FeedDrop& operator=(const FeedDrop&) = delete;
  ~FeedDrop();

  Task<Result<void>> write(std::string piece);
  /// Durable, and found by the feed from now on. Errc::invalid, and nothing is there, where the last line is
  /// not {"end":true,"count":N}.
  Task<Result<void>> commit();
  std::uint64_t bytes() const { return bytes_; }

 private:
  FeedDrop(boost::asio::any_io_executor worker, std::string name);
  Result<void> open(const std::string& directory);
  void remove_leftovers(const std::string& directory) const;
  Result<void> append(std::string_view piece) const;
  Result<void> publish() const;
  void keep_last_line(std::string_view piece);
  bool is_whole() const;

  boost::asio::any_io_executor worker_;
  std::string name_;
  std::string hidden_;
  int directory_ = -1;
  int file_ = -1;
  bool there_ = false;  ///< under its hidden name
  std::uint64_t bytes_ = 0;
  std::string last_line_;  ///< the last that is not blank, as far as it has come
  bool line_ended_ = false;
  bool too_long_ = false;
};

}  // namespace gatehouse
