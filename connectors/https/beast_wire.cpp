// The one place that knows Beast: HTTP exchanges and WebSocket frames over a TLS link.

#include <charconv>
#include <ctime>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <sys/socket.h>

#include "connectors/https/deadline.hpp"
#include "connectors/https/http_wire.hpp"
#include "connectors/https/websocket.hpp"
#include "daemon/app/as_result.hpp"
#include "daemon/app/pulse.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
constexpr std::size_t first_piece_size = std::size_t{16} * 1024;  // most answers are small, most links idle
constexpr std::size_t piece_size = std::size_t{64} * 1024;
constexpr std::uint32_t max_head = 32 * 1024;
constexpr auto user_agent = "gatehouse";

bool is_hang_up(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
         error == http::error::end_of_stream || error == http::error::partial_message ||
         error.category() == asio::error::get_system_category();
}

/// The link ended without TLS's farewell: a cut, or a server that knows no better.
bool is_cut(const error_code& error) {
  return error == asio::ssl::error::stream_truncated || error == asio::error::connection_reset;
}

/// `begun`: part of an answer had already come.
Error wire_error(const error_code& error, bool begun) {
  if (error == asio::error::operation_aborted) return {Errc::cancelled, "cancelled"};
  if (is_hang_up(error)) {
    if (begun) return {Errc::incomplete, "the answer stops in the middle: " + error.message()};
    return {Errc::unreachable, "the server closed the connection without an answer: " + error.message()};
  }
  if (error.category() == asio::error::get_ssl_category()) return {Errc::tls, error.message()};
  return {Errc::malformed, "not an HTTP answer: " + error.message()};
}

Error silent(Duration limit) {
  return {Errc::timeout, "silent: nothing came within " + std::to_string(limit.count()) + " ms"};
}

std::optional<Duration> seconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  if (seconds < 0 || seconds > 86'400) return std::nullopt;
  return std::chrono::seconds(seconds);
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7).
std::optional<Instant> http_date(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return Instant{std::chrono::seconds(timegm(&parts))};
}

class BeastHttpWire final : public HttpWire {
 public:
  BeastHttpWire(std::unique_ptr<TlsLink> link, std::string authority)
      : link_(std::move(link)), authority_(std::move(authority)) {}

  Task<Exchange> exchange(const HttpRequest& request, const BodySink* sink, std::size_t limit) override {
    open_ = false;
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, request.whole);
    const Deadline whole(link_->socket(), request.whole);
    Deadline silence(link_->socket(), request.silence);
    const auto failure = [&](const error_code& error, bool begun) {
      if (silence.passed()) return silent(request.silence);
      if (whole.passed()) return Error{Errc::timeout, "the answer took too long"};
      return wire_error(error, begun);
    };

    http::request<http::string_body> question = compose(request);
    if (request.may_write && !request.may_write()) {
      open_ = true;
      co_return Exchange{.answer = Error{Errc::refused, "not sent"}};
    }
    const auto [unsent, sent] = co_await http::async_write(link_->stream, question, as_result);
    if (unsent) co_return Exchange{failure(unsent, false), true};

    silence.restart(request.silence);
    http::response_parser<http::buffer_body> parser;
    parser.header_limit(max_head);
    parser.body_limit(boost::none);
    const auto [headless, head_size] =
        co_await http::async_read_header(link_->stream, buffer_, parser, as_result);
    if (headless) co_return Exchange{failure(headless, parser.got_some()), !parser.got_some()};

