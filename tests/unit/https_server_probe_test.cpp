// A TLS server is looked at layer by layer, and the first that does not hold is named.

#include <array>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/https/server_probe.hpp"
#include "tests/unit/real_mosquitto.hpp"
#include "tests/unit/scripted_broker.hpp"
#include "tests/unit/scripted_https.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using boost::asio::ip::tcp;

namespace {

constexpr Duration patience = std::chrono::seconds(5);

struct ProbeBench {
  boost::asio::io_context io;
  TestAuthority authority;

  ServerContact look(ProbeTarget target, Duration limit = patience) {
    return run(io, probe_server(std::move(target), limit));
  }
  ProbeTarget at(std::uint16_t port) const {
    ProbeTarget target;
    target.origin = {.host = "127.0.0.1", .port = port};
    target.trust.ca = authority.ca().string();
    return target;
  }
};

HttpsReply never_asked(const HttpsRequest& request) {
  FAIL("it was asked for " << request.line);
  return answer(500, "");
}

/// Takes connections and does with each what a test says.
class Listener {
 public:
  using Serve = std::function<Task<void>(tcp::socket&)>;
  Listener(boost::asio::io_context& io, Serve serve)
      : acceptor_(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)), serve_(std::move(serve)) {
    boost::asio::co_spawn(io, accept(), boost::asio::detached);
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  Task<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      co_await serve_(socket);
    }
  }
  tcp::acceptor acceptor_;
  Serve serve_;
};

std::uint16_t closed_port() {
  boost::asio::io_context io;
  const tcp::acceptor taken(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  return taken.local_endpoint().port();
}

}  // namespace

TEST_CASE("A probe sees the certificate of a server that proves itself, and says not a word to it",
          "[https][probe]") {
  ProbeBench bench;
  const auto files = bench.authority.issue_server();
  const ScriptedHttps server(bench.io, files, never_asked);
  const auto facts = read_certificate_file(files.cert.string());
  REQUIRE(facts);
  SECTION("by its authority") {
    const auto contact = bench.look(bench.at(server.port()));
    CHECK(contact.ok());
    REQUIRE(contact.shown);
    CHECK(*contact.shown == shown(facts->front()));
    CHECK(contact.peer == "127.0.0.1:" + std::to_string(server.port()));
    CHECK(contact.shown->names == std::vector<std::string>{"localhost", "127.0.0.1", "::1"});
  }
  SECTION("by its key, whatever its name and its date") {
    auto target = bench.at(server.port());
    target.trust.ca.reset();
    target.trust.server_name = "another.example.com";
    target.trust.pins = {"sha256/AAAA", facts->front().pin};
    CHECK(bench.look(target).ok());
  }
  CHECK(server.lines().empty());
}

TEST_CASE("A probe names why a certificate is not believed, and what it is", "[https][probe]") {
  ProbeBench bench;
  TestAuthority stranger("somebody else");
  CertificateOrder order;
  order.dns = {"localhost"};
  order.addresses = {"127.0.0.1"};
  auto trouble = ContactTrouble::none;
  auto files = bench.authority.issue_server("good");
  std::optional<std::string> name;
  std::vector<std::string> pins;
  SECTION("nobody vouches for it") {
    files = stranger.issue_server("other");
    trouble = ContactTrouble::untrusted;
  }
  SECTION("it ended") {
    order.valid_from = std::chrono::hours(-48);
    order.valid_for = std::chrono::hours(24);
    files = bench.authority.issue("old", order);
    trouble = ContactTrouble::expired;
  }
  SECTION("it has not begun") {
    order.valid_from = std::chrono::hours(24);
    files = bench.authority.issue("young", order);
    trouble = ContactTrouble::not_yet_valid;
  }
  SECTION("it is somebody else's") {
    name = "NET2PC";
    trouble = ContactTrouble::wrong_name;
  }
  SECTION("another key was pinned") {
    pins = {"sha256/" + std::string(43, 'A') + "="};
    trouble = ContactTrouble::wrong_key;
  }
  const ScriptedHttps server(bench.io, files, never_asked);
  auto target = bench.at(server.port());
  target.trust.server_name = name;
  target.trust.pins = pins;
  const auto contact = bench.look(target);
  INFO(contact.detail);
  CHECK(contact.trouble == trouble);
  REQUIRE(contact.shown);
  CHECK(contact.shown->pin == read_certificate_file(files.cert.string())->front().pin);
  CHECK(server.lines().empty());
}

