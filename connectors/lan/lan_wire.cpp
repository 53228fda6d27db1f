// The one place of the LAN interface that knows Beast.
#include "connectors/lan/lan_wire.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "connectors/https/deadline.hpp"
#include "daemon/app/as_result.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
constexpr std::uint32_t max_head = 8 * 1024;
constexpr std::size_t first_read = std::size_t{4} * 1024;
constexpr std::size_t piece_size = std::size_t{64} * 1024;
constexpr std::size_t most_drained = std::size_t{256} * 1024;  ///< of a body that nobody wants
using Parser = http::request_parser<http::buffer_body>;

std::string text_of(beast::string_view view) {
  return {view.data(), view.size()};
}

std::vector<std::string> all_of(const Parser::value_type& head, beast::string_view name) {
  std::vector<std::string> values;
  const auto [first, last] = head.equal_range(name);
  for (auto one = first; one != last; ++one) values.push_back(text_of(one->value()));
  return values;
}

/// What a broken head is answered with; 0: nobody is there to be answered.
int refusal_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::bad_version) return 505;
  const bool gone = error == http::error::end_of_stream || error == http::error::partial_message;
  if (gone || error.category() != make_error_code(http::error::bad_method).category()) return 0;
  return 400;
}

class BeastLanWire final : public LanWire {
 public:
  BeastLanWire(asio::ip::tcp::socket socket, asio::ssl::context& tls, LanPatience patience)
      : stream_(std::move(socket), tls), patience_(patience) {
    error_code ignored;
    this->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  Task<bool> shake_hands() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    const Deadline deadline(socket(), patience_.handshake);
    const auto [failed] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_result);
    co_return !failed;
  }

  Task<LanAsked> read_head() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    LanAsked asked;
    whole_.reset();
    parser_.emplace();
    parser_->header_limit(max_head);
    parser_->body_limit(most_of_a_body);
    Deadline deadline(socket(), patience_.idle);
    if (buffer_.size() == 0) {
      const auto [silent, size] = co_await stream_.async_read_some(buffer_.prepare(first_read), as_result);
      if (silent) co_return asked;
      buffer_.commit(size);
    }
    deadline.restart(patience_.head);
    const auto [broken, used] = co_await http::async_read_header(stream_, buffer_, *parser_, as_result);
    if (broken) {
      asked.refuse = deadline.passed() ? 0 : refusal_of(broken);
      co_return asked;
    }
    asked.head = head_of(parser_->get());
    co_return asked;
  }

  Task<Result<void>> begin_body(Duration whole) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    if (parser_->is_done()) co_return Result<void>{};
    whole_.emplace(socket(), whole);
    if (http::token_list{parser_->get()[http::field::expect]}.exists("100-continue")) {
      static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      const Deadline deadline(socket(), patience_.write);
      const auto [failed, size] =
          co_await asio::async_write(stream_, asio::buffer(go_on.data(), go_on.size()), as_result);
      if (failed) co_return Error{Errc::unreachable, "the client is gone"};
    }
    co_return Result<void>{};
  }

  Task<Result<std::string>> read_piece() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    std::string piece;
    if (parser_->is_done()) co_return piece;
    piece.resize(piece_size);
    auto& body = parser_->get().body();
    body.data = piece.data();
    body.size = piece.size();
    const Deadline deadline(socket(), patience_.piece);
    // One byte a second would hold the line for long: `whole_` ends that.
    error_code broken;
    while (!parser_->is_done() && body.size == piece.size() && !broken) {
      const auto [unread, size] = co_await http::async_read_some(stream_, buffer_, *parser_, as_result);
      broken = unread;
    }
    if (broken == http::error::need_buffer) broken = {};
    if (deadline.passed() || (whole_ && whole_->passed()))
      co_return Error{Errc::timeout, "the body came too slowly"};
    if (broken && refusal_of(broken) != 0) co_return Error{Errc::malformed, "the body is not as announced"};
    if (broken) co_return Error{Errc::unreachable, "the client is gone"};
    piece.resize(piece.size() - body.size);
    if (parser_->is_done()) whole_.reset();
    co_return piece;
  }

  bool at_end() const override { return parser_ && parser_->is_done(); }

  Task<bool> write(LanAnswer answer, bool last) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    http::response<http::string_body> said;
    said.version(11);
    said.result(static_cast<unsigned>(answer.status));
    said.keep_alive(!last);
    if (!answer.content_type.empty()) said.set(http::field::content_type, answer.content_type);
    said.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : answer.headers) said.set(name, value);
    const bool no_body = parser_ && parser_->is_header_done() && parser_->get().method() == http::verb::head;
    if (no_body) {
      said.content_length(answer.body.size());
    } else {
      said.body() = std::move(answer.body);
      said.prepare_payload();
    }
    const Deadline deadline(socket(), patience_.write);
    const auto [failed, size] = co_await http::async_write(stream_, said, as_result);
    co_return !failed;
  }

  Task<void> close() override {
    co_await asio::this_coro::throw_if_cancelled(false);
    const Deadline deadline(socket(), patience_.farewell);
    std::string waste(first_read, '\0');
    bool more = parser_ && !parser_->is_done();
    for (std::size_t drained = 0; more && drained < most_drained;) {
      const auto [ended, size] = co_await stream_.async_read_some(asio::buffer(waste), as_result);
      drained += size;
      more = !ended;
    }
    co_await stream_.async_shutdown(as_result);
    cut();
  }

  void cut() override {
    error_code ignored;
    socket().close(ignored);
  }

 private:
  asio::ip::tcp::socket& socket() { return stream_.next_layer(); }

  LanHead head_of(const Parser::value_type& said) const {
    LanHead head;
    head.method = text_of(said.method_string());
    const std::string target = text_of(said.target());
    const auto question = target.find('?');
    head.path = target.substr(0, question);
    if (question != std::string::npos) head.query = target.substr(question + 1);
    head.authorization = all_of(said, "Authorization");
    head.keys = all_of(said, "Idempotency-Key");
    head.encoded = said.count(http::field::content_encoding) != 0;
    head.chunked = parser_->chunked();
    if (const auto length = parser_->content_length()) head.length = *length;
    head.keep_alive = parser_->keep_alive();
    return head;
  }

  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  LanPatience patience_;
  beast::flat_buffer buffer_{std::size_t{2} * piece_size};
  std::optional<Parser> parser_;
  std::optional<Deadline> whole_;
};

}  // namespace

std::unique_ptr<LanWire> make_lan_wire(asio::ip::tcp::socket socket, asio::ssl::context& tls,
                                       LanPatience patience) {
  return std::make_unique<BeastLanWire>(std::move(socket), tls, patience);
}

}  // namespace gatehouse
