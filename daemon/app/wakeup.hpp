#pragma once
// A doorbell between loops: it carries no data, and ringing it twice is ringing it once.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

/// For one waiter at a time, on one thread.
class Wakeup {
 public:
  explicit Wakeup(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// A ring that nobody waits for is kept for the next wait.
  void ring();
  /// True where it was rung, false where `limit` passed. A cancelled coroutine leaves by asio's exception.
  Task<bool> wait(Duration limit);
  /// Waits for a ring however long it takes.
  Task<void> wait();
  /// Forgets a ring that nobody has waited for yet.
  void hush() { rung_ = false; }

 private:
  boost::asio::steady_timer timer_;
  bool rung_ = false;
};

/// In a test build: where the loop that awaits was told to stand still, it does so here, without a word
/// (core/crash_point.hpp). In pause() and Wakeup already; elsewhere only where a loop has neither.
Task<void> freeze_point();

/// Lets `time` pass. A cancelled coroutine leaves by asio's exception.
Task<void> pause(Duration time);

}  // namespace gatehouse
