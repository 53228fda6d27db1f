#include "tests/sim/http_server.hpp"

#include <charconv>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "tests/sim/http_write.hpp"
#include "tests/sim/live_socket.hpp"

namespace gatehouse::sim {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::size_t piece = 64 * 1024;

Request to_request(const http::request<http::string_body>& in, const tcp::endpoint& peer) {
  Request out;
  out.method = std::string(in.method_string());
  const std::string_view target(in.target().data(), in.target().size());
  const auto query = std::min(target.find('?'), target.size());
  out.path = percent_decoded(target.substr(0, query), false);
  if (query < target.size()) out.query = parse_form(target.substr(query + 1));
  out.authorization = std::string(in[http::field::authorization]);
  out.content_type = std::string(in[http::field::content_type]);
  out.body = in.body();
  out.remote = peer.address().to_string();
  out.loopback = peer.address().is_loopback();
  return out;
}

asio::awaitable<void> pause(std::int64_t milliseconds) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(quietly);
}

/// Sends `bytes` in pieces; false: the peer is gone.
template <typename Stream>
asio::awaitable<bool> send_pieces(Stream& stream, std::string_view bytes, std::size_t size,
                                  std::int64_t delay) {
  while (!bytes.empty()) {
    const auto now = bytes.substr(0, size);
    const auto buffer = asio::buffer(now.data(), now.size());
    const auto [error, written] = co_await asio::async_write(stream, buffer, quietly);
    if (error) co_return false;
    bytes.remove_prefix(now.size());
    if (delay > 0) {
      co_await pause(delay);
    }
  }
  co_return true;
}

/// In HTTP chunks of 64 KiB.
template <typename Stream>
asio::awaitable<bool> send_chunks(Stream& stream, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto now = bytes.substr(0, piece);
    char size[24];
    const auto end = std::to_chars(size, size + sizeof size, now.size(), 16).ptr;
    const std::string chunk = std::string(size, end) + "\r\n" + std::string(now) + "\r\n";
    const bool sent = co_await send_pieces(stream, chunk, chunk.size(), 0);
    if (!sent) co_return false;
    bytes.remove_prefix(now.size());
  }
  static constexpr std::string_view last = "0\r\n\r\n";
  const bool done = co_await send_pieces(stream, last, last.size(), 0);
  co_return done;
}

/// Head and body as they are, or cut, or dripping. False: nothing more may be sent on this connection.
template <typename Stream>
asio::awaitable<bool> send_response(Stream& stream, const Response& response, bool keep_alive, bool may_chunk,
                                    const FaultRule* rule) {
  using Kind = FaultRule::Kind;
  auto content = response.content();
  const bool chunked = may_chunk && content.size() > piece;
  auto head = response_head(response, keep_alive, chunked);
  if (rule && rule->kind == Kind::cut) {
    content = content.substr(0, static_cast<std::size_t>(static_cast<double>(content.size()) * rule->part));
    head += content;
    co_await send_pieces(stream, head, head.size(), 0);
    co_return false;
  }
  if (rule && rule->kind == Kind::drip) {
    const bool sent_head = co_await send_pieces(stream, head, head.size(), 0);
    if (!sent_head) co_return false;
    const bool sent = co_await send_pieces(stream, content, rule->bytes, rule->delay);
    co_return sent;
  }
  if (!chunked && content.size() <= piece) {
    head += content;  // one TLS record and one packet for the many small answers
    const bool sent = co_await send_pieces(stream, head, head.size(), 0);
    co_return sent;
  }
  const bool sent_head = co_await send_pieces(stream, head, head.size(), 0);
  if (!sent_head) co_return false;
  if (chunked) {
    const bool sent = co_await send_chunks(stream, content);
    co_return sent;
  }
  const bool sent = co_await send_pieces(stream, content, content.size(), 0);
  co_return sent;
}

}  // namespace

struct HttpServer::Inside : std::enable_shared_from_this<HttpServer::Inside> {
  Inside(asio::io_context& context, asio::ssl::context* certificate, HttpService what)
      : io(context), tls(certificate), service(std::move(what)), acceptor(context) {}

  asio::io_context& io;
  asio::ssl::context* tls;
  HttpService service;
  tcp::acceptor acceptor;
  tcp::endpoint endpoint;
  std::map<std::uint64_t, std::function<void()>> closers;
  std::uint64_t next = 0;
  std::function<bool()> in_black_hole = [] { return false; };

  Result<std::uint16_t> open() {
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return Error{Errc::unreachable,
                   "cannot listen on port " + std::to_string(endpoint.port()) + ": " + error.message()};
    endpoint = acceptor.local_endpoint();
    asio::co_spawn(io, accept_all(shared_from_this()), asio::detached);
    return endpoint.port();
  }

