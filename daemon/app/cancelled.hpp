#pragma once
// Whether the coroutine was cancelled, for those who await nothing that would tell.

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include "daemon/app/task.hpp"

namespace gatehouse {

/// Leaves by asio's exception (operation_aborted) where it was. An adapter may have told this coroutine not
/// to throw when it is cancelled; a loop leaves all the same.
inline Task<void> leave_if_cancelled() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none)
    throw boost::system::system_error(boost::asio::error::operation_aborted);
}

}  // namespace gatehouse
