#include "tests/bench/notify_socket.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gatehouse::bench {

using namespace whole;

NotifySocket::NotifySocket(std::string path)
    : path_(std::move(path)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  if (fd_ < 0 || bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot listen at " + path_);
}

NotifySocket::~NotifySocket() {
  close(fd_);
  unlink(path_.c_str());
}

bool NotifySocket::hears(const std::string& line, Millis within) {
  const auto end = deadline(within);
  while (Clock::now() < end) {
    const auto left = std::chrono::duration_cast<Millis>(end - Clock::now());
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(left.count()) + 1) <= 0) continue;
    char text[4096];
    const auto size = recv(fd_, text, sizeof text, MSG_DONTWAIT);
    if (size > 0 && std::string(text, static_cast<std::size_t>(size)).find(line) != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace gatehouse::bench
