#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include "connectors/signalr/live_feed.hpp"
#include "tests/unit/scripted_https.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsRequest;

struct Rings final : LiveListener {
  void on_live() override { ++live; }
  void on_event() override { ++events; }
  void on_door_status() override { ++doors; }
  int live = 0;
  int events = 0;
  int doors = 0;
};

struct Hub {
  Hub() : server(io, files, [this](const HttpsRequest& request) { return serve(request); }) {
    settings.url = server.url();
    settings.tls.ca = authority.ca().string();
    auto get = [this]() -> Task<Result<std::string>> {
      co_return Result<std::string>("token" + std::to_string(dropped));
    };
    auto made = make_live_feed(io.get_executor(), settings, {get, [this](const std::string&) { ++dropped; }},
                               log, {.connect = 2s, .answer = 300ms, .without_keep_alive = 300ms});
    REQUIRE(made);
    feed = std::move(*made);
  }
  test::HttpsReply serve(const HttpsRequest& request) {
    if (request.line.starts_with("GET /signalr/negotiate") && negotiate_status == 401 && dropped > 0)
      return negotiated();
    if (request.line.starts_with("GET /signalr/negotiate")) {
      return negotiate_status == 200 ? negotiated() : answer(negotiate_status, "");
    }
    return request.line.starts_with("GET /signalr/start") ? answer(200, started) : answer(404, "");
  }
  static test::HttpsReply negotiated() {
    return answer(
        200,
        R"({"ConnectionToken":"AQ+/==","KeepAliveTimeout":0.15,"TryWebSockets":true,"ProtocolVersion":"1.5"})");
  }
  Error listen(std::vector<Net2DoorId> doors = {}) {
    return test::run(io, feed->listen(std::move(doors), rings));
  }

  test::TestAuthority authority;
  test::CertificateFiles files = authority.issue_server();
  boost::asio::io_context io;
  test::ScriptedHttps server;
  test::KeptLog log;
  Net2Server settings;
  Rings rings;
  int dropped = 0;
  int negotiate_status = 200;
  std::string started = R"({"Response":"started"})";
  std::unique_ptr<LiveFeed> feed;
};

const std::string init = R"({"C":"d-1","S":1,"M":[]})";
const std::string event =
    R"({"C":"d-2","M":[{"H":"EventHubLocal","M":"liveEvents","A":[[{"eventType":20}]]}]})";
const std::string door =
    R"({"C":"d-3","M":[{"H":"EventHubLocal","M":"doorStatusEvents","A":[{"doorId":1}]}]})";
using Frames = std::vector<std::string>;

}  // namespace

TEST_CASE("The feed subscribes, rings, and ends with the link", "[signalr]") {
  Hub hub;
  std::vector<std::string> calls;
  hub.server.on_frame = [&](const std::string& frame) -> std::optional<Frames> {
    if (frame.empty()) return Frames{"{}", init};
    calls.push_back(frame);
    if (frame.find("subscribeToLiveEvents") != std::string::npos)
      return Frames{R"({"I":"0"})", event, "rubbish", "{}"};
    if (frame.find("\"7\"") != std::string::npos) return Frames{R"({"I":"1","E":"no such door"})", door};
    return std::nullopt;
  };
  const auto ended = hub.listen({Net2DoorId(7), Net2DoorId(8)});
  CHECK(ended.code == Errc::unreachable);
  CHECK(hub.rings.live == 1);
  CHECK(hub.rings.events == 1);
  CHECK(hub.rings.doors == 1);
  CHECK(calls.size() == 3);
  CHECK(hub.log.lines.size() == 1);
  CHECK_THAT(hub.server.lines()[1], Catch::StartsWith("GET /signalr/connect?transport=webSockets") &&
                                        Catch::Contains("connectionToken=AQ%2B%2F%3D%3D"));
}

TEST_CASE("A feed that falls silent is lost", "[signalr]") {
  Hub hub;
  hub.server.on_frame = [&](const std::string& frame) -> std::optional<Frames> {
    return frame.empty() ? Frames{init} : Frames{R"({"I":"0"})"};
  };
  const auto ended = hub.listen();
  CHECK(ended.code == Errc::timeout);
  CHECK(hub.rings.live == 1);
}

TEST_CASE("A feed that does not come up says why", "[signalr]") {
  Hub hub;
  Errc expected = Errc::malformed;
  hub.server.on_frame = [&](const std::string& frame) -> std::optional<Frames> {
    return frame.empty() ? Frames{init} : Frames{R"({"I":"0","E":"no hub"})"};
  };
  SECTION("no /signalr") {
    hub.negotiate_status = 404;
    expected = Errc::not_found;
  }
  SECTION("the server is starting") {
    hub.negotiate_status = 502;
    expected = Errc::busy;
  }
  SECTION("not started") {
    hub.started = R"({"Response":"no"})";
  }
  SECTION("no init frame") {
    hub.server.on_frame = [](const std::string&) -> std::optional<Frames> { return Frames{}; };
    expected = Errc::timeout;
  }
  SECTION("no WebSocket there") {
    hub.server.on_frame = nullptr;
    expected = Errc::not_found;
  }
  SECTION("the subscription is refused") {
    expected = Errc::refused;
  }
  SECTION("a message that is too long") {
    hub.server.on_frame = [](const std::string& frame) -> std::optional<Frames> {
      if (frame.empty()) return Frames{init};
      return std::nullopt;
    };
    expected = Errc::unreachable;
  }
  const auto ended = hub.listen();
  CHECK(ended.code == expected);
  CHECK(hub.rings.live == 0);
}

TEST_CASE("A token that the feed refuses is replaced once", "[signalr]") {
  Hub hub;
  hub.negotiate_status = 401;
  hub.server.on_frame = [&](const std::string& frame) -> std::optional<Frames> {
    if (frame.empty()) return Frames{init};
    return Frames{R"({"I":"0"})", R"({"T":1})"};
  };
  const auto ended = hub.listen();
  CHECK(hub.dropped == 1);
  CHECK(hub.rings.live == 1);
  CHECK_THAT(ended.detail, Catch::Contains("connect anew"));
}

TEST_CASE("A cancelled feed ends at once", "[signalr]") {
  Hub hub;
  boost::asio::cancellation_signal stop;
  hub.server.on_frame = [&](const std::string& frame) -> std::optional<Frames> {
    if (frame.empty()) return Frames{init};
    boost::asio::post(hub.io, [&stop] { stop.emit(boost::asio::cancellation_type::terminal); });
    return Frames{};
  };
  std::optional<Error> ended;
  boost::asio::co_spawn(
      hub.io, test::keep_result(hub.feed->listen({}, hub.rings), ended),
      boost::asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr&) { hub.io.stop(); }));
  hub.io.run_for(2s);
  REQUIRE(ended);
  CHECK(ended->code == Errc::cancelled);
}

}  // namespace gatehouse
