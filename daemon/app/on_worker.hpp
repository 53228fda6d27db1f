#pragma once
// A piece of work on another executor, awaited from ours.

#include <functional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app/pulse.hpp"
#include "daemon/app/task.hpp"

namespace gatehouse {

/// Runs `work` on `worker` and comes back to the awaiting coroutine's own executor. A cancellation waits
/// until the work is done: keep it short. The coroutine itself never runs on the worker, so its state needs
/// no lock.
inline Task<void> on_worker(boost::asio::any_io_executor worker, std::function<void()> work) {
  namespace asio = boost::asio;
  const auto start = [&worker, &work](auto handler) {
    auto home =
        asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
    asio::post(worker, [handler = std::move(handler), home = std::move(home), &work]() mutable {
      work();
      asio::post(home, std::move(handler));
    });
  };
  const auto mine = co_await asio::this_coro::executor;
  const LongWait waiting(mine, LongWait::watched_elsewhere);
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
}

}  // namespace gatehouse