TEST_CASE("A probe names what stands in the way before TLS", "[https][probe]") {
  ProbeBench bench;
  SECTION("nothing listens") {
    CHECK(bench.look(bench.at(closed_port())).trouble == ContactTrouble::refused);
  }
  SECTION("the name is not known, or nobody tells") {
    auto target = bench.at(1);
    target.origin.host = "no-such-host.invalid";
    const auto contact = bench.look(target);
    CHECK((contact.trouble == ContactTrouble::name_unknown ||
           contact.trouble == ContactTrouble::no_name_server));
    CHECK(contact.named);
    CHECK_FALSE(contact.detail.empty());
  }
  SECTION("the authority's file is missing") {
    auto target = bench.at(1);
    target.trust.ca = "/nonexistent/ca.pem";
    const auto contact = bench.look(target);
    CHECK(contact.trouble == ContactTrouble::authority_file);
    CHECK_THAT(contact.detail, Catch::Contains("/nonexistent/ca.pem"));
  }
  SECTION("it speaks no TLS") {
    const Listener plain(bench.io, [](tcp::socket& socket) -> Task<void> {
      const std::string hello = "SSH-2.0-OpenSSH_9.2\r\n";
      co_await boost::asio::async_write(socket, boost::asio::buffer(hello), boost::asio::use_awaitable);
    });
    CHECK(bench.look(bench.at(plain.port())).trouble == ContactTrouble::not_tls);
  }
  SECTION("it hangs up") {
    const Listener rude(bench.io, [](tcp::socket& socket) -> Task<void> {
      std::array<char, 1> first{};
      co_await boost::asio::async_read(socket, boost::asio::buffer(first), boost::asio::use_awaitable);
      socket.close();
    });
    CHECK(bench.look(bench.at(rude.port())).trouble == ContactTrouble::cut);
  }
  SECTION("it takes the connection and says nothing: the probe ends in its time") {
    std::vector<tcp::socket> held;
    const Listener silent(bench.io, [&held](tcp::socket& socket) -> Task<void> {
      held.push_back(std::move(socket));
      co_return;
    });
    const auto began = std::chrono::steady_clock::now();
    CHECK(bench.look(bench.at(silent.port()), std::chrono::milliseconds(300)).trouble ==
          ContactTrouble::no_answer);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(3));
  }
}

TEST_CASE("A probe hears what a broker says of our certificate", "[https][probe][mqtt]") {
  ProbeBench bench;
  RealMosquitto broker(bench.authority);
  const auto files = bench.authority.issue_client();
  auto target = bench.at(broker.port());
  target.alpn = "mqtt";
  const auto listens = [&] { return bench.look(target).trouble != ContactTrouble::refused; };
  for (int i = 0; i < 500 && !listens(); ++i) {
    boost::asio::steady_timer timer(bench.io, std::chrono::milliseconds(10));
    timer.wait();
  }
  SECTION("it is good") {
    target.certificate_file = files.cert.string();
    target.key_pem = files.key_pem();
    const auto contact = bench.look(target);
    INFO(contact.detail);
    CHECK(contact.ok());
    CHECK(contact.shown);
  }
  SECTION("it ended") {
    CertificateOrder order;
    order.valid_from = std::chrono::hours(-48);
    order.valid_for = std::chrono::hours(24);
    const auto old = bench.authority.issue("old-client", order);
    target.certificate_file = old.cert.string();
    target.key_pem = old.key_pem();
    CHECK(bench.look(target).trouble == ContactTrouble::own_expired);
  }
  SECTION("a stranger's") {
    TestAuthority stranger("somebody else");
    const auto other = stranger.issue_client();
    target.certificate_file = other.cert.string();
    target.key_pem = other.key_pem();
    CHECK(bench.look(target).trouble == ContactTrouble::own_unwanted);
  }
  SECTION("the key is another's") {
    target.certificate_file = files.cert.string();
    target.key_pem = bench.authority.issue_client("second").key_pem();
    const auto contact = bench.look(target);
    CHECK(contact.trouble == ContactTrouble::own_file);
    CHECK_THAT(contact.detail, Catch::Contains("does not belong"));
  }
}

