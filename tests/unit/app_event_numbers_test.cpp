// Net2's event numbers: those that start over, and those that never come.

#include <catch2/catch.hpp>

#include "tests/unit/event_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Desk = EventDesk;

}  // namespace

TEST_CASE("Numbers that start over begin a new generation, and the gap is told", "[events]") {
  Desk desk;
  desk.happen(1, 900);
  REQUIRE(desk.poll());
  desk.happen(901, 905);
  REQUIRE(desk.poll());
  const int news = desk.news;
  SECTION("below what is known") {
    desk.net2.log.clear();
    desk.clock.pass(61s);
    desk.happen(1, 3);
  }
  SECTION("below what is known, a moment ago") {
    desk.net2.log.clear();
    desk.clock.pass(1s);
    desk.happen(1, 3);
  }
  SECTION("already beyond what is known, on the same connection") {
    desk.net2.log.clear();
    desk.clock.pass(5s);
    desk.happen(1, 1000);
  }
  SECTION("already beyond what is known, on a new connection") {
    desk.net2.log.clear();
    desk.clock.pass(5s);
    desk.happen(1, 1000);
    ++desk.net2.connection;
  }
  SECTION("already beyond what is known, on the connection that the read itself has to make") {
    desk.net2.before_read = [&desk] {
      desk.net2.log.clear();
      desk.clock.pass(5s);
      desk.happen(1, 1000);
      ++desk.net2.connection;
    };
  }
  SECTION("even where keeping it fails at first") {
    desk.net2.log.clear();
    desk.clock.pass(61s);
    desk.happen(1, 3);
    desk.store.fail_on_call(1);
    CHECK_FALSE(desk.poll());
  }
  REQUIRE(desk.catch_up());
  CHECK(desk.store.cursor.generation == 2);
  REQUIRE(desk.store.gaps.size() == 1);
  CHECK(desk.store.gaps[0].cause == "net2_numbering");
  CHECK_FALSE(desk.store.gaps[0].lane.has_value());
  CHECK(desk.news > news);
  CHECK(desk.ids(2).front() == 1);
  CHECK(desk.ids(2).size() == desk.net2.log.size());
  CHECK(desk.store.events.at({2, 1}).catch_up);
  REQUIRE(desk.catch_up());
  CHECK(desk.store.cursor.generation == 2);
  CHECK(desk.store.gaps.size() == 1);
}

TEST_CASE("An archived log and a row that was purged do not start the numbers over", "[events]") {
  Desk desk;
  desk.happen(1, 10);
  REQUIRE(desk.poll());
  desk.happen(11, 12);
  REQUIRE(desk.poll());
  desk.net2.log.clear();
  ++desk.net2.connection;
  REQUIRE(desk.poll());
  desk.happen(13, 14);
  ++desk.net2.connection;
  REQUIRE(desk.poll());
  CHECK(desk.store.cursor.generation == 1);
  CHECK(desk.ids() == numbers(11, 14));
}

TEST_CASE("Events that Net2 never gives are named with the cursor that goes on without them", "[events]") {
  Desk desk;
  REQUIRE(desk.poll());
  desk.happen(1, 4);
  REQUIRE(desk.poll());
  SECTION("a single one, once it is late no more") {
    desk.happen(6, 9);
    REQUIRE(desk.poll());
    desk.clock.pass(30s);
    REQUIRE(desk.poll());
    CHECK(desk.store.gaps.empty());
    desk.clock.pass(1s);
    const int news = desk.news;
    SECTION("even where keeping it fails at first") {
      desk.store.fail_on_call(1);
      CHECK_FALSE(desk.poll());
      CHECK(desk.store.gaps.empty());
    }
    REQUIRE(desk.poll());
    CHECK(desk.news > news);
    REQUIRE(desk.store.gaps.size() == 1);
    CHECK(desk.store.gaps[0].count == 1);
    CHECK(desk.store.gaps[0].events->ids == std::vector<EventIds>{{5, 5}});
  }
  SECTION("many that were archived while the gateway was away") {
    desk.happen(205, 304);
    desk.restart();
    REQUIRE(desk.poll());
    CHECK(desk.ids().size() == 104);
    REQUIRE(desk.store.gaps.size() == 1);
    CHECK(desk.store.gaps[0].count == 200);
    CHECK(desk.store.gaps[0].events->integration == "net2-hq");
    CHECK(desk.store.gaps[0].events->generation == 1);
    CHECK(desk.store.gaps[0].events->ids == std::vector<EventIds>{{5, 204}});
  }
  CHECK(desk.store.gaps[0].cause == "net2_missing");
  CHECK_FALSE(desk.store.gaps[0].lane.has_value());
  CHECK(desk.store.cursor.low == desk.store.cursor.high);
  desk.restart();
  desk.clock.pass(1min);
  REQUIRE(desk.poll());
  CHECK(desk.store.gaps.size() == 1);
}

TEST_CASE("A last event that can be read no more costs no second look", "[events]") {
  Desk desk;
  desk.happen(1, 3);
  REQUIRE(desk.poll());
  desk.happen(4, 5);
  REQUIRE(desk.poll());
  desk.net2.unreadable = {5};
  desk.net2.page_limit = 1;  // so that it leaves no room behind itself
  REQUIRE(desk.poll());
  REQUIRE(desk.poll());
  const auto before = desk.net2.made();
  for (int i = 0; i < 4; ++i) {
    desk.clock.pass(1s);
    REQUIRE(desk.poll());
  }
  CHECK(desk.net2.made() == before + 4);
  CHECK(desk.store.cursor.generation == 1);
}

