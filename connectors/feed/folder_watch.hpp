#pragma once
// inotify(7) on one directory: a doorbell for files that were put into it.

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

/// On the io thread. Rings for names that end in the suffix when a writer closes them, moves or links them
/// in, or changes their rights, and when the directory itself is moved away. (That it is removed shows only
/// once nobody holds it open any more.) A ring is kept between waits.
class FolderWatch {
 public:
  /// A system that gives no watch (no more instances, a network's file system) leaves it silent.
  FolderWatch(const boost::asio::any_io_executor& executor, std::string path, std::string suffix);

  /// Watches whatever is there under the path now.
  void renew();
  bool works() const { return watch_ >= 0; }
  /// Whether it rang since it was last asked.
  bool rang();
  /// Until it may have rung, or `limit` has passed, or the coroutine is cancelled.
  Task<void> wait(Duration limit);

 private:
  std::string path_;
  std::string suffix_;
  boost::asio::posix::stream_descriptor descriptor_;
  int watch_ = -1;
};

}  // namespace gatehouse