TEST_CASE("A probe offers the protocol's name, and hears where it is not known", "[https][probe][mqtt]") {
  ProbeBench bench;
  const ScriptedBroker broker(bench.authority);
  const auto files = bench.authority.issue_client();
  auto target = bench.at(broker.port());
  target.certificate_file = files.cert.string();
  target.key_pem = files.key_pem();
  target.alpn = "mqtt";
  CHECK(bench.look(target).ok());
  target.alpn = "x-amzn-mqtt-ca";
  CHECK(bench.look(target).trouble == ContactTrouble::protocol_unknown);
  target.alpn = "mqtt";
  target.certificate_file.reset();
  const auto without = bench.look(target);
  CHECK((without.ok() || without.trouble == ContactTrouble::own_missing));
  CHECK(broker.seen().connections == 0);  // not one CONNECT
}

TEST_CASE("A probe goes through a SOCKS5 proxy and names one that is in the way", "[https][probe][proxy]") {
  ProbeBench bench;
  const auto files = bench.authority.issue_server();
  const ScriptedHttps server(bench.io, files, never_asked);
  unsigned char verdict = 0;
  const Listener proxy(bench.io, [&](tcp::socket& client) -> Task<void> {
    std::array<unsigned char, 3> hello{};
    co_await boost::asio::async_read(client, boost::asio::buffer(hello), boost::asio::use_awaitable);
    const std::array<unsigned char, 2> fine{5, 0};
    co_await boost::asio::async_write(client, boost::asio::buffer(fine), boost::asio::use_awaitable);
    std::array<unsigned char, 5> head{};
    co_await boost::asio::async_read(client, boost::asio::buffer(head), boost::asio::use_awaitable);
    std::string rest(head[4] + 2u, '\0');
    co_await boost::asio::async_read(client, boost::asio::buffer(rest), boost::asio::use_awaitable);
    CHECK(rest.substr(0, head[4]) == "localhost");
    const std::array<unsigned char, 10> reply{5, verdict, 0, 1, 127, 0, 0, 1, 0, 0};
    co_await boost::asio::async_write(client, boost::asio::buffer(reply), boost::asio::use_awaitable);
    client.close();
  });
  auto target = bench.at(server.port());
  target.origin.host = "localhost";
  target.proxy = Origin{.host = "127.0.0.1", .port = proxy.port()};
  SECTION("which does not let us through") {
    verdict = 2;
    const auto contact = bench.look(target);
    CHECK(contact.trouble == ContactTrouble::proxy);
    CHECK(contact.at_proxy);
    CHECK(contact.peer == target.proxy->authority());
    CHECK_THAT(contact.detail, Catch::Contains("not allowed"));
  }
  SECTION("which lets us through to somebody who hangs up") {
    const auto contact = bench.look(target);
    CHECK(contact.trouble == ContactTrouble::cut);
    CHECK_FALSE(contact.at_proxy);
  }
  SECTION("which is not there") {
    target.proxy->port = closed_port();
    const auto contact = bench.look(target);
    CHECK(contact.trouble == ContactTrouble::refused);
    CHECK(contact.at_proxy);
  }
}
