#include "daemon/control/bus_link.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <poll.h>
#include <sdbus-c++/Error.h>
#include <unistd.h>

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A flood of messages must not hold up doors: after so many the loop's other work has its turn.
constexpr int messages_per_turn = 32;

// sdbus-c++ makes a few calls that wait; the bus was alive a moment ago.
constexpr auto patience = 2s;

}  // namespace

Result<std::shared_ptr<BusLink>> BusLink::open(asio::any_io_executor executor, const std::string& address) {
  try {
    auto connection = sdbus::createSessionBusConnectionWithAddress(address);
    connection->setMethodCallTimeout(patience);
    return std::shared_ptr<BusLink>(new BusLink(std::move(executor), std::move(connection)));
  } catch (const sdbus::Error& error) {
    return Error{Errc::unreachable, error.getMessage()};
  }
}

BusLink::BusLink(asio::any_io_executor executor, std::unique_ptr<sdbus::IConnection> connection)
    : connection_(std::move(connection)), socket_(executor), wake_(executor) {
  const int copy = ::dup(connection_->getEventLoopPollData().fd);
  if (copy >= 0) socket_.assign(copy);
}

Task<Error> BusLink::serve() {
  const auto self = shared_from_this();
  if (!socket_.is_open()) co_return Error{Errc::unreachable, "no file descriptor left"};
  try {
    while (!closed_) {
      woken_ = false;
      if (handle_some()) {
        co_await asio::post(wake_.get_executor(), asio::use_awaitable);
        continue;
      }
      const auto poll = connection_->getEventLoopPollData();
      if ((poll.events & POLLIN) != 0) watch(asio::posix::descriptor_base::wait_read, watching_read_);
      if ((poll.events & POLLOUT) != 0) watch(asio::posix::descriptor_base::wait_write, watching_write_);
      const auto until = poll.getRelativeTimeout();
      wake_.expires_after(until ? std::min<std::chrono::microseconds>(*until, 1h)
                                : std::chrono::microseconds(1h));
      if (woken_ || closed_) continue;
      co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  } catch (const sdbus::Error& error) {
    close();
    co_return Error{Errc::unreachable, "the connection to the bus was lost: " + error.getMessage()};
  }
  co_return Error{Errc::cancelled, "stopping"};
}

bool BusLink::handle_some() {
  for (int handled = 0; handled < messages_per_turn; ++handled) {
    if (!connection_->processPendingRequest()) return false;
  }
  return true;
}

void BusLink::watch(asio::posix::descriptor_base::wait_type what, bool& watched) {
  if (watched) return;
  watched = true;
  socket_.async_wait(what, [self = shared_from_this(), &watched](const boost::system::error_code&) {
    watched = false;
    self->kick();
  });
}

void BusLink::kick() {
  woken_ = true;
  wake_.cancel();
}

void BusLink::close() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  kick();
}

}  // namespace gatehouse
