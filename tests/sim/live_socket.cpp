#include "tests/sim/live_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace gatehouse::sim {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

/// A subscriber that never reads must not eat the machine.
constexpr std::size_t queue_limit = 256u << 20;

/// Shared by the reading coroutine and the writing one, whichever ends last.
class Socket : public LiveSocket, public std::enable_shared_from_this<Socket> {
 public:
  explicit Socket(TlsStream& stream)
      : ws_(stream), written_(stream.get_executor(), std::chrono::steady_clock::time_point::max()) {
    ws_.set_option(
        websocket::stream_base::timeout{std::chrono::seconds(30), websocket::stream_base::none(), false});
    ws_.read_message_max(1u << 20);
  }

  websocket::stream<TlsStream&>& ws() { return ws_; }

  void send(std::string frame) override {
    if (closed_) return;
    queued_ += frame.size();
    queue_.push_back(std::move(frame));
    if (queued_ > queue_limit) {
      close();
    } else if (!writing_) {
      writing_ = true;
      asio::co_spawn(ws_.get_executor(), write_all(shared_from_this()), asio::detached);
    }
  }

  void close() override {
    closed_ = true;
    boost::system::error_code ignored;  // closing what is closed already is no trouble
    ws_.next_layer().lowest_layer().close(ignored);
  }

  bool closed() const { return closed_; }

  /// Closes, and returns when nobody writes any more: only then may the stream go.
  asio::awaitable<void> end() {
    close();
    while (writing_) co_await written_.async_wait(quietly);
  }

 private:
  static asio::awaitable<void> write_all(std::shared_ptr<Socket> self) {
    while (!self->queue_.empty() && !self->closed_) {
      const std::string frame = std::move(self->queue_.front());
      self->queue_.pop_front();
      self->queued_ -= frame.size();
      self->ws_.text(true);
      const auto bytes = asio::buffer(frame);
      const auto [error, written] = co_await self->ws_.async_write(bytes, quietly);
      if (error) self->closed_ = true;
    }
    self->writing_ = false;
    self->written_.cancel();
  }

  websocket::stream<TlsStream&> ws_;
  asio::steady_timer written_;  ///< never over; cancelled when a writer ends
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;
  bool writing_ = false;
  bool closed_ = false;
};

}  // namespace

asio::awaitable<void> serve_live(TlsStream& stream, UpgradeRequest upgrade, Request request,
                                 SignalrHub::Admission admission, SignalrHub& hub) {
  const auto socket = std::make_shared<Socket>(stream);
  const auto [refused] = co_await socket->ws().async_accept(upgrade, quietly);
  if (refused) co_return;
  hub.attach(admission, request, *socket);
  boost::beast::flat_buffer buffer;
  while (!socket->closed()) {
    const auto [error, size] = co_await socket->ws().async_read(buffer, quietly);
    if (error) break;
    const auto data = buffer.data();
    hub.received(admission.connection, std::string_view(static_cast<const char*>(data.data()), data.size()));
    buffer.consume(buffer.size());
  }
  hub.detach(admission.connection, *socket);
  co_await socket->end();
}

}  // namespace gatehouse::sim
