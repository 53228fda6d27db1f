// The LAN interface against clients who behave, and clients who do not (contract.md §7).

#include <array>

#include <catch2/catch.hpp>

#include "tests/unit/lan_case.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::LanCaller;
using test::LanCase;

LanTuning impatient() {
  LanTuning tuning;
  tuning.patience.handshake = 200ms;
  tuning.patience.idle = 300ms;
  tuning.patience.head = 200ms;
  tuning.patience.piece = 200ms;
  tuning.patience.body = 400ms;
  return tuning;
}

const std::string health = LanCase::request("GET /v1/health");

}  // namespace

TEST_CASE("A body is read as what it must be, whatever type its sender gives it", "[lan]") {
  LanCase lan;
  const auto type = GENERATE(as<std::string>(), "", "Content-Type: application/x-www-form-urlencoded\r\n",
                             "Content-Type: text/plain; charset=utf-8\r\n", "Content-Type: \r\n");
  CHECK(lan.ask(LanCase::request("POST /v1/sign-in", "{}", "Idempotency-Key: k\r\n" + type)).status == 200);
  CHECK(lan.desk.seen().size() == 1);
  CHECK(lan.ask(LanCase::request("PUT /v1/feeds/cctv", R"({"end":true,"count":0})", type)).status == 202);
  CHECK(lan.dropped().size() == 1);
}

TEST_CASE("Several requests go over one connection, pipelined ones too", "[lan]") {
  LanCase lan;
  auto caller = lan.call();
  CHECK(caller.ask(health).body == R"({"ready":true})");
  caller.send(LanCase::sign_in("k1", "{\"a\":1}") + LanCase::request("GET /v1/muster?site=hq") + health);
  const auto signed_in = caller.read();
  CHECK(signed_in.status == 200);
  CHECK(signed_in.head.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(signed_in.head.find("Cache-Control: no-store\r\n") != std::string::npos);
  CHECK(caller.read().body == R"({"site":"hq"})");
  CHECK(caller.read().status == 200);
  CHECK(lan.desk.seen() == std::vector<std::string>{"reception k1 {\"a\":1}"});
}

TEST_CASE("What is not in order has its own status, and a problem to read", "[lan]") {
  struct Row {
    const char* name;
    std::string request;
    int status;
    std::string head;  ///< must be there
  };
  const std::string key = "Idempotency-Key: k\r\n";
  const std::string json = "Content-Type: application/json\r\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"no token", "GET /v1/health HTTP/1.1\r\nHost: g\r\n\r\n", 401, "WWW-Authenticate: Bearer"},
      {"wrong token", "GET /v1/health HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer nope\r\n\r\n", 401,
       "error=\"invalid_token\""},
      {"two tokens", LanCase::request("GET /v1/health", "", "Authorization: Bearer x\r\n"), 401, ""},
      {"basic", "GET /v1/health HTTP/1.1\r\nHost: g\r\nAuthorization: Basic eDp5\r\n\r\n", 401, ""},
      {"nowhere", LanCase::request("GET /v1/nowhere"), 404, ""},
      {"unknown feed path", LanCase::request("PUT /v1/feeds/a/b"), 404, ""},
      {"method", LanCase::request("GET /v1/sign-in"), 405, "Allow: POST\r\n"},
      {"DELETE", LanCase::request("DELETE /v1/feeds/cctv"), 405, "Allow: PUT\r\n"},
      {"OPTIONS", LanCase::request("OPTIONS /v1/muster"), 405, "Allow: GET\r\n"},
      {"CONNECT", LanCase::request("CONNECT gate:443"), 404, ""},
      {"own method", LanCase::request("OPEN /v1/sign-in"), 405, ""},
      {"no length", LanCase::request("POST /v1/sign-in", "", json + key), 411, ""},
      {"large", LanCase::request("POST /v1/sign-in", "", json + key + "Content-Length: 65537\r\n"), 413, ""},
      {"huge", LanCase::request("POST /v1/sign-in", "", json + key + "Content-Length: 99999999999\r\n"), 413,
       ""},
      {"encoding", LanCase::request("POST /v1/sign-in", "{}", json + key + "Content-Encoding: gzip\r\n"), 415,
       ""},
      {"no key", LanCase::request("POST /v1/sign-in", "{}", json), 400, ""},
      {"two keys", LanCase::request("POST /v1/sign-in", "{}", json + key + key), 400, ""},
      {"long key", LanCase::sign_in(std::string(65, 'k')), 400, ""},
      {"blank in the key", LanCase::sign_in("a b"), 400, ""},
      {"key beyond ASCII", LanCase::sign_in("k\xC3\xA9"), 400, ""},
      {"query", LanCase::request("GET /v1/muster?site=a&site=b"), 400, ""},
      {"body of a GET", LanCase::request("GET /v1/health", "x"), 400, ""},
      {"a feed of somebody else", LanCase::request("PUT /v1/feeds/other", "x"), 403, ""},
      {"two lengths", LanCase::request("POST /v1/sign-in", "{}", json + key + "Content-Length: 3\r\n"), 400,
       ""},
      {"garbage", std::string("\x01\x02 no HTTP at all\r\n\r\n"), 400, ""},
      {"old HTTP", "GET /v1/health HTTP/3.7\r\n\r\n", 505, ""},
      {"huge head", LanCase::request("GET /v1/health", "", "X: " + std::string(9000, 'x') + "\r\n"), 431, ""},
  }));
  LanCase lan;
  const auto said = lan.ask(row.request);
  INFO(row.name << "\n" << said.head << said.body);
  CHECK(said.status == row.status);
  CHECK(said.head.find(row.head) != std::string::npos);
  CHECK(said.head.find("Content-Type: application/problem+json\r\n") != std::string::npos);
  CHECK(said.body.find("\"status\":" + std::to_string(row.status)) != std::string::npos);
  CHECK(said.body.find("\"title\":") != std::string::npos);
  CHECK(lan.desk.seen().empty());
  CHECK(lan.log.all().find(test::lan_token) == std::string::npos);
  CHECK(lan.ask(health).status == 200);  // it serves on
}

