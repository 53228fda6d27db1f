// The cloud's roster, from outside (contract §3.2 roster.put).
#include <chrono>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

json::object somebody(const std::string& id, const std::string& first, const std::string& type = "visitor") {
  return roster_person(id, type, first, "Cloud");
}

/// A visit that is on now.
json::object visit(const std::string& id, const std::string& cloud_id,
                   const std::string& status = "expected") {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::chrono::year_month_day today{day};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(today.year()),
                static_cast<unsigned>(today.month()), static_cast<unsigned>(today.day()));
  return {{"visit_id", id},
          {"cloud_id", cloud_id},
          {"site", "hq"},
          {"start", std::string(text) + "T00:00:00Z"},
          {"end", std::string(text) + "T23:59:59Z"},
          {"status", status},
          {"op", "upsert"}};
}

struct RosterHouse : AccessHouse {
  RosterHouse() {
    gateway.start();
    REQUIRE(becomes("active"));
    REQUIRE(
        recorder.wait(10s, [](const Ledger& l) { return !deep(l.last("/up/state"), "data.epoch").empty(); }));
  }
  json::object put(json::value from, const std::string& to, json::array people, json::array visits) {
    return call("roster.put", {{"from", std::move(from)},
                               {"to", to},
                               {"batch", 0},
                               {"people", std::move(people)},
                               {"visits", std::move(visits)}});
  }
  json::object batch(int number, const std::string& to, json::array people) {
    return call("roster.put", {{"from", nullptr},
                               {"to", to},
                               {"snapshot", "s-" + to},
                               {"batch", number},
                               {"people", std::move(people)}});
  }
  json::object snapshot(const std::string& to, json::array people, json::array visits) {
    const auto count = people.size();
    return call("roster.put", {{"from", nullptr},
                               {"to", to},
                               {"snapshot", "s-" + to},
                               {"batch", 0},
                               {"people", std::move(people)},
                               {"visits", std::move(visits)},
                               {"end", json::object{{"count", count}}}});
  }
};

TEST_CASE("S1-20, S1-27: the roster's visitor with a visit is let in, and not when it is cancelled",
          "[access][roster]") {
  RosterHouse house;
  CHECK(house.told("roster.request", 1));
  const auto first = house.snapshot("c1", {somebody("v-1", "Grace")}, {visit("visit-1", "v-1")});
  INFO(text(first) << "\n" << house.gateway.log());
  REQUIRE(flag_at(first, "ok"));
  CHECK(house.told("person.upserted", 1));
  const json::object who{{"cloud_id", "v-1"}};
  CHECK(deep(house.call("access.sign_in", house.sign_in(who)), "result.decision.reason") ==
        "visitor_preregistered");
  CHECK(eventually(15s, [&] { return house.opens() == 1; }));
  const auto cancelled = house.put("c1", "c2", {}, {visit("visit-1", "v-1", "cancelled")});
  REQUIRE(flag_at(cancelled, "ok"));
  CHECK(deep(house.call("access.sign_in", house.sign_in(who)), "result.decision.reason") ==
        "visit_cancelled");
  // A batch from another cursor changes nothing, and is asked for again.
  const auto requests = house.tellings("roster.request");
  const auto gap = house.put("c9", "c10", {somebody("v-2", "Lost")}, {});
  CHECK(deep(gap, "error.code") == "cursor_mismatch");
  CHECK(house.told("roster.request", requests + 1));
  CHECK(house.people().size() == 1);
  CHECK(house.opens() == 1);
  // A batch of an open snapshot that is sent again is answered as before.
  const auto opened = house.batch(0, "c3", {somebody("v-1", "Grace")});
  REQUIRE(flag_at(opened, "ok"));
  CHECK(at(house.batch(0, "c3", {somebody("v-1", "Grace")}), "result") == at(opened, "result"));
  // The cursor is in the state, and stays over a restart, which discards the snapshot.
  house.gateway.kill();
  house.gateway.start();
  CHECK(eventually(
      15s, [&] { return deep(house.recorder.ledger().last("/up/state"), "data.roster_cursor") == "c2"; }));
  const auto before = house.tellings("roster.request");
  const auto late = house.batch(1, "c3", {somebody("v-2", "Lost")});
  CHECK(deep(late, "error.code") == "cursor_mismatch");
  CHECK(house.told("roster.request", before + 1));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("an empty roster where there were people is refused, and many removals wait as a plan",
          "[access][roster]") {
  RosterHouse house;
  json::array many;
  for (int i = 0; i < 60; ++i)
    many.push_back(somebody("e-" + std::to_string(i), "Member" + std::to_string(i), "member"));
  REQUIRE(flag_at(house.snapshot("c1", many, {}), "ok"));
  REQUIRE(eventually(20s, [&] { return house.people({"--type", "member"}).size() == 60; }));
  const auto empty = house.snapshot("c2", {}, {});
  CHECK_FALSE(flag_at(empty, "ok"));
  CHECK(house.people({"--access", "yes"}).size() == 60);
  json::array few;
  for (int i = 0; i < 5; ++i)
    few.push_back(somebody("e-" + std::to_string(i), "Member" + std::to_string(i), "member"));
  const auto shrunk = house.snapshot("c3", few, {});
  INFO(text(shrunk));
  CHECK(house.people({"--access", "yes"}).size() == 60);
  const auto plans = house.plans();
  REQUIRE(plans.size() == 1);
  const auto plan = plans.at(0).as_object();
  CHECK(text_at(plan, "kind") == "roster");
  CHECK(number_at(plan, "count") == 55);
  // Nobody is told that all is well meanwhile, and nobody is left out of the count.
  const auto status = house.gateway.json({"status"});
  CHECK(number_at(status, "people") == 60);
  CHECK(number_at(at(status, "cloud"), "withheld") == 55);
  const auto screen = house.gateway.ask({"status"}).out;
  CHECK_THAT(screen, !Catch::Contains("All is well."));
  CHECK_THAT(screen, Catch::Contains("these removals are withheld"));
  CHECK(house.apply(plan).status == 0);
  CHECK(eventually(20s, [&] { return house.people({"--access", "yes"}).size() == 5; }));
}

}  // namespace
}  // namespace gatehouse::whole
