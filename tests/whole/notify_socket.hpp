#pragma once
// What systemd listens on for a service of Type=notify.

#include <string>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/whole/wait.hpp"

namespace gatehouse::whole {

class NotifySocket {
 public:
  explicit NotifySocket(std::string path)
      : path_(std::move(path)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const timeval short_while{.tv_sec = 0, .tv_usec = 100'000};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &short_while, sizeof short_while);
  }
  ~NotifySocket() { close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }
  /// True once a line like `wanted` (its beginning) has come. Everything else is kept in said().
  bool hears(const std::string& wanted, Millis within) {
    const auto from = said_.size();
    const auto end = deadline(within);
    while (Clock::now() < end) {
      listen();
      if (said_.find("\n" + wanted, from) != std::string::npos) return true;
    }
    return false;
  }
  /// Takes what has come; waits for at most 100 ms, or with MSG_DONTWAIT not at all.
  void listen(int how = 0) {
    char buffer[4096];
    const auto n = recv(fd_, buffer, sizeof buffer, how);
    if (n <= 0) return;
    const std::string message = "\n" + std::string(buffer, static_cast<std::size_t>(n)) + "\n";
    said_ += message;
    if (message.find("\nWATCHDOG=1\n") != std::string::npos) fed_ = Clock::now();
  }
  const std::string& said() const { return said_; }
  /// When the watchdog was fed last.
  Clock::time_point fed() const { return fed_; }

 private:
  std::string path_;
  int fd_;
  std::string said_;
  Clock::time_point fed_{};
};

}  // namespace gatehouse::whole