    HttpAnswer answer = read_head(parser.get());
    const bool good = answer.status >= 200 && answer.status < 300;
    if (piece_.empty()) piece_.resize(first_piece_size);
    while (!parser.is_done()) {
      auto& body = parser.get().body();
      body.data = piece_.data();
      body.size = piece_.size();
      error_code broken;
      while (!parser.is_done() && body.size != 0 && !broken) {
        silence.restart(request.silence);
        const auto [unread, size] = co_await http::async_read_some(link_->stream, buffer_, parser, as_result);
        broken = unread;
      }
      if (broken == http::error::need_buffer) broken = {};
      if (is_cut(broken) && parser.need_eof()) {
        answer.unsealed = true;
        parser.put_eof(broken);  // neither a length nor chunks were promised: this is all there is
      }
      if (broken) co_return Exchange{failure(broken, true)};
      silence.restart(request.whole);  // the sink's time is not the server's silence
      const std::string_view piece(piece_.data(), piece_.size() - body.size);
      answer.size += piece.size();
      const bool long_body = body.size == 0;
      if (sink != nullptr && good) {
        auto taken = co_await (*sink)(piece);
        if (!taken) co_return Exchange{taken.error()};
      } else if (answer.body.size() + piece.size() <= limit) {
        answer.body += piece;
      } else if (sink != nullptr) {
        co_return Exchange{std::move(answer)};  // enough of a refusal; the rest goes with the connection
      } else {
        co_return Exchange{
            Error{Errc::malformed, "the answer is longer than " + std::to_string(limit) + " bytes"}};
      }
      if (long_body && piece_.size() < piece_size) piece_.resize(piece_size);
    }
    Exchange whole_answer{
        .answer = std::move(answer), .nothing_came = false, .announced_end = !parser.keep_alive()};
    open_ = !whole_answer.announced_end && buffer_.size() == 0;
    co_return whole_answer;
  }

  bool reusable() override {
    if (!open_) return false;
    char byte = 0;
    const auto waiting = ::recv(link_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return waiting < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  http::request<http::string_body> compose(const HttpRequest& request) const {
    http::request<http::string_body> question;
    question.version(11);
    question.method_string(request.method);
    question.target(request.target);
    question.set(http::field::host, authority_);
    question.set(http::field::user_agent, user_agent);
    question.set(http::field::accept, "application/json");
    for (const auto& [name, value] : request.headers) question.set(name, value);
    question.body() = request.body;
    question.prepare_payload();
    return question;
  }

  static HttpAnswer read_head(const http::response<http::buffer_body>& head) {
    HttpAnswer answer;
    answer.status = static_cast<int>(head.result_int());
    const auto type = head[http::field::content_type];
    answer.content_type.assign(type.data(), type.size());
    const auto location = head[http::field::location];
    answer.location.assign(location.data(), location.size());
    const auto wait = head[http::field::retry_after];
    answer.retry_after = seconds_of({wait.data(), wait.size()});
    const auto date = head[http::field::date];
    answer.date = http_date(std::string(date.data(), date.size()));
    return answer;
  }

  std::unique_ptr<TlsLink> link_;
  std::string authority_;
  beast::flat_buffer buffer_{std::size_t{2} * piece_size};
  std::string piece_;
  bool open_ = false;
};

class BeastWebSocket final : public WebSocket {
 public:
  explicit BeastWebSocket(std::unique_ptr<TlsLink> link)
      : check_(std::move(link->check)), stream_(std::move(link->stream)) {}

  Task<Result<void>> upgrade(const WebSocketRequest& request, std::string authority,
                             WebSocketRefusal& refusal) {
    stream_.read_message_max(request.max_message);
    stream_.set_option(websocket::stream_base::decorator([&request](websocket::request_type& head) {
      head.set(http::field::user_agent, user_agent);
      for (const auto& [name, value] : request.headers) head.set(name, value);
    }));
    websocket::response_type response;
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, request.connect);
    const Deadline deadline(socket(), request.connect);
    const auto [failed] = co_await stream_.async_handshake(response, authority, request.target, as_result);
    if (!failed) co_return Result<void>{};
    if (deadline.passed()) co_return silent(request.connect);
    if (failed == websocket::error::upgrade_declined) {
      refusal.status = static_cast<int>(response.result_int());
      co_return Error{Errc::refused,
                      "the server answered " + std::to_string(refusal.status) + " instead of a WebSocket"};
    }
    co_return link_error(failed);
  }

  Task<Result<std::string>> read(Duration silence) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    beast::flat_buffer message;
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, silence);
    const Deadline deadline(socket(), silence);
    const auto [failed, size] = co_await stream_.async_read(message, as_result);
    if (failed && deadline.passed()) co_return silent(silence);
    if (failed) co_return link_error(failed);
    if (!stream_.got_text()) co_return Error{Errc::malformed, "a binary WebSocket message"};
    co_return std::string(static_cast<const char*>(message.data().data()), message.size());
  }

  Task<Result<void>> write(std::string text, Duration limit) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, limit);
    const Deadline deadline(socket(), limit);
    stream_.text(true);
    const auto [failed, size] = co_await stream_.async_write(asio::buffer(text), as_result);
    if (failed && deadline.passed()) co_return silent(limit);
    if (failed) co_return link_error(failed);
    co_return Result<void>{};
  }

  Task<void> close(Duration limit) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, limit);
    const Deadline deadline(socket(), limit);
    co_await stream_.async_close(websocket::close_code::normal, as_result);
  }

 private:
  asio::ip::tcp::socket& socket() { return stream_.next_layer().next_layer(); }

  static Error link_error(const error_code& error) {
    if (error == asio::error::operation_aborted) return {Errc::cancelled, "cancelled"};
    if (error == websocket::error::message_too_big) return {Errc::malformed, error.message()};
    if (error == websocket::error::closed || is_hang_up(error)) {
      return {Errc::unreachable, "the server closed the WebSocket: " + error.message()};
    }
    if (error.category() == asio::error::get_ssl_category()) return {Errc::tls, error.message()};
    return {Errc::malformed, "WebSocket: " + error.message()};
  }

  std::unique_ptr<CertificateCheck> check_;
  websocket::stream<TlsStream> stream_;
};

}  // namespace

std::unique_ptr<HttpWire> make_http_wire(std::unique_ptr<TlsLink> link, std::string authority) {
  return std::make_unique<BeastHttpWire>(std::move(link), std::move(authority));
}

Task<Result<std::unique_ptr<WebSocket>>> open_websocket(Origin origin, Net2Tls trust,
                                                        WebSocketRequest request, WebSocketRefusal& refusal) {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto link = co_await open_tls(origin, trust, request.connect);
  if (!link) co_return link.error();
  auto socket = std::make_unique<BeastWebSocket>(std::move(*link));
  auto upgraded = co_await socket->upgrade(request, origin.authority(), refusal);
  if (!upgraded) co_return upgraded.error();
  co_return std::unique_ptr<WebSocket>(std::move(socket));
}

}  // namespace gatehouse
