// Through a SOCKS5 proxy that looks names up itself (socks5h).

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/scripted_broker.hpp"
#include "tests/unit/uplink_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using Catch::Matchers::Contains;

namespace {

using boost::asio::awaitable;
using boost::asio::buffer;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
using boost::system::error_code;

/// RFC 1928 without authentication, CONNECT to a name only; every name is on loopback.
class TestProxy {
 public:
  explicit TestProxy(std::uint8_t answer = 0) : answer_(answer), acceptor_(context_, {loopback(), 0}) {
    boost::asio::co_spawn(context_, accept(), boost::asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }
  TestProxy(const TestProxy&) = delete;
  TestProxy& operator=(const TestProxy&) = delete;
  ~TestProxy() {
    context_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string asked_for() const {
    const std::lock_guard lock(mutex_);
    return asked_for_;
  }

 private:
  static boost::asio::ip::address loopback() { return boost::asio::ip::address_v4::loopback(); }

  awaitable<void> accept() {
    while (true) {
      tcp::socket client = co_await acceptor_.async_accept(use_awaitable);
      boost::asio::co_spawn(context_, serve(std::make_shared<tcp::socket>(std::move(client))),
                            boost::asio::detached);
    }
  }

  awaitable<void> serve(std::shared_ptr<tcp::socket> client) {
    std::array<unsigned char, 3> greeting{};
    co_await boost::asio::async_read(*client, buffer(greeting), use_awaitable);
    const std::array<unsigned char, 2> no_authentication{5, 0};
    co_await boost::asio::async_write(*client, buffer(no_authentication), use_awaitable);
    std::array<unsigned char, 5> head{};
    co_await boost::asio::async_read(*client, buffer(head), use_awaitable);
    if (head[3] != 3) co_return;
    std::string rest(head[4] + 2u, '\0');
    co_await boost::asio::async_read(*client, buffer(rest), use_awaitable);
    {
      const std::lock_guard lock(mutex_);
      asked_for_ = rest.substr(0, head[4]);
    }
    const auto high = static_cast<unsigned char>(rest[head[4]]);
    const auto low = static_cast<unsigned char>(rest[head[4] + 1u]);
    auto server = std::make_shared<tcp::socket>(context_);
    const tcp::endpoint target(loopback(), static_cast<std::uint16_t>(high << 8 | low));
    co_await server->async_connect(target, use_awaitable);
    const std::array<unsigned char, 10> reply{5, answer_, 0, 1, 127, 0, 0, 1, 0, 0};
    co_await boost::asio::async_write(*client, buffer(reply), use_awaitable);
    boost::asio::co_spawn(context_, pass(client, server), boost::asio::detached);
    co_await pass(server, client);
  }

  static awaitable<void> pass(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to) {
    std::array<char, 4096> chunk;
    error_code failed;
    while (!failed) {
      const std::size_t count =
          co_await from->async_read_some(buffer(chunk), redirect_error(use_awaitable, failed));
      if (failed) break;
      co_await boost::asio::async_write(*to, buffer(chunk, count), redirect_error(use_awaitable, failed));
    }
    to->close(failed);
  }

  const std::uint8_t answer_;
  boost::asio::io_context context_{1};
  tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::string asked_for_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("The link goes through a SOCKS5 proxy, which looks the name up", "[mqtt][proxy]") {
  TestAuthority authority;
  CertificateOrder order;
  order.dns = {"broker.example.com"};
  ScriptedBroker broker(authority, {}, authority.issue("server", order));
  TestProxy proxy;
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.host = "broker.example.com";
  bench.options.cloud.proxy = Proxy{"127.0.0.1", proxy.port()};
  bench.start();
  REQUIRE(bench.come_up());
  CHECK(proxy.asked_for() == "broker.example.com");
  bench.publish({numbered(1), numbered(2)});
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 2; }));

  const SeenConnect connect = broker.seen().connects.at(0);
  CHECK(connect.server_name == "broker.example.com");
  CHECK(connect.has_will);
  CHECK(connect.clean_start);
  CHECK(connect.properties.numbers.at(0x21) == 20);
}

TEST_CASE("A proxy that does not let us through is named", "[mqtt][proxy]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  const auto [answer, words] = GENERATE(table<std::uint8_t, const char*>(
      {{2, "does not let us through"}, {5, "cannot reach localhost"}, {1, "check cloud.proxy"}}));
  TestProxy proxy(answer);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.host = "localhost";
  bench.options.cloud.proxy = Proxy{"127.0.0.1", proxy.port()};
  bench.start();
  REQUIRE(bench.run_until([&] { return !bench.downs.empty(); }));
  CHECK_THAT(bench.downs[0].detail, Contains(words) && Contains("the proxy 127.0.0.1"));
}
