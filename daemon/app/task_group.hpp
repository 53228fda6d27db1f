#pragma once
// The named loops of the daemon: started together, watched, and cancelled and awaited at the end.

#include <functional>
#include <list>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "daemon/app/ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

/// How a loop shows that it makes progress: it says by when it will be heard of again.
class Pulse {
 public:
  Pulse(std::string name, const Clock& clock) : name_(std::move(name)), clock_(clock) {
    expect_within(first);
  }

  void expect_within(Duration time) { due_ = clock_.uptime() + time; }
  bool late() const { return clock_.uptime() > due_; }
  const std::string& name() const { return name_; }

 private:
  static constexpr Duration first = std::chrono::seconds(60);
  std::string name_;
  const Clock& clock_;
  Uptime due_{};
};

/// Owns its loops. Destroy it only after stop() has returned, or never started.
class TaskGroup {
 public:
  TaskGroup(boost::asio::any_io_executor executor, const Clock& clock, Log& log)
      : executor_(std::move(executor)), clock_(clock), log_(log), ended_(executor_) {}

  /// Starts a loop. It must run until it is cancelled: one that ends by itself is a fault of ours, is logged
  /// as such, and its pulse then never comes again, so that the watchdog acts.
  void start(std::string name, std::function<Task<void>(Pulse&)> loop);
  /// Cancels all loops and waits until the last one has left.
  Task<void> stop();

  /// Names of the loops that have not been heard of in the time they gave themselves.
  std::vector<std::string> late() const;

 private:
  struct Loop {
    Loop(std::string name, const Clock& clock) : pulse(std::move(name), clock) {}
    Pulse pulse;
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
