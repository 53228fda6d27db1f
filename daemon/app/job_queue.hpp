#pragma once
// Work that others ask of a loop: done by it between its own rounds, one piece at a time.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/task.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// On one thread. Who asks waits until the loop has done it; when the loop ends first, or the job throws
/// (which the loop hears of), the answer is Errc::cancelled.
class JobQueue {
 public:
  /// `bell` wakes the loop.
  JobQueue(boost::asio::any_io_executor executor, Wakeup& bell)
      : executor_(std::move(executor)), bell_(bell) {}
  ~JobQueue() { close("the integration was stopped; ask again"); }
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  template <typename T>
  Task<Result<T>> ask(std::function<Task<Result<T>>()> job) {
    if (closed_) co_return Error{Errc::cancelled, *closed_};
    auto answer = std::make_shared<Answer<T>>(executor_);
    answers_.push_back(answer);
    std::function<Task<void>()> work = [answer, job = std::move(job)]() -> Task<void> {
      const Unanswered unanswered{*answer};
      auto result = co_await job();
      answer->result = std::move(result);
      answer->done.ring();
    };
    jobs_.push_back(std::move(work));
    bell_.ring();
    co_await answer->done.wait();
    co_return std::move(*answer->result);
  }

  bool empty() const { return jobs_.empty(); }
  /// Does the oldest one. Called by the loop.
  Task<void> do_next() {
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    co_await job();
    forget_answered();
  }

  /// No more is taken, and whoever waits is told why.
  void close(std::string why) {
    closed_ = std::move(why);
    jobs_.clear();
    for (const auto& waiting : answers_) waiting->give_up(*closed_);
    answers_.clear();
  }

 private:
  struct Waiting {
    explicit Waiting(const boost::asio::any_io_executor& executor) : done(executor) {}
    virtual ~Waiting() = default;
    virtual bool answered() const = 0;
    virtual void give_up(const std::string& why) = 0;
    Wakeup done;
  };
  template <typename T>
  struct Answer final : Waiting {
    using Waiting::Waiting;
    bool answered() const override { return result.has_value(); }
    void give_up(const std::string& why) override {
      if (result) return;
      result.emplace(Error{Errc::cancelled, why});
      done.ring();
    }
    std::optional<Result<T>> result;
  };

  /// Whoever waits hears of it where a job throws or is cancelled, too.
  struct Unanswered {
    Waiting& waiting;
    ~Unanswered() { waiting.give_up("the work was broken off before it had ended; ask again"); }
  };

  void forget_answered() {
    std::erase_if(answers_, [](const auto& waiting) { return waiting->answered(); });
  }

  boost::asio::any_io_executor executor_;
  Wakeup& bell_;
  std::deque<std::function<Task<void>()>> jobs_;
  std::vector<std::shared_ptr<Waiting>> answers_;
  std::optional<std::string> closed_;
};

}  // namespace gatehouse
