#include "connectors/https/https_client.hpp"

#include <array>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "connectors/https/certificate.hpp"
#include "tests/unit/scripted_https.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using test::run;
using test::ScriptedHttps;

std::string pin_of(const std::filesystem::path& pem) {
  FILE* file = std::fopen(pem.c_str(), "r");
  REQUIRE(file != nullptr);
  X509* certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
  std::fclose(file);
  REQUIRE(certificate != nullptr);
  std::string pin = public_key_pin(*certificate);
  X509_free(certificate);
  return pin;
}

struct TlsSite {
  explicit TlsSite(ScriptedHttps::Handler handler) : server(io, files, std::move(handler)) {}

  Net2Tls by_ca() const { return {.ca = authority.ca().string(), .pins = {}, .server_name = {}}; }
  std::unique_ptr<HttpsClient> client(Net2Tls trust) {
    return make_https_client(io.get_executor(), Origin{"127.0.0.1", server.port()}, std::move(trust));
  }
  static HttpRequest get(std::string target = "/x") {
    HttpRequest request;
    request.target = std::move(target);
    request.connect = 2s;
    request.silence = 150ms;
    return request;
  }
  Result<HttpAnswer> fetch(HttpsClient& client, std::size_t limit = 100'000) {
    return run(io, client.fetch(get(), limit));
  }

  test::TestAuthority authority;
  test::CertificateFiles files = authority.issue_server();
  boost::asio::io_context io;
  ScriptedHttps server;
};

HttpsReply fine(const HttpsRequest&) {
  return answer(200, "[]");
}

}  // namespace

TEST_CASE("Requests share one connection that is kept open", "[https]") {
  TlsSite site(fine);
  auto client = site.client(site.by_ca());
  for (int i = 0; i < 3; ++i) {
    const auto got = site.fetch(*client);
    REQUIRE(got);
    CHECK(got->status == 200);
    CHECK(got->body == "[]");
  }
  CHECK(client->connections() == 1);
  CHECK(site.server.connections() == 1);
}

TEST_CASE("At most three requests are under way at a time", "[https]") {
  int most = 0;
  TlsSite site(fine);
  auto client = site.client(site.by_ca());
  int done = 0;
  std::array<std::optional<Result<HttpAnswer>>, 8> got;
  for (auto& one : got) {
    boost::asio::co_spawn(site.io, test::keep_result(client->fetch(TlsSite::get(), 100), one),
                          [&](const std::exception_ptr&) {
                            CHECK(one->ok());
                            most = std::max(most, site.server.connections());
                            if (++done == 8) site.io.stop();
                          });
  }
  site.io.run();
  CHECK(done == 8);
  CHECK(most == 3);
}

TEST_CASE("A server is believed by its CA and name", "[https][tls]") {
  TlsSite site(fine);
  SECTION("another CA's certificate is refused, and the words hold the pin to set") {
    const test::TestAuthority stranger("stranger");
    auto client = site.client({.ca = stranger.ca().string(), .pins = {}, .server_name = {}});
    const auto got = site.fetch(*client);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::tls);
    CHECK_THAT(got.error().detail, Catch::Contains(pin_of(site.files.cert)) && Catch::Contains("tls.ca"));
  }
  SECTION("another name is refused") {
    auto trust = site.by_ca();
    trust.server_name = "NET2PC";
    auto client = site.client(trust);
    const auto got = site.fetch(*client);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::tls);
    CHECK_THAT(got.error().detail, Catch::Contains("NET2PC") && Catch::Contains("tls.server_name"));
  }
  SECTION("server_name takes the place of the URL's host") {
    auto trust = site.by_ca();
    trust.server_name = "localhost";
    auto client = site.client(trust);
    CHECK(site.fetch(*client));
  }
  SECTION("a certificate may itself stand in the CA file") {
    auto client = site.client({.ca = site.files.cert.string(), .pins = {}, .server_name = {}});
    CHECK(site.fetch(*client));
  }
  SECTION("a CA file that is not there is our own fault") {
    auto client = site.client({.ca = "/nowhere/ca.pem", .pins = {}, .server_name = {}});
    const auto got = site.fetch(*client);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::invalid);
  }
  SECTION("without a CA and a pin nobody is believed") {
    auto client = site.client({});
    CHECK_FALSE(site.fetch(*client));
  }
}