  static asio::awaitable<void> accept_all(std::shared_ptr<Inside> self) {
    for (;;) {
      auto [error, socket] = co_await self->acceptor.async_accept(quietly);
      if (error == asio::error::operation_aborted || !self->acceptor.is_open()) co_return;
      if (error) {
        co_await pause(20);  // out of descriptors, most likely: it passes
        continue;
      }
      asio::co_spawn(self->io,
                     self->tls ? serve_tls(self, std::move(socket)) : serve_plain(self, std::move(socket)),
                     asio::detached);
    }
  }

  static asio::awaitable<void> serve_plain(std::shared_ptr<Inside> self, tcp::socket socket) {
    co_await self->serve(socket, socket);
  }

  static asio::awaitable<void> serve_tls(std::shared_ptr<Inside> self, tcp::socket socket) {
    if (self->in_black_hole()) {
      const auto key = self->next++;
      self->closers[key] = [&socket] {
        boost::system::error_code ignored;
        socket.close(ignored);
      };
      char byte;
      const auto buffer = asio::buffer(&byte, 1);
      for (;;) {
        const auto [error, size] = co_await socket.async_read_some(buffer, quietly);
        if (error) break;
      }
      self->closers.erase(key);
      co_return;
    }
    TlsStream stream(std::move(socket), *self->tls);
    const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, quietly);
    if (!error) {
      co_await self->serve(stream, stream.next_layer());
    }
  }

  /// Registers the connection, and serves it until it ends.
  template <typename Stream>
  asio::awaitable<void> serve(Stream& stream, tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto peer = socket.remote_endpoint(ignored);
    const auto key = next++;
    closers[key] = [&socket] {
      boost::system::error_code fine;
      socket.close(fine);
    };
    co_await serve_requests(stream, peer);
    closers.erase(key);
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
  }

  template <typename Stream>
  asio::awaitable<void> serve_requests(Stream& stream, tcp::endpoint peer) {
    boost::beast::flat_buffer buffer;
    bool more = true;
    while (more) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(64u << 20);
      const auto [error, size] = co_await http::async_read(stream, buffer, parser, quietly);
      if (error) co_return;
      const auto message = parser.release();
      const auto request = to_request(message, peer);
      auto rule = service.take_fault ? service.take_fault(request) : std::nullopt;
      if (rule && rule->kind == FaultRule::Kind::slow) {
        co_await pause(rule->delay);
        rule.reset();
      }
      if constexpr (std::is_same_v<Stream, TlsStream>) {
        if (!rule && service.hub && boost::beast::websocket::is_upgrade(message)) {
          auto admission = service.hub->admit(request);
          if (admission.ok) {
            co_await serve_live(stream, message, request, std::move(admission), *service.hub);
            co_return;
          }
          co_await send_response(stream, admission.refusal, false, false, nullptr);
          co_return;
        }
      }
      more = co_await serve_one(stream, request, message.keep_alive(), rule);
    }
  }

  template <typename Stream>
  asio::awaitable<bool> serve_one(Stream& stream, const Request& request, bool keep_alive,
                                  std::optional<FaultRule> rule) {
    using Kind = FaultRule::Kind;
    if (rule && rule->kind == Kind::refuse) co_return false;
    if (rule && rule->kind == Kind::silence) {
      char byte;
      const auto place = asio::buffer(&byte, 1);
      co_await stream.async_read_some(place, quietly);  // ends when the peer gives up
      co_return false;
    }
    std::optional<Response> response = rule ? answer_of(*rule) : std::nullopt;
    if (!response) response = service.handle(request);
    if (rule) spoil(*response, *rule);
    if (rule && rule->kind == Kind::reset) co_return false;
    const bool may_chunk = service.switches && service.switches->chunked;
    const bool sent =
        co_await send_response(stream, *response, keep_alive, may_chunk, rule ? &*rule : nullptr);
    co_return sent&& keep_alive;
  }
};

HttpServer::HttpServer(asio::io_context& io, asio::ssl::context* tls, HttpService service)
    : inside_(std::make_shared<Inside>(io, tls, std::move(service))) {
  inside_->in_black_hole = [this] { return black_hole_; };
}

HttpServer::~HttpServer() = default;

Result<std::uint16_t> HttpServer::listen(const std::string& where) {
  const auto colon = where.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : to_integer(where.substr(colon + 1));
  auto host = where.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error || !port || *port < 0 || *port > 65535)
    return Error{Errc::invalid, "'" + where + "' is not ADDRESS:PORT"};
  inside_->endpoint = tcp::endpoint(address, static_cast<std::uint16_t>(*port));
  return inside_->open();
}

void HttpServer::stop_listening() {
  boost::system::error_code ignored;
  inside_->acceptor.close(ignored);
  close_connections();
}

void HttpServer::resume() {
  if (inside_->acceptor.is_open()) return;
  if (const auto again = inside_->open(); !again)
    std::fprintf(stderr, "gatehouse-sim: %s\n", again.error().detail.c_str());
}

void HttpServer::close_connections() {
  // Closing ends the coroutine later, not here; the copy is against surprises.
  const auto all = inside_->closers;
  for (const auto& [key, close] : all) close();
}

std::size_t HttpServer::connections() const {
  return inside_->closers.size();
}

}  // namespace gatehouse::sim
