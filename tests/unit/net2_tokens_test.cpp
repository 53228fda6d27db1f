#include <array>

#include <catch2/catch.hpp>

#include "tests/unit/scripted_net2.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using test::run;
using Net2 = test::ScriptedNet2;

using test::token_line;
const std::string doors = "GET /api/v1/doors";

}  // namespace

TEST_CASE("One sign-in serves many reads until it is nearly over", "[net2][token]") {
  Net2 net2;
  net2.say(doors, 200, R"([{"name":"Front door ","id":1000001}])");
  for (int i = 0; i < 3; ++i) {
    const auto read = run(net2.io, net2.source->read_doors());
    REQUIRE(read);
    CHECK(*read == std::vector<SourceDoor>{{Net2DoorId(1000001), "Front door"}});
  }
  REQUIRE(net2.forms.size() == 1);
  CHECK(net2.forms[0] ==
        "grant_type=password&username=Gateway%20Service&password=Secret1&scope=offline_access"
        "&client_id=0f0e0d0c");
  net2.clock.up += 29min;
  CHECK(run(net2.io, net2.source->read_doors()));
  REQUIRE(net2.forms.size() == 2);
  CHECK_THAT(net2.forms[1], Catch::StartsWith("grant_type=refresh_token&refresh_token=R"));
  net2.clock.up += 3h;
  CHECK(run(net2.io, net2.source->read_doors()));
  CHECK_THAT(net2.forms.back(), Catch::StartsWith("grant_type=password"));
}

TEST_CASE("A refused token is replaced once", "[net2][token]") {
  Net2 net2;
  const bool for_ever = GENERATE(true, false);
  net2.say(doors, [&](const HttpsRequest& request) {
    const bool old = request.head.find("Bearer T1\r\n") != std::string::npos;
    return old || for_ever ? answer(401, R"({"Message":"denied"})") : answer(200, "[]");
  });
  const auto read = run(net2.io, net2.source->read_doors());
  CHECK(net2.forms.size() == 2);
  CHECK(read.ok() == !for_ever);
  if (!for_ever) return;
  CHECK(read.error().code == Errc::unauthenticated);
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::unauthenticated);
  CHECK(net2.forms.size() == 2);
}

TEST_CASE("Refused credentials name the fix and are not tried again at once", "[net2][token]") {
  struct Row {
    int status;
    const char* body;
    Errc code;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({
      {400, R"({"error":"invalid_client","echo":"Secret1"})", Errc::unauthenticated, "licence"},
      {400, R"({"message":"invalid_client"})", Errc::unauthenticated, "licence"},
      {400, R"({"error":"invalid_grant","error_description":"Secret1"})", Errc::unauthenticated,
       "Gateway Service"},
      {401, "", Errc::unauthenticated, "password"},
      {200, R"({"error":"mfa_required","challengeToken":"Secret1"})", Errc::mfa_required, "without it"},
      {400, R"({"error":"mfa_required","challengeToken":"Secret1"})", Errc::mfa_required, "MFA"},
  }));
  Net2 net2;
  net2.say(token_line, row.status, row.body);
  net2.say(doors, 200, "[]");
  for (int i = 0; i < 3; ++i) {
    const auto read = run(net2.io, net2.source->read_doors());
    REQUIRE_FALSE(read);
    CHECK(read.error().code == row.code);
    CHECK_THAT(read.error().detail, Catch::Contains(row.words) && !Catch::Contains("Secret1"));
  }
  CHECK(net2.forms.size() == 1);
  net2.clock.up += 31s;
  CHECK_FALSE(run(net2.io, net2.source->read_doors()));
  CHECK(net2.forms.size() == (row.code == Errc::mfa_required ? 1U : 2U));
  net2.clock.up += 24h;
  CHECK_FALSE(run(net2.io, net2.source->read_doors()));
  CHECK(net2.forms.size() == (row.code == Errc::mfa_required ? 1U : 3U));  // nobody can answer for a service
}

TEST_CASE("Where a new token is refused, the next is asked for soon, and then ever later", "[net2][token]") {
  Net2 net2;
  bool well = false;
  net2.say(doors, [&](const HttpsRequest&) { return well ? answer(200, "[]") : answer(401, ""); });
  const auto tries_in = [&](Duration time) {
    const auto before = net2.forms.size();
    for (const auto end = net2.clock.up + time; net2.clock.up < end; net2.clock.up += 1s) {
      CHECK_FALSE(run(net2.io, net2.source->read_doors()));
    }
    return net2.forms.size() - before;
  };
  CHECK(tries_in(3s) == 2);
  CHECK(tries_in(6s) == 2);
  CHECK(tries_in(10min) <= 2 * 10 * 60 / 25 + 4);
  net2.clock.up += 25s;
  well = true;
  CHECK(run(net2.io, net2.source->read_doors()));
  net2.clock.up += 5min;
  well = false;
  CHECK(tries_in(3s) == 1);  // in place of the one that was good until then
  well = true;
  CHECK(run(net2.io, net2.source->read_doors()));
}

