#pragma once
// What store*.cpp share: the file, and the thread that it lives on. For them alone.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app/pulse.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/store_file.hpp"

namespace gatehouse {

/// The file and the thread that alone touches it once the store is open.
class Store::Inside {
 public:
  Inside(const StoreOptions& options, Clock& clock)
      : file_(options.directory, options.source, options.fold, clock, options.space),
        stream_(file_.outbox().stream()) {}
  ~Inside() {
    thread_.join();
    if (aside_.joinable()) aside_.join();
    *listener_ = nullptr;  // answers that are still on their way find nobody
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  /// Runs the job on the store's thread and resumes the caller on its own executor with what it returned.
  template <typename Job>
  auto ask(Job job) {
    return ask(Turn::in_order, std::move(job));
  }
  /// The same, before all that waits but for others of this kind: somebody stands at a door.
  template <typename Job>
  auto ask_first(Job job) {
    return ask(Turn::first, std::move(job));
  }

 private:
  enum class Turn { in_order, first };

  template <typename Job, typename T = std::invoke_result_t<Job&, StoreFile&>>
  Task<Result<T>> ask(Turn turn, Job job) {
    auto initiate = [this, turn](auto handler, Job work) {
      auto executor = boost::asio::get_associated_executor(handler);
      // The caller's loop must not run out of work while the answer is on its way.
      auto back = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
      auto task = [this, back = std::move(back), handler = std::move(handler),
                   work = std::move(work)]() mutable {
        Result<T> result = attempt<T>(work);
        auto answer = [handler = std::move(handler), result = std::move(result), listener = listener_,
                       news = file_.notes().take()]() mutable {
          if (*listener != nullptr && !news.empty()) tell(**listener, std::move(news));
          std::move(handler)(std::move(result));
        };
        boost::asio::post(back, std::move(answer));
        file_.tidy();
      };
      if (turn == Turn::first) {
        boost::asio::post(first_, std::move(task));
        boost::asio::post(thread_, [this] { first_.poll(); });
        return;
      }
      boost::asio::post(thread_, [this, task = std::move(task)]() mutable {
        first_.poll();
        task();
      });
    };
    const auto mine = co_await boost::asio::this_coro::executor;
    const LongWait waiting(mine, LongWait::watched_elsewhere);
    Result<T> result =
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Result<T>)>(
            std::move(initiate), boost::asio::use_awaitable, std::move(job));
    co_return result;
  }

 public:
  /// Work on files of its own, which no job has to wait for: on a thread of its own. One at a time.
  Task<Result<void>> ask_aside(std::function<void()> job) {
    auto initiate = [this](auto handler, std::function<void()> work) {
      auto executor = boost::asio::get_associated_executor(handler);
      auto back = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
      if (aside_.joinable()) aside_.join();
      aside_ = std::thread(
          [back = std::move(back), handler = std::move(handler), work = std::move(work)]() mutable {
            Result<void> result;
            try {
              work();
            } catch (const StoreFault& fault) {
              result = fault.error();
            }
            boost::asio::post(back, [handler = std::move(handler), result = std::move(result)]() mutable {
              std::move(handler)(std::move(result));
            });
          });
    };
    const auto mine = co_await boost::asio::this_coro::executor;
    const LongWait waiting(mine, LongWait::watched_elsewhere);
    Result<void> result =
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Result<void>)>(
            std::move(initiate), boost::asio::use_awaitable, std::move(job));
    co_return result;
  }

  void set_quota(Quota quota) {
    boost::asio::post(thread_, [this, quota] { file_.set_quota(quota); });
  }

  /// On the io thread, as all that reads it.
  void tell_changes(KnowledgeListener& listener) {
    *listener_ = &listener;
    boost::asio::post(thread_, [this] { file_.notes().listen(); });
  }

  boost::asio::any_io_executor thread() { return thread_.get_executor(); }
  const std::string& stream() const { return stream_; }
  /// As it was when the file was opened, so safe from any thread.
  Instant committed_floor() const { return file_.committed_floor(); }
  bool damaged() const { return damaged_; }
  bool backing_up = false;  ///< on the io thread
  const std::optional<SalvageReport>& salvaged() const { return file_.salvaged(); }
  void hurry() { file_.hurry(); }
  /// Safe from any thread.
  std::uint64_t registry_revision() const { return file_.person_rows().revision(); }

 private:
  template <typename T, typename Job>
  Result<T> attempt(Job& job) {
    try {
      if constexpr (std::is_void_v<T>) {
        job(file_);
        return {};
      } else {
        return job(file_);
      }
    } catch (const StoreFault& fault) {
      if (fault.damage() && !damaged_.exchange(true)) mark_damaged(file_.directory_path());
      return fault.error();
    }
  }

  std::atomic<bool> damaged_ = false;
  std::thread aside_;
  StoreFile file_;
  std::string stream_;
  std::shared_ptr<KnowledgeListener*> listener_ = std::make_shared<KnowledgeListener*>(nullptr);
  /// A queue that the store's thread empties before each of its other jobs.
  boost::asio::io_context first_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> first_open_{first_.get_executor()};
  boost::asio::thread_pool thread_{1};
};

}  // namespace gatehouse
