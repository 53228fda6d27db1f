#pragma once
// The service manager's end of sd_notify(3).

#include <string>

#include "tests/whole/wait.hpp"

namespace gatehouse::bench {

class NotifySocket {
 public:
  explicit NotifySocket(std::string path);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }
  /// Waits for a message with that line in it. False: none came.
  bool hears(const std::string& line, whole::Millis within);

 private:
  std::string path_;
  int fd_;
};

}  // namespace gatehouse::bench