TEST_CASE("The last known event is read with those after it, at no cost while nothing happens", "[events]") {
  Desk desk;
  desk.happen(1, 3);
  REQUIRE(desk.poll());
  desk.happen(4, 5);
  SECTION("one that is well") {}
  SECTION("one that nobody can read, which says nothing about the numbers") {
    desk.net2.unreadable = {5};
  }
  SECTION("one that Net2 has purged") {
    REQUIRE(desk.poll());
    desk.net2.log.erase(5);
    desk.happen(6, 6);
    REQUIRE(desk.poll());
    desk.net2.log.erase(6);
  }
  REQUIRE(desk.poll());
  REQUIRE(desk.poll());
  const auto before = desk.net2.made();
  const auto stored = desk.store.writes;
  for (int i = 0; i < 4; ++i) {
    desk.clock.pass(1s);
    REQUIRE(desk.poll());
  }
  CHECK(desk.net2.made() == before + 4);  // one request each
  CHECK(desk.store.writes == stored);
  CHECK(desk.store.cursor.generation == 1);
}

TEST_CASE("A zone that is corrected says nothing of times that come with their offset", "[events]") {
  Desk desk;
  REQUIRE(desk.poll());
  desk.happen(1, 5);
  REQUIRE(desk.poll());
  const auto before = *desk.store.cursor.last_at;
  desk.zone = GENERATE("Asia/Kolkata", "America/New_York", "Europe/London");
  desk.clock.pass(60s);
  desk.happen(6, 7);
  const bool quiet = GENERATE(true, false);
  if (quiet) desk.net2.log.erase(desk.net2.log.find(6), desk.net2.log.end());
  desk.restart();
  REQUIRE(desk.poll());
  CHECK(*desk.net2.asked_since <= before);
  REQUIRE(desk.catch_up());
  CHECK(desk.store.cursor.generation == 1);
  CHECK(desk.store.gaps.empty());
  CHECK(desk.ids() == numbers(1, quiet ? 5 : 7));
  if (quiet) CHECK(desk.store.cursor.last_at == before);
  CHECK(desk.store.cursor.zone == desk.zone);

  SECTION("where the last event cannot be read, nothing since then is missed, over restarts too") {
    const auto zone = desk.zone;
    desk.zone = "Asia/Tokyo";
    const auto last = *desk.store.cursor.last_at;
    desk.net2.unreadable = {desk.store.cursor.high.value()};
    for (int i = 0; i < 3; ++i) {
      desk.restart();
      REQUIRE(desk.poll());
      CHECK(*desk.net2.asked_since <= last);
      CHECK(desk.store.cursor.zone == zone);  // what is kept says by which zone its time was read
    }
    desk.net2.unreadable.clear();
    desk.restart();
    REQUIRE(desk.poll());
    CHECK(desk.store.cursor.zone == "Asia/Tokyo");
    CHECK(desk.store.cursor.last_at == last);
    CHECK(desk.store.cursor.generation == 1);
  }
  SECTION("where the last event is gone, nothing since then is missed") {
    desk.zone = "Asia/Tokyo";
    const auto last = *desk.store.cursor.last_at;
    desk.restart();
    desk.net2.log.erase(desk.store.cursor.high.value());
    desk.happen(20, 21);
    REQUIRE(desk.poll());
    CHECK(*desk.net2.asked_since <= last);
    REQUIRE(desk.catch_up());
    CHECK(desk.store.cursor.generation == 1);
    CHECK(desk.ids().back() == 21);
  }
}

TEST_CASE("A zone that is corrected makes no new numbering, and nothing is asked for from a wrong time",
          "[events]") {
  Desk desk;
  desk.happen(1, 3);
  REQUIRE(desk.poll());
  desk.clock.pass(60s);
  desk.happen(4, 5);
  REQUIRE(desk.poll());
  const auto before = *desk.store.cursor.last_at;
  REQUIRE(desk.store.cursor.zone == "UTC");

  // Net2 says the same wall times as ever; what they mean is another thing now.
  desk.zone = "Asia/Kolkata";
  for (auto& [id, event] : desk.net2.log) event.at -= 5h + 30min;
  desk.restart();
  REQUIRE(desk.poll());
  CHECK(desk.net2.asked_since == before - 5h - 30min);
  CHECK(desk.store.cursor.zone == "Asia/Kolkata");
  CHECK(desk.store.cursor.last_at == before - 5h - 30min);
  const auto writes = desk.store.writes;
  REQUIRE(desk.poll());
  CHECK(desk.store.writes == writes);

  desk.net2.happen(6, before - 5h - 29min);
  REQUIRE(desk.catch_up());
  CHECK(desk.store.cursor.generation == 1);
  CHECK(desk.store.gaps.empty());
  CHECK(desk.ids() == numbers(4, 6));

  SECTION("another event under the known number is one in the new zone, too") {
    desk.net2.log.at(6).at += 20min;
    REQUIRE(desk.catch_up());
    CHECK(desk.store.cursor.generation == 2);
  }
  SECTION("a zone that this machine no longer has leaves the time as it was") {
    desk.store.cursor.zone = "Mars/Olympus";
    desk.restart();
    REQUIRE(desk.catch_up());
    CHECK(desk.store.cursor.generation == 1);
    CHECK(desk.store.cursor.zone == "Asia/Kolkata");
  }
}
