#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/sim/certificate.hpp"
#include "tests/sim/live_socket.hpp"
#include "tests/sim/world.hpp"

using namespace gatehouse::sim;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// As a browser sends it; the library answers it without having read it.
UpgradeRequest upgrade() {
  UpgradeRequest request(http::verb::get, "/signalr/connect", 11);
  request.set(http::field::host, "localhost");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "upgrade");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_version, "13");
  return request;
}

/// A subscriber that takes part in the handshake and then never reads.
struct Deaf {
  Deaf() {
    world.sign_in.operators = {{1, "Gateway", "Service", "Secret1", 0}};
    Request request;
    request.method = "GET";
    request.path = "/signalr/negotiate";
    request.authorization = "Bearer " + world.sign_in.grant(1, 60, 60, false, world.clock.now()).access;
    const auto negotiated = boost::json::parse(hub.handle(request).body);
    request.path = "/signalr/connect";
    request.query = {{"transport", "webSockets"},
                     {"connectionToken", negotiated.at("ConnectionToken").as_string().c_str()}};
    auto admission = hub.admit(request);
    REQUIRE(admission.ok);
    REQUIRE(use_own_certificate(server_tls.native_handle()));
    asio::co_spawn(io, serve(std::move(request), std::move(admission)), asio::detached);
    asio::co_spawn(io, connect(), asio::detached);
    wait([&] { return hub.live_clients() == 1; });
  }

  /// Runs the loop until it is so.
  template <typename Condition>
  void wait(Condition is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!is_so() && std::chrono::steady_clock::now() < end) io.run_one_for(std::chrono::milliseconds(20));
    REQUIRE(is_so());
  }

  /// As HttpServer does it: the stream goes when the call is over.
  asio::awaitable<void> serve(Request request, SignalrHub::Admission admission) {
    auto [refused, socket] = co_await acceptor.async_accept(quietly);
    TlsStream stream(std::move(socket), server_tls);
    const auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::server, quietly);
    if (!refused && !failed) co_await serve_live(stream, upgrade(), request, std::move(admission), hub);
    over = true;
  }

  asio::awaitable<void> connect() {
    co_await client.lowest_layer().async_connect(acceptor.local_endpoint(), quietly);
    co_await client.async_handshake(asio::ssl::stream_base::client, quietly);
  }

  asio::io_context io;
  World world{{.people = 1}, *SiteClock::in_zone("Europe/London"), 1};
  SignalrHub hub{io.get_executor(), world};
  asio::ssl::context server_tls{asio::ssl::context::tls_server};
  asio::ssl::context client_tls{asio::ssl::context::tls_client};
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  TlsStream client{io, client_tls};
  bool over = false;
};

}  // namespace

TEST_CASE("A subscriber that leaves in the middle of a message takes nothing with it", "[sim][signalr]") {
  Deaf subscriber;
  // More than the socket takes: a write waits when the reader sees that the other end has gone.
  for (int i = 0; i < 200'000; ++i) subscriber.hub.ask_reconnect();
  subscriber.io.poll();
  CHECK_FALSE(subscriber.over);
  subscriber.client.lowest_layer().shutdown(tcp::socket::shutdown_send);
  subscriber.wait([&] { return subscriber.over; });
  subscriber.io.poll();
  CHECK(subscriber.hub.live_clients() == 0);
}
