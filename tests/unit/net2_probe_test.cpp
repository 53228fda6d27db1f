// A Net2 server is looked at from the bottom up, over HTTPS, against the simulator.

#include "connectors/net2/net2_probe.hpp"

#include <catch2/catch.hpp>

#include "daemon/host/system_clock.hpp"
#include "tests/unit/simulated_net2.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct ProbedNet2 {
  explicit ProbedNet2(int people = 3) : server(io, people) {
    task.server = server_settings(server.url, server.pin);
    task.credentials = Net2Credentials{"Gateway Service", "Secret1", "licence"};
    task.needs_custom_fields = true;
    task.note = [this](ApiCall call) { calls.push_back(call.verb + ' ' + call.path); };
  }
  Net2Evidence look(Duration limit = std::chrono::seconds(9)) {
    return run(io, probe_net2(io.get_executor(), task, clock, limit));
  }
  Net2SignIn signs_in() { return look().sign_in; }

  boost::asio::io_context io;
  SystemClock clock;
  SimulatedServer server;
  Net2ProbeTask task;
  std::vector<std::string> calls;
};

}  // namespace

TEST_CASE("A Net2 server that is well is seen as it is, with one sign-in and no person read",
          "[net2][probe]") {
  ProbedNet2 net2;
  const auto seen = net2.look();
  CHECK(seen.contact.ok());
  REQUIRE(seen.contact.shown);
  CHECK(seen.contact.shown->pin == net2.server.pin);
  CHECK(seen.sign_in == Net2SignIn::done);
  CHECK(seen.unread.empty());
  CHECK(seen.people == 3);
  CHECK(seen.counted);
  REQUIRE(seen.doors);
  CHECK(seen.doors->size() == net2.server.world.doors.all.size());
  REQUIRE(seen.departments);
  CHECK(seen.departments->size() == net2.server.world.directory.departments.size());
  CHECK(seen.custom_fields);
  CHECK(seen.version == net2.server.world.version);
  CHECK_FALSE(seen.lite);
  REQUIRE(seen.clock_ahead);
  CHECK(std::chrono::abs(*seen.clock_ahead) < std::chrono::seconds(10));
  CHECK(net2.server.world.sign_in.grants() == 1);
  CHECK(std::ranges::count(net2.calls, "GET /api/v1/users") == 0);
  CHECK(std::ranges::count(net2.calls, "POST /api/v1/authorization/tokens") == 1);
}

TEST_CASE("D-4 How a sign-in at Net2 fails is told apart", "[net2][probe]") {
  ProbedNet2 net2;
  SECTION("the password") {
    net2.task.credentials->password = "wrong";
    CHECK(net2.signs_in() == Net2SignIn::wrong_password);
    net2.server.world.switches.wrong_password_status = 401;
    CHECK(net2.signs_in() == Net2SignIn::wrong_password);
  }
  SECTION("the licence") {
    net2.server.world.sign_in.client_id = "another";
    CHECK(net2.signs_in() == Net2SignIn::unknown_client);
    net2.server.world.switches.unknown_client = "message";
    CHECK(net2.signs_in() == Net2SignIn::unknown_client);
  }
  SECTION("multi-factor") {
    net2.server.world.switches.mfa = true;
    CHECK(net2.signs_in() == Net2SignIn::mfa);
    net2.server.world.switches.mfa_status = 200;
    CHECK(net2.signs_in() == Net2SignIn::mfa);
  }
  SECTION("too often, twice") {
    net2.server.fault(R"({"kind":"429","path":"/authorization"})");
    CHECK(net2.signs_in() == Net2SignIn::too_often);
    CHECK(std::ranges::count(net2.calls, "POST /api/v1/authorization/tokens") == 2);
  }
  SECTION("too often, once: the running link had just signed in") {
    net2.server.fault(R"({"kind":"429","path":"/authorization","count":1})");
    CHECK(net2.signs_in() == Net2SignIn::done);
  }
  SECTION("the role") {
    net2.server.fault(R"({"kind":"forbidden","path":"/authorization"})");
    CHECK(net2.signs_in() == Net2SignIn::forbidden);
  }
  SECTION("the service behind nginx") {
    net2.server.fault(R"({"kind":"502"})");
    CHECK(net2.signs_in() == Net2SignIn::service_down);
  }
  SECTION("a web page") {
    net2.server.fault(R"({"kind":"html"})");
    CHECK(net2.signs_in() == Net2SignIn::no_net2);
  }
  SECTION("no such route") {
    net2.server.fault(R"({"kind":"status","status":404})");
    CHECK(net2.signs_in() == Net2SignIn::no_net2);
  }
  SECTION("half an answer") {
    net2.server.fault(R"({"kind":"cut","path":"/authorization"})");
    CHECK(net2.signs_in() == Net2SignIn::no_answer);
  }
  SECTION("an error of its own") {
    net2.server.fault(R"({"kind":"status","status":500,"path":"/authorization"})");
    CHECK(net2.signs_in() == Net2SignIn::odd);
  }
}

