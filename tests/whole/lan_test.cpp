// The LAN interface from outside (contract §7): a kiosk that signs people in without the internet.
#include <future>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/lan_house.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE("S1-16: a kiosk on the LAN signs in while the cloud is away, once for a key", "[access][lan]") {
  LanHouse house;
  house.broker.kill();
  REQUIRE(eventually(20s, [&] { return !flag_at(at(house.gateway.status(), "cloud"), "connected"); }));
  const json::object who{{"id", house.person_id(house.ada)}};
  const auto before = house.opens();
  const auto answer = house.sign_in_by(who, "visit-1");
  INFO(text(answer) << "\n" << house.gateway.log());
  REQUIRE(number_at(answer, "status") == 200);
  CHECK(text_at(at(answer, "body"), "outcome") == "allow");
  CHECK(text_at(at(answer, "body"), "via") == "lan");
  CHECK(eventually(10s, [&] { return house.opens() == before + 1; }));
  // The same again: the same answer, and no second opening; also after a restart.
  CHECK(text_at(at(house.sign_in_by(who, "visit-1"), "body"), "id") == text_at(at(answer, "body"), "id"));
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  CHECK(text_at(at(house.sign_in_by(who, "visit-1"), "body"), "id") == text_at(at(answer, "body"), "id"));
  CHECK(house.opens() == before + 1);
  // Another body under the same key is refused.
  const json::object other{{"person_type", "visitor"}, {"first_name", "Grace"}, {"last_name", "Hopper"}};
  CHECK(number_at(house.sign_in_by(other, "visit-1"), "status") == 409);
  const auto muster = house.ask("GET", "/v1/muster", {"--token", kiosk_token});
  CHECK(number_at(muster, "status") == 200);
  CHECK(at(muster, "body").at("on_site").as_array().size() == 1);
}

TEST_CASE(
    "S1-16: a kiosk that asks again while the first is under way, or after a death, gets its one answer",
    "[access][lan]") {
  LanHouse house;
  const json::object who{{"id", house.person_id(house.ada)}};
  const auto before = house.opens();
  const auto hits = number_at(house.net2.state(), "fault_hits");
  house.net2.fault(R"({"kind":"slow","path":"commands/door","delay":"1500ms","count":1})");
  auto first = std::async(std::launch::async, [&] { return house.sign_in_by(who, "slow"); });
  REQUIRE(eventually(10s, [&] { return number_at(house.net2.state(), "fault_hits") > hits; }));
  const auto second = house.sign_in_by(who, "slow");
  const auto answer = first.get();
  INFO(text(answer) << "\n" << text(second));
  CHECK(number_at(answer, "status") == 200);
  CHECK(number_at(second, "status") == 200);
  CHECK(deep(second, "body.id") == deep(answer, "body.id"));
  CHECK(house.opens() == before + 1);
  // A death in the middle: the same key says by its decision that nobody knows, and opens nothing.
  house.net2.fault(R"({"kind":"silence","path":"commands/door"})");
  auto cut = std::async(std::launch::async, [&] {
    return house.try_to_ask("POST", "/v1/sign-in", house.signing_in(who, "cut"));
  });
  REQUIRE(eventually(10s, [&] { return number_at(house.net2.state(), "fault_hits") > hits + 1; }));
  house.gateway.kill();
  CHECK_FALSE(cut.get());
  house.net2.clear_faults();
  const auto opened = house.opens();
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  const auto after = house.sign_in_by(who, "cut");
  INFO(text(after));
  REQUIRE(number_at(after, "status") == 200);
  const auto decision = at(after, "body");
  CHECK(text_at(decision, "outcome") == "allow");
  CHECK(text_at(decision.at("doors").as_array().at(0).as_object(), "command") == "unknown");
  CHECK(deep(house.sign_in_by(who, "cut"), "body.id") == text_at(decision, "id"));
  CHECK(house.opens() == opened);
}

TEST_CASE("The LAN interface lets nobody in who is not in its list", "[access][lan]") {
  LanHouse house;
  const json::object who{{"id", house.person_id(house.ada)}};
  const auto body = json::serialize(house.sign_in(who));
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--key", "k", "--body", body}), "status") == 401);
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--token", "wrong", "--key", "k", "--body", body}),
                  "status") == 401);
  const auto elsewhere = house.sign_in_by(who, "k1", "slow");
  CHECK(number_at(elsewhere, "status") == 403);
  CHECK(text_at(elsewhere, "type").starts_with("application/problem+json"));
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--token", kiosk_token, "--body", body}), "status") ==
        400);
  CHECK(number_at(
            house.ask("POST", "/v1/sign-in", {"--token", kiosk_token, "--key", "k2", "--body", "{\"a\":1"}),
            "status") == 400);
  CHECK(number_at(house.ask("GET", "/v1/nowhere", {"--token", kiosk_token}), "status") == 404);
  CHECK(number_at(house.ask("PUT", "/v1/feeds/net2-hq", {"--token", kiosk_token, "--body", "{}"}),
                  "status") == 403);
  CHECK(number_at(house.ask("GET", "/v1/health", {"--token", kiosk_token}), "status") == 200);
  CHECK(house.opens() == 0);
}

TEST_CASE("S1-20: a walk-in on the LAN is a visitor with a name, and is told", "[access][lan]") {
  LanHouse house;
  const json::object grace{{"person_type", "visitor"}, {"first_name", "Grace"}, {"last_name", "Hopper"}};
  const auto answer = house.sign_in_by(grace, "walk-1");
  INFO(text(answer));
  REQUIRE(number_at(answer, "status") == 200);
  CHECK(text_at(at(answer, "body"), "outcome") == "deny");
  CHECK(text_at(at(answer, "body"), "reason") == "visitor_not_preregistered");
  CHECK(house.opens() == 0);
}

}  // namespace
}  // namespace gatehouse::whole
