#include "daemon/control/bus_probe.hpp"

#include <memory>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <unistd.h>

#include "daemon/app/as_result.hpp"
#include "daemon/control/bus_address.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;

// "AUTH EXTERNAL" with our user id in decimal, each digit in hex (D-Bus specification, "Authentication").
std::string greeting() {
  constexpr char hex[] = "0123456789abcdef";
  std::string text("\0AUTH EXTERNAL ", 15);
  for (const char c : std::to_string(geteuid())) {
    text += hex[static_cast<unsigned char>(c) >> 4];
    text += hex[static_cast<unsigned char>(c) & 15];
  }
  return text + "\r\n";
}

Error failure(const std::string& name, const boost::system::error_code& error, bool late) {
  if (late) return Error{Errc::timeout, name + " accepts, but no bus answers behind it"};
  if (error == asio::error::operation_aborted) return Error{Errc::cancelled, "stopping"};
  return Error{Errc::unreachable, name + ": " + error.message()};
}

// Shared with the timer's handler, which may already be queued when the attempt ends.
struct Attempt {
  explicit Attempt(const asio::any_io_executor& executor) : socket(executor) {}
  asio::local::stream_protocol::socket socket;
  bool late = false;
};

Task<Result<void>> probe_socket(std::string name, Duration limit) {
  const auto executor = co_await asio::this_coro::executor;
  asio::local::stream_protocol::endpoint endpoint;
  const std::string shown = name.starts_with('\0') ? "@" + name.substr(1) : name;
  try {
    endpoint = asio::local::stream_protocol::endpoint(name);
  } catch (const boost::system::system_error&) {
    co_return Error{Errc::invalid, shown + ": too long for the name of a socket"};
  }

  auto attempt = std::make_shared<Attempt>(executor);
  asio::steady_timer timer(executor, limit);
  timer.async_wait([attempt](const boost::system::error_code& error) {
    if (error) return;
    attempt->late = true;
    boost::system::error_code ignored;
    attempt->socket.cancel(ignored);
  });

  const auto [not_connected] = co_await attempt->socket.async_connect(endpoint, as_result);
  if (not_connected) co_return failure(shown, not_connected, attempt->late);
  const std::string hello = greeting();
  const auto [not_written, written] =
      co_await asio::async_write(attempt->socket, asio::buffer(hello), as_result);
  if (not_written) co_return failure(shown, not_written, attempt->late);
  std::string answer;
  const auto [not_read, size] =
      co_await asio::async_read_until(attempt->socket, asio::dynamic_buffer(answer, 4096), "\r\n", as_result);
  if (not_read) co_return failure(shown, not_read, attempt->late);
  if (!answer.starts_with("OK"))
    co_return Error{Errc::refused, shown + ": the bus does not let this user in"};
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> probe_bus(std::string address, Duration limit) {
  const auto sockets = unix_sockets_of(address);
  Result<void> last;
  for (std::string socket : sockets) {
    last = co_await probe_socket(std::move(socket), limit);
    if (last) co_return last;
  }
  co_return last;
}

}  // namespace gatehouse
