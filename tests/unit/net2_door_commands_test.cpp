// Doors moved by Net2: at most once, and never later than was said.

#include <algorithm>
#include <array>
#include <filesystem>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/scripted_net2.hpp"
#include "tests/unit/simulated_net2.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using test::run;
using test::token_line;
using Net2 = test::ScriptedNet2;
using State = DoorCommandState;

const std::string open_line = "POST /api/v1/commands/door/open";
const std::string doors_line = "GET /api/v1/doors";

DoorOrder order_at(const test::HandClock& clock, Duration within = 10s) {
  return {.door = Net2DoorId(6203980),
          .action = DoorAction::open,
          .open_time = std::nullopt,
          .deadline = clock.up + within};
}

DoorAnswer command(Net2& net2, DoorOrder order) {
  return run(net2.io, net2.source->doors().command(order));
}

/// Something to say where a test only wants the token to be there.
void sign_in(Net2& net2) {
  net2.say(doors_line, 200, "[]");
  REQUIRE(run(net2.io, net2.source->read_doors()));
}

HttpsReply silence() {
  return {.bytes = "", .then = HttpsReply::Then::hang};
}

}  // namespace

TEST_CASE("S1-16: each command is one POST of what Net2 understands, and is noted", "[net2][door]") {
  struct Row {
    DoorAction action;
    std::optional<Duration> open_time;
    const char* route;
    const char* body;
  };
  const auto row = GENERATE(values<Row>({
      {DoorAction::open, std::nullopt, "/open", R"({"doorId":6203980})"},
      {DoorAction::open, 8s, "/control",
       R"({"DoorId":6203980,"RelayFunction":{"RelayId":"Relay1","RelayAction":"TimedOpen","RelayOpenTime":8000}})"},
      {DoorAction::hold, 60s, "/holdopen", R"({"doorId":6203980})"},
      {DoorAction::close, std::nullopt, "/close", R"({"doorId":6203980})"},
  }));
  Net2 net2;
  const std::string line = std::string("POST /api/v1/commands/door") + row.route;
  std::string body;
  std::string head;
  const std::string said = GENERATE(R"({"output":{"errors":[]}})", "", "OK");
  net2.say(line, [&](const HttpsRequest& request) {
    body = request.body;
    head = request.head;
    return answer(200, said);
  });
  auto order = order_at(net2.clock);
  order.action = row.action;
  order.open_time = row.open_time;
  const auto got = command(net2, order);
  CHECK(got == DoorAnswer{.state = State::sent, .why = {}});
  CHECK(body == row.body);
  CHECK(head.find("Authorization: Bearer T1\r\n") != std::string::npos);
  CHECK(head.find("Content-Type: application/json") != std::string::npos);
  CHECK(net2.asked(line) == 1);
  REQUIRE(net2.calls.size() == 2);
  CHECK(net2.calls[1].verb + ' ' + net2.calls[1].path == line);
  CHECK(net2.calls[1].status == 200);
}

TEST_CASE("S1-16: only a 4xx is failed; any other answer may have opened the door", "[net2][door]") {
  const auto [status, body, state] = GENERATE(table<int, const char*, State>({
      {201, "", State::sent},
      {204, "", State::sent},
      {200, R"({"output":{"errors":["no such relay"]}})", State::unknown},
      {200, "\xEF\xBB\xBF\r\n<html>Net2</html>", State::unknown},
      {302, "", State::unknown},
      {400, R"({"message":"no"})", State::failed},
      {403, "", State::failed},
      {404, "", State::failed},
      {408, "", State::unknown},
      {429, "", State::failed},
      {500, "", State::unknown},
      {503, "", State::unknown},
  }));
  Net2 net2;
  net2.say(open_line, status, body);
  const auto got = command(net2, order_at(net2.clock));
  INFO(status << ' ' << got.why);
  CHECK(got.state == state);
  CHECK(got.why.empty() == (state == State::sent));
  CHECK(net2.asked(open_line) == 1);
}

TEST_CASE("S1-16: Net2 has answered once its status line is whole and no more was promised", "[net2][door]") {
  Net2 net2;
  const std::string body = GENERATE("", "{}");
  net2.say(open_line, [&](const auto&) {
    return HttpsReply{"HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6\r\n\r\n" + body, HttpsReply::Then::cut};
  });
  CHECK(command(net2, order_at(net2.clock)).state == State::sent);
  CHECK(net2.asked(open_line) == 1);
}