TEST_CASE("An answer that promised no length ends with its connection, as small servers end it", "[https]") {
  using Then = HttpsReply::Then;
  struct Row {
    const char* when;
    const char* bytes;
    const char* body;  ///< nullptr: the answer is cut
  };
  const auto row = GENERATE(values<Row>({
      {"it has a body", "HTTP/1.0 200 OK\r\n\r\n[1]", "[1]"},
      {"it has none", "HTTP/1.0 200 OK\r\n\r\n", ""},
      {"it is HTTP/1.1", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1]", "[1]"},
      {"a length was promised", "HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n[1]", nullptr},
      {"chunks were promised", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n", nullptr},
      {"its head is cut", "HTTP/1.0 200 OK\r\nContent-", nullptr},
  }));
  DYNAMIC_SECTION("when " << row.when) {
    TlsSite site([&](const HttpsRequest&) { return HttpsReply{row.bytes, Then::cut}; });
    auto client = site.client(site.by_ca());
    const auto got = site.fetch(*client);
    REQUIRE(got.ok() == (row.body != nullptr));
    if (!got) {
      CHECK(got.error().code == Errc::incomplete);
      return;
    }
    CHECK(got->body == row.body);
    CHECK(got->size == got->body.size());
    CHECK(got->unsealed);
    CHECK(site.fetch(*client));
    CHECK(client->connections() == 1);  // that it ends was to be expected
  }
}

TEST_CASE("An expired certificate is refused by CA and taken by pin", "[https][tls]") {
  test::TestAuthority authority;
  boost::asio::io_context io;
  test::CertificateOrder order;
  order.addresses = {"127.0.0.1"};
  order.valid_from = -48h;
  order.valid_for = 24h;
  const auto files = authority.issue("old", order);
  ScriptedHttps server(io, files, fine);
  const Origin origin{"127.0.0.1", server.port()};
  auto strict = make_https_client(io.get_executor(), origin,
                                  {.ca = authority.ca().string(), .pins = {}, .server_name = {}});
  const auto refused = run(io, strict->fetch(TlsSite::get(), 100));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::tls);
  CHECK_THAT(refused.error().detail, Catch::Contains("expired"));

  auto pinned = make_https_client(io.get_executor(), origin,
                                  {.ca = {}, .pins = {pin_of(files.cert)}, .server_name = "other"});
  CHECK(run(io, pinned->fetch(TlsSite::get(), 100)));
}

TEST_CASE("A pin that does not fit is refused with the one that was seen", "[https][tls]") {
  TlsSite site(fine);
  const std::string wrong = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  auto client = site.client({.ca = {}, .pins = {wrong}, .server_name = {}});
  const auto got = site.fetch(*client);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::tls);
  CHECK_THAT(got.error().detail, Catch::Contains(wrong) && Catch::Contains(pin_of(site.files.cert)));

  auto second = site.client({.ca = {}, .pins = {wrong, pin_of(site.files.cert)}, .server_name = {}});
  CHECK(site.fetch(*second));
}

