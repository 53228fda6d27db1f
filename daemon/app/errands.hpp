#pragma once
// Work that was begun and has to be ended, whoever is still there to hear of it.

#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "daemon/app/ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

/// Short pieces of work, each in its own coroutine, on one thread. Destroy it only after finish() has
/// returned, or when nothing was ever started.
class Errands {
 public:
  Errands(boost::asio::any_io_executor executor, const Clock& clock, Log& log)
      : executor_(std::move(executor)), clock_(clock), log_(log), ended_(executor_) {}
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  /// What may take as long as it takes: a whole read, a store that is away.
  enum class Pace { short_work, open_ended };
  /// Begins at once where the caller is on the io thread, perhaps runs to its end before this returns, and
  /// goes on whatever becomes of the caller. `name` is for late().
  void start(std::string name, Task<void> work, Pace pace = Pace::short_work);
  /// The same, for a caller who waits for the answer: if the caller is cancelled, the work is not.
  /// Errc::cancelled where the work was.
  template <typename T>
  Task<Result<T>> run(std::string name, Task<Result<T>> work) {
    auto answer = std::make_shared<Answer<T>>(executor_);
    start(std::move(name), into(std::move(work), answer));
    co_await answer->ready.wait();
    if (!answer->result) co_return Error{Errc::cancelled, "the gateway is stopping"};
    co_return std::move(*answer->result);
  }

  bool idle() const { return errands_.empty(); }
  /// Waits until all have ended; false where `limit` passed before.
  Task<bool> wait(Duration limit);
  /// Cancels what still runs.
  void cancel();
  /// Cancels, and waits until the last one has left.
  Task<void> finish();
  /// Names of short ones that have taken longer than a minute.
  std::vector<std::string> late() const;

 private:
  template <typename T>
  struct Answer {
    explicit Answer(const boost::asio::any_io_executor& executor) : ready(executor) {}
    std::optional<Result<T>> result;
    Wakeup ready;
  };
  template <typename T>
  static Task<void> into(Task<Result<T>> work, std::shared_ptr<Answer<T>> answer) {
    const Ring ring{answer->ready};  // also where the work is cancelled
    auto result = co_await std::move(work);
    answer->result.emplace(std::move(result));
  }
  struct Ring {
    Wakeup& bell;
    ~Ring() { bell.ring(); }
  };
  struct Errand {
    std::string name;
    Pace pace;
    Uptime late_from;
    boost::asio::cancellation_signal cancel;
  };
  void on_end(std::list<Errand>::iterator errand, const std::exception_ptr& why);

  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  Log& log_;
  Wakeup ended_;
  std::list<Errand> errands_;
};

}  // namespace gatehouse
