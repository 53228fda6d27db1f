#pragma once
// A limit on how long a socket may take.

#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// Closes the socket when the time is up, which ends whatever waits on it. Gone with its scope.
/// All on the socket's executor.
class Deadline {
 public:
  Deadline(boost::asio::ip::tcp::socket& socket, Duration limit)
      : timer_(socket.get_executor()), watch_(std::make_shared<Watch>(Watch{&socket, false, 0})) {
    restart(limit);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { watch_->socket = nullptr; }

  /// Begins anew: something came.
  void restart(Duration limit) {
    timer_.expires_after(limit);
    // A wait that was already on its way when the timer was set anew must not count.
    timer_.async_wait([watch = watch_, round = ++watch_->round](const boost::system::error_code& cancelled) {
      if (cancelled || watch->socket == nullptr || watch->round != round) return;
      watch->passed = true;
      boost::system::error_code ignored;
      watch->socket->close(ignored);
    });
  }
  bool passed() const { return watch_->passed; }

 private:
  struct Watch {
    boost::asio::ip::tcp::socket* socket;
    bool passed;
    unsigned round;
  };
  boost::asio::steady_timer timer_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace gatehouse