TEST_CASE("S1-16: a cut or silent connection is unknown, and nothing is repeated", "[net2][door]") {
  Net2 net2;
  sign_in(net2);  // over the connection that the command then uses
  const auto then = GENERATE(HttpsReply::Then::cut, HttpsReply::Then::hang);
  const std::string piece = GENERATE("", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
  net2.say(open_line, [&](const auto&) { return HttpsReply{.bytes = piece, .then = then}; });
  const auto got = command(net2, order_at(net2.clock));
  CHECK(got.state == State::unknown);
  CHECK_FALSE(got.why.empty());
  CHECK(net2.asked(open_line) == 1);
  CHECK(net2.server.connections() == 1);

  // Neither is it by what follows.
  net2.say(doors_line, 200, "[]");
  CHECK(run(net2.io, net2.source->read_doors()));
  CHECK(net2.asked(open_line) == 1);
}

TEST_CASE("S1-16: a connection that the server has closed meanwhile loses no command", "[net2][door]") {
  Net2 net2;
  net2.say(doors_line, [](const auto&) {
    auto said = answer(200, "[]");
    said.then = HttpsReply::Then::cut;
    return said;
  });
  net2.say(open_line, 200, "");
  REQUIRE(run(net2.io, net2.source->read_doors()));
  CHECK(command(net2, order_at(net2.clock)).state == State::sent);
  CHECK(net2.asked(open_line) == 1);
  CHECK(net2.server.connections() == 2);
}

TEST_CASE("S1-16: no connection is failed: nothing was written", "[net2][door]") {
  Net2 net2;
  const bool signed_in = GENERATE(true, false);
  if (signed_in) {
    net2.say(token_line, [](const auto&) {
      auto said = answer(200, R"({"access_token":"T","token_type":"bearer","expires_in":1800})");
      said.then = HttpsReply::Then::cut;
      return said;
    });
    REQUIRE(run(net2.io, net2.source->token()));
  }
  // Whoever answers now has another certificate.
  const test::TestAuthority other("another CA");
  std::filesystem::copy_file(other.ca(), net2.authority.ca(),
                             std::filesystem::copy_options::overwrite_existing);
  const auto got = command(net2, order_at(net2.clock));
  CHECK(got.state == State::failed);
  CHECK_FALSE(got.why.empty());
  CHECK(net2.asked(open_line) == 0);
}

TEST_CASE("S1-16: after its deadline nothing is sent, not even for a token", "[net2][door]") {
  Net2 net2;
  const auto got = command(net2, order_at(net2.clock, 0ms));
  CHECK(got == DoorAnswer{.state = State::not_sent, .why = "late"});
  CHECK(net2.server.lines().empty());
  CHECK(net2.server.connections() == 0);
}

TEST_CASE("S1-16: no opening comes late because signing in took long", "[net2][door]") {
  Net2 net2;
  net2.say(open_line, 200, "");
  SECTION("the first time") {
    net2.say(token_line, [](const auto&) { return silence(); });
    const auto began = std::chrono::steady_clock::now();
    const auto got = command(net2, order_at(net2.clock, 60ms));
    CHECK(got == DoorAnswer{.state = State::not_sent, .why = "late"});
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    CHECK(net2.asked(open_line) == 0);
  }
  SECTION("while the time passes") {
    net2.say(token_line, [&](const auto&) {
      net2.clock.up += 11s;
      return answer(200, R"({"access_token":"T","token_type":"bearer","expires_in":1800})");
    });
    CHECK(command(net2, order_at(net2.clock)) == DoorAnswer{.state = State::not_sent, .why = "late"});
    CHECK(net2.asked(open_line) == 0);
    // The connection is as good as before.
    CHECK(command(net2, order_at(net2.clock)).state == State::sent);
    CHECK(net2.server.connections() == 1);
  }
  SECTION("after Net2 refused the token") {
    sign_in(net2);
    net2.say(open_line, [&](const auto&) {
      net2.say(token_line, [](const auto&) { return silence(); });
      return answer(401, "");
    });
    const auto got = command(net2, order_at(net2.clock, 100ms));
    CHECK(got.state == State::failed);
    CHECK_THAT(got.why, Catch::Contains("401"));
    CHECK(net2.asked(open_line) == 1);
  }
  SECTION("and an old token is good enough") {
    sign_in(net2);
    net2.clock.up += 29min;
    net2.say(token_line, [](const auto&) { return silence(); });
    CHECK(command(net2, order_at(net2.clock)).state == State::sent);
    CHECK(net2.forms.size() == 1);
  }
}

TEST_CASE("S1-16: a refused token is replaced once, and only within the deadline", "[net2][door]") {
  Net2 net2;
  const bool for_ever = GENERATE(true, false);
  const bool slow = GENERATE(true, false);
  net2.say(open_line, [&](const HttpsRequest& request) {
    if (slow) net2.clock.up += 11s;
    const bool old = request.head.find("Bearer T1\r\n") != std::string::npos;
    return old || for_ever ? answer(401, "") : answer(200, "");
  });
  const auto got = command(net2, order_at(net2.clock));
  CHECK(got.state == (for_ever || slow ? State::failed : State::sent));
  CHECK(net2.asked(open_line) == (slow ? 1 : 2));
}

TEST_CASE("S1-16: refused credentials are failed, and say what to mend", "[net2][door]") {
  Net2 net2;
  net2.say(token_line, 400, R"({"error":"invalid_client"})");
  const auto got = command(net2, order_at(net2.clock));
  CHECK(got.state == State::failed);
  CHECK_THAT(got.why, Catch::Contains("licence"));
  CHECK(net2.asked(open_line) == 0);
}

TEST_CASE("S1-16: a door waits behind no reading", "[net2][door]") {
  Net2 net2;
  sign_in(net2);
  net2.say(doors_line, [](const auto&) { return silence(); });
  net2.say(open_line, 200, "");
  std::array<std::optional<Result<std::vector<SourceDoor>>>, 5> reads;
  for (auto& read : reads)
    boost::asio::co_spawn(net2.io, test::keep_result(net2.source->read_doors(), read), boost::asio::detached);
  net2.io.restart();
  while (net2.asked(doors_line) < 4) net2.io.run_one();  // all three connections are taken
  CHECK(command(net2, order_at(net2.clock)).state == State::sent);
  for (const auto& read : reads) CHECK_FALSE(read);
  net2.say(doors_line, 200, "[]");
  net2.io.restart();
  while (std::ranges::any_of(reads, [](const auto& read) { return !read; })) net2.io.run_one();
}

TEST_CASE("S1-16: a command that is cancelled is unknown once something was written", "[net2][door]") {
  Net2 net2;
  net2.say(open_line, [](const auto&) { return silence(); });
  const bool written = GENERATE(true, false);
  if (!written) net2.say(token_line, [](const auto&) { return silence(); });
  boost::asio::cancellation_signal stop;
  std::optional<DoorAnswer> got;
  boost::asio::co_spawn(
      net2.io, test::keep_result(net2.source->doors().command(order_at(net2.clock)), got),
      boost::asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr&) { net2.io.stop(); }));
  while (net2.asked(written ? open_line : std::string(token_line)) == 0) net2.io.run_one();
  stop.emit(boost::asio::cancellation_type::terminal);
  net2.io.run_for(1s);
  REQUIRE(got);
  CHECK(got->state == (written ? State::unknown : State::failed));
}

