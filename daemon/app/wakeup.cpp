#include "daemon/app/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app/cancelled.hpp"
#include "daemon/app/pulse.hpp"
#include "daemon/core/crash_point.hpp"

namespace gatehouse {
namespace asio = boost::asio;

Task<void> freeze_point() {
  const auto mine = co_await asio::this_coro::executor;
  const auto pulse = pulse_of(mine);
  if (!pulse || !freezes_at(pulse->name())) co_return;
  asio::steady_timer never(mine, asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Wakeup::ring() {
  rung_ = true;
  timer_.cancel();
}

Task<bool> Wakeup::wait(Duration limit) {
  if (has_freeze_points) co_await freeze_point();
  co_await leave_if_cancelled();
  if (!rung_) {
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, limit);
    timer_.expires_after(limit);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await leave_if_cancelled();
  }
  const bool rung = rung_;
  rung_ = false;
  co_return rung;
}

Task<void> Wakeup::wait() {
  co_await leave_if_cancelled();
  const auto mine = co_await asio::this_coro::executor;
  const LongWait waiting(mine, Duration::max());
  while (!rung_) {
    timer_.expires_at(asio::steady_timer::time_point::max());
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await leave_if_cancelled();
  }
  rung_ = false;
}

Task<void> pause(Duration time) {
  if (has_freeze_points) co_await freeze_point();
  co_await leave_if_cancelled();
  const auto mine = co_await asio::this_coro::executor;
  const LongWait waiting(mine, time);
  asio::steady_timer timer(mine, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_await leave_if_cancelled();
}

}  // namespace gatehouse
