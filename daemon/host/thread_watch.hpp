#pragma once
// Whether another thread still works. A thread is asked again and again for a word; one that owes it, and has
// not used the processor either, stands still.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <time.h>

#include "daemon/app/ports.hpp"

namespace gatehouse {

/// All members on the io thread.
class ThreadWatch {
 public:
  struct Parts {
    std::string name;                                 ///< for people: "thread store"
    std::function<void(std::function<void()>)> post;  ///< has it run on the thread, in its turn
    /// True while the thread waits for something that nobody can hurry (a name look-up). May be empty.
    std::function<bool()> excused = {};
  };
  /// `clock` must outlive it.
  ThreadWatch(Parts parts, const Clock& clock);

  /// Looks what has become of the last question, and puts the next. Call it every few seconds.
  void look();
  /// As of the last look: no word and no work for five seconds, or no word for five minutes, however busy.
  bool late() const { return late_; }
  const std::string& name() const { return parts_.name; }

 private:
  struct Answer {
    std::atomic<bool> given = false;
    std::atomic<clockid_t> used =
        -1;  ///< the thread's own clock (pthread_getcpuclockid(3)); -1: not known yet
  };
  bool has_worked();

  Parts parts_;
  const Clock& clock_;
  std::shared_ptr<Answer> answer_;  ///< of the open question; nullptr: none was put yet
  Uptime asked_{};
  Uptime last_sign_{};
  std::optional<Duration> used_;  ///< processor time at the last look
  bool late_ = false;
};

}  // namespace gatehouse