TEST_CASE("A Net2 server that never answers ends the probe in its time", "[net2][probe]") {
  ProbedNet2 net2;
  const auto* where = GENERATE("/authorization", "/departments", "/doors");
  net2.server.fault(std::string(R"({"kind":"silence","path":")") + where + "\"}");
  const auto began = std::chrono::steady_clock::now();
  const auto seen = net2.look(std::chrono::milliseconds(1500));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(9));
  CHECK((seen.sign_in == Net2SignIn::no_answer || !seen.unread.empty()));
}

TEST_CASE("Rights of a Net2 operator show in what is refused", "[net2][probe]") {
  ProbedNet2 net2;
  SECTION("may read, but not by SQL") {
    net2.server.world.sign_in.operators[0].role = 40;
    const auto seen = net2.look();
    CHECK(seen.unread.empty());
    CHECK(seen.sql_refused);
    CHECK(seen.people == 1);  // there is somebody; nobody was counted
    CHECK_FALSE(seen.counted);
  }
  SECTION("may see events only") {
    net2.server.world.sign_in.operators[0].role = 45;
    const auto seen = net2.look();
    std::vector<std::string> refused;
    for (const auto& one : seen.unread) {
      CHECK(one.status == 403);
      refused.push_back(one.what);
    }
    CHECK(refused == std::vector<std::string>{"departments", "custom fields", "doors", "people"});
    CHECK_FALSE(seen.people);
  }
}

TEST_CASE("What a Net2 server has is told from what could not be read", "[net2][probe]") {
  ProbedNet2 net2;
  SECTION("nobody") {
    ProbedNet2 empty(0);
    const auto seen = empty.look();
    CHECK(seen.people == 0);
    CHECK(seen.unread.empty());
  }
  SECTION("a count that says none where there is somebody is not believed") {
    net2.server.fault(R"({"kind":"empty_list","path":"querydb"})");
    CHECK(net2.look().people == 1);
  }
  SECTION("a web page in place of people is no empty list") {
    net2.server.fault(R"({"kind":"html","path":"querydb"})");
    net2.server.fault(R"({"kind":"html","path":"/users"})");
    const auto seen = net2.look();
    CHECK_FALSE(seen.people);
    CHECK_FALSE(seen.unread.empty());
  }
  SECTION("no door, no department") {
    net2.server.world.doors.all.clear();
    net2.server.world.directory.departments.clear();
    const auto seen = net2.look();
    REQUIRE(seen.doors);
    CHECK(seen.doors->empty());
    REQUIRE(seen.departments);
    CHECK(seen.departments->empty());
  }
  SECTION("Net2 Lite") {
    net2.server.world.switches.lite = true;
    CHECK(net2.look().lite);
  }
  SECTION("D-17 a clock of its own") {
    net2.server.stamped = true;
    net2.server.world.clock.shift(-7'200'000);
    const auto seen = net2.look();
    REQUIRE(seen.clock_ahead);
    CHECK(std::chrono::abs(*seen.clock_ahead + std::chrono::hours(2)) < std::chrono::seconds(10));
  }
  SECTION("D-17 a time zone of its own, winter and summer") {
    net2.task.server.timezone = "Europe/Paris";
    const auto seen = net2.look();
    CHECK(seen.unread.empty());
    REQUIRE(seen.zone_ahead);
    CHECK(*seen.zone_ahead == std::chrono::hours(-1));
    net2.task.server.timezone = "Europe/London";
    CHECK_FALSE(net2.look().zone_ahead);
  }
  SECTION("without its secrets it is looked at as far as the certificate") {
    net2.task.credentials.reset();
    const auto seen = net2.look();
    CHECK(seen.contact.ok());
    CHECK(seen.sign_in == Net2SignIn::not_tried);
    CHECK(net2.calls.empty());
  }
}