TEST_CASE("HEAD is refused without a body", "[lan]") {
  LanCase lan;
  auto caller = lan.call();
  caller.send(LanCase::request("HEAD /v1/health", "", "Connection: close\r\n"));
  CHECK(caller.read().status == 405);
  CHECK(caller.ended());
}

TEST_CASE("A body in chunks is read, and one that grows too long is refused", "[lan]") {
  LanCase lan;
  const std::string head =
      LanCase::request("POST /v1/sign-in", "",
                       "Content-Type: application/json; charset=utf-8\r\nIdempotency-Key: "
                       "k\r\nTransfer-Encoding: chunked\r\n");
  CHECK(lan.ask(head + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n").status == 200);
  CHECK(lan.desk.seen() == std::vector<std::string>{"reception k {}"});
  std::string long_body;
  for (int i = 0; i < 9; ++i) long_body += "2000\r\n" + std::string(8192, 'x') + "\r\n";
  CHECK(lan.ask(head + long_body + "0\r\n\r\n").status == 413);
  CHECK(lan.desk.seen().size() == 1);
}

TEST_CASE("Slow clients lose their connection", "[lan]") {
  LanCase lan(impatient());
  const auto began = std::chrono::steady_clock::now();
  SECTION("no TLS at all") {
    LanCaller caller(lan.port);
    std::array<char, 1> byte{};
    boost::system::error_code error;
    caller.socket().read_some(boost::asio::buffer(byte), error);
    CHECK(error != boost::asio::error::try_again);
    CHECK(error);
  }
  SECTION("nothing asked") {
    CHECK(lan.call().ended());
  }
  SECTION("half a head") {
    auto caller = lan.call();
    caller.send("GET /v1/health HTTP/1.1\r\nHo");
    CHECK(caller.read().status == 0);
    CHECK(caller.ended());
  }
  SECTION("half a body") {
    auto caller = lan.call();
    caller.send(LanCase::request("POST /v1/sign-in", "",
                                 "Content-Type: application/json\r\nIdempotency-Key: k\r\nContent-Length: "
                                 "9\r\n") +
                "{");
    CHECK(caller.read().status != 200);
    CHECK(caller.ended());
    CHECK(lan.desk.seen().empty());
  }
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("What is no TLS is turned away", "[lan]") {
  LanCase lan;
  LanCaller caller(lan.port);
  boost::asio::write(caller.socket(), boost::asio::buffer(std::string("GET / HTTP/1.1\r\nHost: g\r\n\r\n")));
  std::array<char, 256> bytes{};
  boost::system::error_code error;
  while (!error) caller.socket().read_some(boost::asio::buffer(bytes), error);
  CHECK(error != boost::asio::error::try_again);
  CHECK(lan.ask(health).status == 200);
}

TEST_CASE("A thousand connections keep nobody out", "[lan]") {
  LanTuning tuning;
  tuning.connections = 32;
  tuning.rates.connection = {.count = 5000, .per = 1s};
  LanCase lan(tuning);
  auto kiosk = lan.call();
  REQUIRE(kiosk.ask(health).status == 200);
  {
    boost::asio::io_context io;
    std::vector<boost::asio::ip::tcp::socket> crowd;
    for (int i = 0; i < 1000; ++i) {
      // Not all at once: the machine's own limit of descriptors is not the question.
      if (crowd.size() >= 200) crowd.erase(crowd.begin());
      boost::system::error_code ignored;
      crowd.emplace_back(io).connect({boost::asio::ip::address_v4::loopback(), lan.port}, ignored);
    }
    // Who has shown a token is the last to go.
    CHECK(kiosk.ask(health).status == 200);
    CHECK(lan.ask(health).status == 200);
  }
  CHECK(lan.ask(health).status == 200);
}

TEST_CASE("Who asks too often waits, and strangers never cost a client its turn", "[lan]") {
  LanTuning tuning;
  tuning.rates.client = {.count = 6, .per = 1h};
  tuning.rates.stranger = {.count = 3, .per = 1h};
  LanCase lan(tuning);
  const std::string wrong = "GET /v1/health HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer nope\r\n\r\n";
  for (int i = 0; i < 3; ++i) CHECK(lan.ask(wrong).status == 401);
  for (int i = 0; i < 3; ++i) {
    const auto said = lan.ask(wrong);
    CHECK(said.status == 429);
    CHECK(said.head.find("Retry-After: 1200\r\n") != std::string::npos);
  }
  for (int i = 0; i < 6; ++i) CHECK(lan.ask(health).status == 200);
  CHECK(lan.ask(health).status == 429);
  CHECK(lan.ask(LanCase::sign_in("k")).status == 429);
  CHECK(lan.desk.seen().empty());
}

TEST_CASE("S2-4: a snapshot arrives whole in the feed's directory, or not at all", "[lan][feed]") {
  LanTuning tuning = impatient();
  tuning.rates.feed = {.count = 100, .per = 1s};
  LanCase lan(tuning);
  std::string body;
  for (int i = 0; i < 20'000; ++i) body += "{\"external_id\":\"" + std::to_string(i) + "\"}\n";
  const std::string end = "{\"end\":true,\"count\":20000}";
  const auto put = [](const std::string& text, const std::string& more = {}) {
    return LanCase::request("PUT /v1/feeds/cctv", text, "Content-Type: application/jsonl\r\n" + more);
  };
  SECTION("whole") {
    const std::string tail = GENERATE("", "\n", "\r\n\r\n");
    CHECK(lan.ask(put(body + end + tail)).status == 202);
    REQUIRE(lan.dropped().size() == 1);
    const auto name = lan.dropped()[0];
    CHECK(name.starts_with("lan-"));
    CHECK(name.ends_with(".jsonl"));
    std::ifstream file(lan.desk.directory + "/" + name, std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == body + end + tail);
  }
  SECTION("for one who waits to be told to go on") {
    auto caller = lan.call();
    const auto whole = put(body + end, "Expect: 100-continue\r\n");
    const auto head = whole.find("\r\n\r\n") + 4;
    CHECK(caller.ask(whole.substr(0, head)).status == 100);
    CHECK(caller.ask(whole.substr(head)).status == 202);
    CHECK(lan.dropped().size() == 1);
  }
  SECTION("without its end line") {
    const std::string last = GENERATE("", "{\"end\":true}", "{\"end\":false,\"count\":1}",
                                      "{\"end\":true,\"count\":20000}x", "{\"end\":true,\"count\":19999}");
    const auto said = lan.ask(put(body + last));
    CHECK(said.status == 400);
    CHECK(said.head.find("application/problem+json") != std::string::npos);
    CHECK(lan.dropped().empty());
  }
  SECTION("with a line that is none") {
    const std::string line = GENERATE("{\"external_id\":\"x\"", "x", "{}", "{\"external_id\":\"7\"}",
                                      "{\"end\":true,\"count\":20000}");
    const auto said = lan.ask(put(body + line + "\n" + end));
    CHECK(said.status == 400);
    CHECK(said.body.find("line 2000") != std::string::npos);
    CHECK(lan.dropped().empty());
    CHECK(lan.ask(health).status == 200);
  }
  SECTION("cut short") {
    {
      auto caller = lan.call();
      caller.send(put(body + end).substr(0, body.size() / 2));
    }
    CHECK(lan.ask(health).status == 200);
    auto caller = lan.call();
    caller.send(put(body + end).substr(0, body.size() / 2));
    CHECK(caller.ended());  // too slow
    // The connection ends a moment before what it was for.
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (!lan.dropped().empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(lan.dropped().empty());
  }
  SECTION("too large") {
    CHECK(lan.ask(put("", "Content-Length: 67108865\r\n")).status == 413);
    CHECK(lan.dropped().empty());
  }
  SECTION("with nowhere to go") {
    std::filesystem::remove(lan.desk.directory);
    const auto said = lan.ask(put(body + end));
    CHECK(said.status == 503);
    CHECK(said.head.find("Retry-After: ") != std::string::npos);
    CHECK(said.body.find(lan.desk.directory) == std::string::npos);
    std::filesystem::create_directory(lan.desk.directory);
  }
}

TEST_CASE("Tokens are known by their hash alone", "[lan]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::vector<LanClient> clients(2);
  clients[0].id = LanClientId("a");
  clients[0].token_sha256 = sha256_hex("one");
  clients[1].id = LanClientId("b");
  clients[1].token_sha256 = sha256_hex("two");
  CHECK(find_lan_client(clients, "one") == &clients[0]);
  CHECK(find_lan_client(clients, "two") == &clients[1]);
  CHECK(find_lan_client(clients, clients[0].token_sha256) == nullptr);
  CHECK(find_lan_client(clients, "") == nullptr);
}

TEST_CASE("A listener that cannot be says why", "[lan]") {
  LanCase lan;
  boost::asio::io_context io;
  LanApi settings;
  settings.listen = {"127.0.0.1", lan.port};
  settings.cert = lan.files.cert.string();
  std::string key = lan.files.key_pem();
  const auto open = [&] {
    auto opened = LanServer::open(settings, key,
                                  {.executor = io.get_executor(),
                                   .worker = io.get_executor(),
                                   .desk = lan.desk,
                                   .check_feed = {},
                                   .clock = lan.clock,
                                   .log = lan.log});
    return opened ? Error{Errc::cancelled, "opened"} : opened.error();
  };
  CHECK(open().code == Errc::unreachable);
  CHECK_THAT(open().detail, Catch::Contains("lan_api.listen"));
  key = lan.authority.issue_server("other").key_pem();
  CHECK_THAT(open().detail, Catch::Contains("lan_api.tls.key"));
  settings.cert = "/nowhere.pem";
  CHECK_THAT(open().detail, Catch::Contains("lan_api.tls.cert"));
}

}  // namespace gatehouse
