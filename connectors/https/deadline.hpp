#pragma once
// A limit on how long a socket may take.

#include <chrono>
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
      : watch_(std::make_shared<Watch>(Watch{&socket, Timer(socket.get_executor())})) {
    restart(limit);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() {
    watch_->socket = nullptr;
    watch_->timer.cancel();
  }

  /// Begins anew: something came. Costs no timer where the limit only moves further away: the one that runs
  /// looks again when it is over.
  void restart(Duration limit) {
    watch_->until = Timer::clock_type::now() + limit;
    if (!watch_->waiting || watch_->until < watch_->timer.expiry()) wait(watch_);
  }
  bool passed() const { return watch_->passed; }
  std::chrono::steady_clock::time_point until() const { return watch_->until; }

 private:
  using Timer = boost::asio::steady_timer;
  struct Watch {
    boost::asio::ip::tcp::socket* socket;
    Timer timer;
    Timer::time_point until{};
    bool waiting = false;
    bool passed = false;
  };

  static void wait(const std::shared_ptr<Watch>& watch) {
    watch->waiting = true;
    watch->timer.expires_at(watch->until);
    watch->timer.async_wait([watch](const boost::system::error_code& cancelled) {
      if (cancelled || watch->socket == nullptr) return;
      if (Timer::clock_type::now() < watch->until) return wait(watch);
      watch->waiting = false;
      watch->passed = true;
      boost::system::error_code ignored;
      watch->socket->close(ignored);
    });
  }

  std::shared_ptr<Watch> watch_;
};

}  // namespace gatehouse