TEST_CASE("A fault of the answer is an error of its own kind", "[https]") {
  struct Row {
    const char* when;
    HttpsReply reply;
    Errc code;
  };
  using Then = HttpsReply::Then;
  const auto row = GENERATE(values<Row>({
      {"the body is cut off",
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,2", Then::cut},
       Errc::incomplete},
      {"the head is cut off", {"HTTP/1.1 200 OK\r\nConte", Then::cut}, Errc::incomplete},
      {"a chunk is cut off",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n[1,2", Then::cut},
       Errc::incomplete},
      {"nothing comes and the link is cut", {"", Then::cut}, Errc::unreachable},
      {"nothing comes at all", {"", Then::hang}, Errc::timeout},
      {"the body falls silent",
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,2", Then::hang},
       Errc::timeout},
      {"it is no HTTP", {"220 mail.example.com ESMTP\r\n\r\n", Then::keep}, Errc::malformed},
      {"it is longer than allowed", answer(200, std::string(200'000, ' ')), Errc::malformed},
  }));
  DYNAMIC_SECTION("when " << row.when) {
    TlsSite site([&](const HttpsRequest&) { return row.reply; });
    auto client = site.client(site.by_ca());
    const auto got = site.fetch(*client);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == row.code);
  }
}

TEST_CASE("A kept connection that the server has closed is replaced once", "[https]") {
  int asked = 0;
  TlsSite site([&](const HttpsRequest&) {
    // The second request on a connection dies without an answer, once.
    return ++asked == 2 ? HttpsReply{"", HttpsReply::Then::cut} : answer(200, "[]");
  });
  auto client = site.client(site.by_ca());
  REQUIRE(site.fetch(*client));
  SECTION("a GET is asked again over a new connection") {
    CHECK(site.fetch(*client));
    CHECK(client->connections() == 2);
  }
  SECTION("a POST is not: it may have been done") {
    auto request = TlsSite::get();
    request.method = "POST";
    const auto got = run(site.io, client->fetch(request, 100));
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::unreachable);
    CHECK(asked == 2);
  }
}

TEST_CASE("A body comes in pieces, and only that of a good answer goes to the sink", "[https]") {
  const std::string body(300'000, 'x');
  int status = GENERATE(200, 500);
  TlsSite site([&](const HttpsRequest&) { return answer(status, body); });
  auto client = site.client(site.by_ca());
  std::size_t taken = 0;
  std::size_t largest = 0;
  BodySink sink = [&](std::string_view piece) -> Task<Result<void>> {
    taken += piece.size();
    largest = std::max(largest, piece.size());
    co_return Result<void>{};
  };
  const auto got = run(site.io, client->stream(TlsSite::get(), sink));
  REQUIRE(got);
  CHECK(got->status == status);
  CHECK(taken == (status == 200 ? body.size() : 0));
  CHECK(largest <= 65'536);
  CHECK(got->body.size() <= 65'536);
}

TEST_CASE("A cancelled request ends at once", "[https]") {
  TlsSite site([](const HttpsRequest&) { return HttpsReply{"", HttpsReply::Then::hang}; });
  auto client = site.client(site.by_ca());
  auto request = TlsSite::get();
  request.silence = 1h;
  boost::asio::cancellation_signal stop;
  std::optional<Result<HttpAnswer>> got;
  boost::asio::co_spawn(
      site.io, test::keep_result(client->fetch(request, 100), got),
      boost::asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr&) { site.io.stop(); }));
  while (site.server.lines().empty()) site.io.run_one();
  stop.emit(boost::asio::cancellation_type::terminal);
  site.io.run_for(1s);
  REQUIRE(got);
  REQUIRE_FALSE(*got);
  CHECK(got->error().code == Errc::cancelled);
}

TEST_CASE("Nobody listening is unreachable", "[https]") {
  boost::asio::io_context io;
  std::uint16_t port = 0;
  {
    boost::asio::ip::tcp::acceptor gone(io, {boost::asio::ip::address_v4::loopback(), 0});
    port = gone.local_endpoint().port();
  }
  auto client = make_https_client(io.get_executor(), Origin{"127.0.0.1", port},
                                  {.ca = {}, .pins = {"sha256/x"}, .server_name = {}});
  const auto got = run(io, client->fetch(TlsSite::get(), 100));
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::unreachable);
  CHECK(client->connections() == 0);
}

}  // namespace gatehouse
