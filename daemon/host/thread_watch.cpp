#include "daemon/host/thread_watch.hpp"

#include <utility>

#include <pthread.h>
#include <unistd.h>

#include "daemon/core/crash_point.hpp"

namespace gatehouse {
namespace {

constexpr Duration patience =
    std::chrono::seconds(5);  // a look later than it could be seen: 10 s at most in all
constexpr Duration longest_work = std::chrono::minutes(5);  // a list of 100,000 on a slow machine

std::optional<Duration> processor_time(clockid_t clock) {
  timespec used{};
  if (clock == -1 || clock_gettime(clock, &used) != 0) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(used.tv_sec) +
                                              std::chrono::nanoseconds(used.tv_nsec));
}

}  // namespace

ThreadWatch::ThreadWatch(Parts parts, const Clock& clock) : parts_(std::move(parts)), clock_(clock) {}

void ThreadWatch::look() {
  const auto now = clock_.uptime();
  if (answer_ && !answer_->given) {
    if (has_worked() || (parts_.excused && parts_.excused())) last_sign_ = now;
    late_ = now - last_sign_ > patience || now - asked_ > longest_work;
    return;
  }
  late_ = false;
  asked_ = last_sign_ = now;
  const auto clock = answer_ ? answer_->used.load() : clockid_t{-1};
  answer_ = std::make_shared<Answer>();
  answer_->used = clock;
  used_ = processor_time(clock);
  parts_.post([answer = answer_, name = parts_.name] {
    while (freezes_at(name)) ::pause();  // pause(2); in a test build only
    clockid_t mine = -1;
    if (pthread_getcpuclockid(pthread_self(), &mine) == 0) answer->used = mine;
    answer->given = true;
  });
}

bool ThreadWatch::has_worked() {
  const auto before = std::exchange(used_, processor_time(answer_->used));
  return before && used_ && *used_ > *before;
}

}  // namespace gatehouse