TEST_CASE("A busy sign-in is left alone as long as the server says", "[net2][token]") {
  Net2 net2;
  net2.say(token_line, [](const HttpsRequest&) {
    return answer(429, "<html>429</html>", "Retry-After: 7\r\n", "text/html");
  });
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::busy);
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::busy);
  CHECK(net2.forms.size() == 1);
  net2.clock.up += 8s;
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::busy);
  CHECK(net2.forms.size() == 2);
}

TEST_CASE("Reads that begin together share one sign-in", "[net2][token]") {
  Net2 net2;
  net2.say(doors, 200, "[]");
  std::array<std::optional<Result<std::vector<SourceDoor>>>, 3> got;
  int done = 0;
  for (auto& one : got) {
    boost::asio::co_spawn(net2.io, test::keep_result(net2.source->read_doors(), one),
                          [&](const std::exception_ptr&) {
                            if (++done == 3) net2.io.stop();
                          });
  }
  net2.io.run();
  for (const auto& one : got) CHECK(one->ok());
  CHECK(net2.forms.size() == 1);
}

TEST_CASE("An answer that is no list of doors says what it is", "[net2]") {
  struct Row {
    HttpsReply reply;
    Errc code;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({
      {answer(200, "<html>Net2</html>", "", "text/html"), Errc::unreachable, "API port"},
      {answer(302, "", "Location: /login\r\n"), Errc::refused, "elsewhere"},
      {answer(403, R"({"message":"no\nright"})"), Errc::forbidden, "no right"},
      {answer(404, ""), Errc::not_found, "Local API"},
      {answer(502, "<html>"), Errc::busy, "starting"},
      {answer(200, R"([{"id":1,"name":"a"})"), Errc::incomplete, "stops"},
      {answer(200, R"([{"name":"a"}])"), Errc::malformed, "id"},
      {answer(200, "nul"), Errc::malformed, "list"},
  }));
  Net2 net2;
  net2.say(doors, [&](const HttpsRequest&) { return row.reply; });
  const auto read = run(net2.io, net2.source->read_doors());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == row.code);
  CHECK_THAT(read.error().detail, Catch::Contains(row.words) && Catch::Contains("/api/v1/doors"));
}

TEST_CASE("Null is a list of nothing", "[net2]") {
  Net2 net2;
  net2.say(doors, 200, " null\n");
  net2.say(doors + "/status", 200, "null");
  CHECK(run(net2.io, net2.source->read_doors())->empty());
  CHECK(run(net2.io, net2.source->read_door_status())->empty());
}

TEST_CASE("A Net2 without the doors' status has none to tell, and an error stays one", "[net2]") {
  Net2 net2;
  net2.say(doors + "/status", 404, "");
  net2.say(doors, 404, "");
  CHECK_FALSE(run(net2.io, net2.source->read_door_status()));  // what has no doors either is no Net2
  net2.say(doors, 200, R"([{"id":1,"name":"a"}])");
  const auto none = run(net2.io, net2.source->read_door_status());
  REQUIRE(none);
  CHECK(none->empty());
  net2.say(doors + "/status", 502, "");
  CHECK_FALSE(run(net2.io, net2.source->read_door_status()));
}

TEST_CASE("A door's status is read with what it says", "[net2]") {
  Net2 net2;
  net2.say(doors + "/status", 200,
           R"([{"id":"1","status":{"doorRelayOpen":true,"DoorContactClosed":"false"}},{"id":2,"name":"x"}])");
  const auto read = run(net2.io, net2.source->read_door_status());
  REQUIRE(read);
  DoorStatus expected{.id = Net2DoorId(1)};
  expected.relay_open = true;
  expected.contact_closed = false;
  CHECK(*read == std::vector<DoorStatus>{expected});
  net2.say(doors + "/status", 404, "");
  net2.say(doors, 200, "[]");
  CHECK_FALSE(run(net2.io, net2.source->read_door_status()));  // it was there before
}

}  // namespace gatehouse
