#pragma once
// The named loops of the daemon: started together, watched, and cancelled and awaited at the end.

#include <functional>
#include <list>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "daemon/app/ports.hpp"
#include "daemon/app/pulse.hpp"
#include "daemon/app/task.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

/// Owns its loops. Destroy it only after stop() has returned, or never started.
class TaskGroup {
 public:
  TaskGroup(boost::asio::any_io_executor executor, const Clock& clock, Log& log)
      : executor_(std::move(executor)), clock_(clock), log_(log), ended_(executor_) {}

  /// Starts a loop. It must run until it is cancelled: one that ends by itself is a fault of ours, is logged
  /// as such, and it is late from then on, so that the watchdog acts.
  void start(std::string name, std::function<Task<void>(Pulse&)> loop);
  /// Cancels all loops and waits until the last one has left.
  Task<void> stop();

  /// Names of the loops that stand still (Pulse), and of those that have ended by themselves.
  std::vector<std::string> late() const;

 private:
  struct Loop {
    Loop(std::string name, const Clock& clock) : pulse(std::make_shared<Pulse>(std::move(name), clock)) {}
    std::shared_ptr<Pulse> pulse;  ///< shared with what the loop has opened
    boost::asio::cancellation_signal cancel;
    std::function<Task<void>(Pulse&)> body;
    bool running = true;
  };
  void on_end(Loop& loop, const std::exception_ptr& why);
  bool any_running() const;

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  Log& log_;
  Wakeup ended_;
  std::list<Loop> loops_;
  bool stopping_ = false;
};

}  // namespace gatehouse
