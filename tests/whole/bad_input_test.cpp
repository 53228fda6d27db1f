// Rows that no client should meet become a clear error or a passed-through fact: never a crash, a stall or a
// loss.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE("A malformed event stops nothing: what follows it comes, and what cannot be read is named",
          "[input]") {
  const auto* kind =
      GENERATE("missing_id", "wrong_types", "invalid_utf8", "huge_name", "year_1753", "bad_time", "null_time",
               "not_object", "negative_id", "duplicate_id", "unknown_type");
  DYNAMIC_SECTION(kind) {
    House house({.people = 10, .doors = 2, .sim_arguments = {"--plain"}});
    house.start_and_import();
    const auto first = house.net2.last_event() + 1;
    house.net2.swipes(5);
    REQUIRE(house.all_events_out(15s, first));
    house.net2.act("malformed", std::string(R"({"kind":")") + kind + R"("})");
    const auto odd = house.net2.last_event();
    house.net2.swipes(5);
    const auto last = house.net2.last_event();
    INFO(house.gateway.log());
    REQUIRE(house.recorder.wait(30s, [&](const Ledger& ledger) {
      const auto came = ledger.events("net2-hq");
      return std::ranges::find(came, last) != came.end();
    }));
    CHECK(house.gateway.running());
    const auto ledger = house.recorder.ledger();
    auto came = ledger.events("net2-hq");
    std::erase_if(came, [&](std::int64_t id) { return id < first; });
    std::vector<std::int64_t> wanted;
    for (auto id = first; id <= last; ++id) wanted.push_back(id);
    if (came != wanted) {
      // Then only the odd one is missing, and a gap says so.
      std::erase(wanted, odd);
      CHECK(came == wanted);
      const auto gaps = ledger.of("gap");
      REQUIRE(gaps.size() == 1);
      CHECK(text_at(gaps.front().data(), "cause") == "unreadable");
    }
    const auto alive = house.net2.last_event() + 1;
    house.net2.swipes(1);
    CHECK(house.all_events_out(15s, alive));
    CHECK(lines(ledger.broken()).empty());
  }
}

TEST_CASE("People with impossible names and dates are skipped or passed on, and the others are not touched",
          "[input]") {
  House house({.people = 20, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto upserted = [](const Ledger& ledger) { return ledger.count("person.upserted"); };
  REQUIRE(house.recorder.wait(10s, [&](const Ledger& ledger) { return upserted(ledger) == 20; }));

  house.net2.act("people", R"({"add":{"firstName":")" + std::string(4u << 20, 'n') +
                               R"(","lastName":"Long","department":"Staff","email":"long@example.org"}})");
  house.net2.act(
      "people",
      R"({"add":{"firstName":"Quote\"\\","lastName":"\u0000\u0001<>&","department":"Staff","email":"q@example.org"}})");
  house.net2.act(
      "people",
      R"({"add":{"firstName":"Ada","lastName":"Never","department":"Staff","email":"never@example.org","expiryDate":"1753-01-01T00:00:00"}})");
  house.net2.act("people", R"({"add":{"firstName":"Only","department":"Staff","email":"only@example.org"}})");
  INFO(house.gateway.log());
  const auto ada = [](const Ledger& ledger) {
    for (const auto& fact : ledger.facts()) {
      if (fact.type == "person.upserted" && fact.payload.find("never@example.org") != std::string::npos)
        return true;
    }
    return false;
  };
  REQUIRE(house.recorder.wait(30s, ada));
  for (const auto& fact : house.recorder.ledger().of("person.upserted")) {
    if (fact.payload.find("never@example.org") == std::string::npos) continue;
    CHECK(fact.data().at("person").as_object().at("valid_until").is_null());  // 1753 means: never
  }
  CHECK(house.gateway.running());
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(10);
  CHECK(house.all_events_out(15s, first));
  const auto ledger = house.recorder.ledger();
  CHECK(ledger.count("person.disabled") == 0);
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("Events of every known type come through, alarms on their own lane", "[input][events]") {
  House house({.people = 10, .doors = 4, .sim_arguments = {"--plain"}});
  house.start_and_import();
  const auto first = house.net2.last_event() + 1;
  for (const int type : {20, 21, 22,  23,  24,  25,  26,  27,  28,  29,  46,  47,  90,
                         91, 93, 102, 103, 300, 301, 500, 501, 550, 570, 580, 590, 9'999}) {
    house.net2.act("event", R"({"event_type":)" + std::to_string(type) + "}");
  }
  REQUIRE(house.all_events_out(20s, first));
  const auto ledger = house.recorder.ledger();
  CHECK(ledger.count("access.granted") > 0);
  CHECK(ledger.count("alarm") > 0);
  CHECK(ledger.count("event") > 0);
  for (const auto& fact : ledger.of("alarm")) CHECK(fact.topic.ends_with("/up/alarm"));
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("Net2's numbering may start over: old numbers become new facts", "[input][events]") {
  House house({.people = 10, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  house.net2.swipes(50);
  REQUIRE(house.all_events_out(15s));
  std::size_t anew = 10;
  house.net2.fault(R"({"kind":"restart_numbering","first_id":1})");
  SECTION("over a new connection: a database is replaced with the service stopped") {
    house.net2.fault(R"({"kind":"close_connections"})");
  }
  SECTION("over the connection there is") {}
  SECTION("over the connection there is, and past the last number before it is read") {
    anew = 200;
  }
  house.net2.swipes(static_cast<int>(anew));
  CHECK(house.recorder.wait(20s, [&](const Ledger& ledger) {
    std::size_t again = 0;
    for (const auto& fact : ledger.facts())
      again += fact.payload.find(R"("event_id":"net2-hq/2/)") != std::string::npos;
    return again == anew;
  }));
  INFO(house.gateway.log());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("Events that Net2 archived before they could be read are named by their numbers",
          "[input][events]") {
  House house({.people = 10, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  house.net2.swipes(5);
  REQUIRE(house.all_events_out(15s));
  const auto last = house.net2.last_event();
  house.gateway.kill();
  house.net2.fault(R"({"kind":"restart_numbering","first_id":)" + std::to_string(last + 201) + "}");
  house.net2.swipes(3);
  house.gateway.start();
  REQUIRE(house.all_events_out(15s, last + 201));
  REQUIRE(house.recorder.wait(10s, [](const Ledger& ledger) { return ledger.count("gap") == 1; }));
  const auto gap = house.recorder.ledger().of("gap").front().data();
  CHECK(text_at(gap, "cause") == "net2_missing");
  CHECK(gap.at("lane").is_null());
  CHECK(number_at(gap, "count") == 200);
  const auto& events = gap.at("events").as_object();
  CHECK(text_at(events, "integration") == "net2-hq");
  const auto& run = events.at("ids").as_array().at(0).as_object();
  CHECK(number_at(run, "first") == last + 1);
  CHECK(number_at(run, "last") == last + 200);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