TEST_CASE("S1-16: the simulator's door opens and locks again", "[net2][door]") {
  test::SimulatedNet2 net2(1);
  auto& door = net2.world.doors.all.front();
  door.open_time = 40;
  auto order = order_at(net2.clock);
  order.door = Net2DoorId(door.address);
  const auto now = [&](DoorAction action) {
    order.action = action;
    return run(net2.io, net2.link->doors().command(order)).state;
  };
  const auto wait_for = [&](bool relay) {
    net2.io.restart();
    while (door.relay_open != relay && net2.io.run_one() != 0) {
    }
  };
  CHECK(now(DoorAction::open) == State::sent);
  CHECK(door.relay_open);
  wait_for(false);
  order.open_time = 30ms;
  door.open_time = 3'600'000;
  CHECK(now(DoorAction::open) == State::sent);
  CHECK(door.relay_open);
  wait_for(false);
  CHECK(door.opens == 2);
  CHECK(now(DoorAction::hold) == State::sent);
  CHECK(door.hold);
  CHECK(now(DoorAction::close) == State::sent);
  CHECK_FALSE(door.relay_open);
  CHECK(door.commands == 4);
  order.door = Net2DoorId(1);
  CHECK(now(DoorAction::open) == State::failed);
}

}  // namespace gatehouse
