#include "connectors/metrics/metrics_server.hpp"

#include <exception>
#include <iterator>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "connectors/https/deadline.hpp"
#include "daemon/app/as_result.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
constexpr std::uint32_t longest_head = 8 * 1024;
constexpr Duration after_trouble = std::chrono::milliseconds(200);  ///< out of descriptors: let some go

using Request = http::request_parser<http::empty_body>;
using Answer = http::response<http::string_body>;

MetricsPage plain(int status, std::string words) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(words) + "\n"};
}

MetricsPage page_for(const Request& request, const MetricsServer::Pages& pages) {
  const auto& asked = request.get();
  if (asked.method() != http::verb::get && asked.method() != http::verb::head)
    return plain(405, "only GET and HEAD");
  if (request.content_length().value_or(0) != 0 || request.chunked()) return plain(413, "no body is taken");
  const std::string target(asked.target().data(), asked.target().size());
  auto page = pages(std::string_view(target).substr(0, target.find('?')));
  return page ? std::move(*page) : plain(404, "here are /metrics and /health");
}

/// What is no request is answered where it is clear what it wanted.
std::optional<MetricsPage> page_for_broken(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return plain(431, "the head of the request has more than 8 KiB");
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message)
    return plain(400, "this is no HTTP request");
  return std::nullopt;
}

}  // namespace

MetricsServer::MetricsServer(asio::any_io_executor executor, Pages pages, MetricsTuning tuning)
    : executor_(std::move(executor)),
      pages_(std::move(pages)),
      tuning_(tuning),
      acceptor_(executor_),
      ended_(executor_) {}

Result<std::unique_ptr<MetricsServer>> MetricsServer::open(const Endpoint& where,
                                                           asio::any_io_executor executor, Pages pages,
                                                           MetricsTuning tuning) {
  const std::string name = "metrics.listen " + where.host + ":" + std::to_string(where.port);
  error_code error;
  const auto address = asio::ip::make_address(where.host, error);
  if (error) return Error{Errc::invalid, name + ": this is no address"};
  if (!address.is_loopback())
    return Error{Errc::invalid, name + ": figures are offered on the loopback interface only"};
  std::unique_ptr<MetricsServer> server(new MetricsServer(std::move(executor), std::move(pages), tuning));
  const tcp::endpoint endpoint(address, where.port);
  auto& acceptor = server->acceptor_;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(static_cast<int>(tuning.connections), error);
  if (error) return Error{Errc::unreachable, name + ": " + error.message()};
  return server;
}

void MetricsServer::start() {
  accepting_ = true;
  asio::co_spawn(
      executor_, accept(),
      asio::bind_cancellation_slot(cancel_accept_.slot(), [this](const std::exception_ptr& broken) {
        accepting_ = false;
        ended_.ring();
        if (broken) std::rethrow_exception(broken);
      }));
}

Task<void> MetricsServer::accept() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (stopping_) co_return;
    if (error) {
      asio::steady_timer timer(executor_, after_trouble);
      co_await timer.async_wait(as_result);
      continue;
    }
    if (connections_.size() >= tuning_.connections) continue;  // closed by going away
    connections_.push_back(std::move(socket));
    const auto here = std::prev(connections_.end());
    asio::co_spawn(executor_, serve(*here), [this, here](const std::exception_ptr& broken) {
      connections_.erase(here);
      ended_.ring();
      if (broken) std::rethrow_exception(broken);
    });
  }
}

Task<void> MetricsServer::serve(tcp::socket& socket) {
  boost::beast::flat_buffer buffer(std::size_t{2} * longest_head);
  Request request;
  request.header_limit(longest_head);
  std::optional<MetricsPage> page;
  {
    const Deadline deadline(socket, tuning_.request);
    const auto [broken, size] = co_await http::async_read_header(socket, buffer, request, as_result);
    page = broken ? page_for_broken(broken) : page_for(request, pages_);
  }
  if (!page || stopping_) co_return;
  Answer said;
  said.version(11);
  said.result(static_cast<unsigned>(page->status));
  said.keep_alive(false);
  said.set(http::field::content_type, page->content_type);
  said.set(http::field::cache_control, "no-store");
  if (page->status == 405) said.set(http::field::allow, "GET, HEAD");
  if (request.is_header_done() && request.get().method() == http::verb::head) {
    said.content_length(page->body.size());
  } else {
    said.body() = std::move(page->body);
    said.prepare_payload();
  }
  const Deadline deadline(socket, tuning_.answer);
  const auto [failed, size] = co_await http::async_write(socket, said, as_result);
  if (failed) co_return;
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  // What still comes is read, or the answer could be lost with a reset.
  char waste[512];
  for (std::size_t drained = 0; drained < std::size_t{64} * 1024;) {
    const auto [ended, more] = co_await socket.async_read_some(asio::buffer(waste), as_result);
    if (ended) co_return;
    drained += more;
  }
}

Task<void> MetricsServer::stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  cancel_accept_.emit(asio::cancellation_type::terminal);
  for (auto& socket : connections_) socket.close(ignored);
  while (accepting_ || !connections_.empty()) {
    co_await ended_.wait();
  }
}

}  // namespace gatehouse
