// Net2's event log comes into the store by ascending id, each row once, and nothing is left out unnamed.

#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/event_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Desk = EventDesk;

}  // namespace

TEST_CASE("Where no event was ever read, the poller begins where it is told", "[events]") {
  SECTION("from now on") {
    Desk desk;
    desk.happen(1, 10);
    REQUIRE(desk.poll());
    CHECK(desk.ids().empty());
    CHECK(desk.store.cursor.started);
    desk.happen(11, 12);
    REQUIRE(desk.poll());
    CHECK(desk.ids() == numbers(11, 12));
    CHECK_FALSE(desk.catch_up_of(11));
  }
  SECTION("from a duration back") {
    Desk desk(60min);
    desk.net2.happen(1, desk.clock.now() - 2h);
    desk.net2.happen(2, desk.clock.now() - 59min);
    desk.net2.happen(3, desk.clock.now() - 1min);
    REQUIRE(desk.poll());
    CHECK(desk.ids() == numbers(2, 3));
    CHECK(desk.catch_up_of(3));
  }
  SECTION("from a duration back in which nothing happened") {
    Desk desk(60min);
    desk.net2.happen(7, desk.clock.now() - 2h);
    REQUIRE(desk.poll());
    CHECK(desk.ids().empty());
    CHECK(desk.store.cursor.high == Net2EventId(7));
  }
  SECTION("in an empty log, with the first event that comes") {
    Desk desk;
    REQUIRE(desk.poll());
    desk.happen(500'000, 500'001);
    REQUIRE(desk.poll());
    CHECK(desk.ids() == numbers(500'000, 500'001));
  }
}

TEST_CASE("Every event comes once, whatever the pages, late rows and failures", "[events]") {
  const auto seed = GENERATE(range(1U, 21U));
  INFO("seed " << seed);
  std::mt19937 chance(seed);
  const auto dice = [&](int sides) { return static_cast<int>(chance() % static_cast<unsigned>(sides)); };
  Desk desk;
  REQUIRE(desk.poll());
  std::int64_t next = 1;
  std::vector<std::int64_t> late;
  for (int step = 0; step < 60; ++step) {
    desk.net2.page_limit = static_cast<std::size_t>(450 + dice(600));
    const int count = dice(3) == 0 ? dice(300) : dice(4);
    for (int i = 0; i < count; ++i, ++next) {
      if (dice(20) == 0 && late.size() < 5) {
        late.push_back(next);
      } else {
        desk.net2.happen(next, desk.clock.now());
      }
    }
    if (dice(2) == 0) {
      for (const auto id : late) desk.net2.happen(id, desk.clock.now());
      late.clear();
    }
    if (dice(4) == 0) desk.net2.fail_on_call(1 + dice(3), Errc::unreachable);
    if (dice(4) == 0) desk.store.fail_on_call(1);
    if (dice(10) == 0) desk.restart();
    if (dice(8) == 0) ++desk.net2.connection;
    desk.clock.pass(100ms);
    // A hole is not waited for over more than 400 ids: late rows are told before as many have come.
    if (!desk.catch_up() && !desk.catch_up()) desk.catch_up();
    if (count > 100) {
      for (const auto id : late) desk.net2.happen(id, desk.clock.now());
      late.clear();
      desk.net2.fail_on_call(0);
      desk.store.fail_on_call(0);
      desk.catch_up();
    }
  }
  for (const auto id : late) desk.net2.happen(id, desk.clock.now());
  desk.net2.fail_on_call(0);
  desk.store.fail_on_call(0);
  CHECK(desk.catch_up());
  CHECK(desk.ids() == numbers(1, next - 1));
  CHECK(desk.store.gaps.empty());
  CHECK(desk.store.cursor.generation == 1);
}

TEST_CASE("A late row is waited for, over restarts and failures of the store too", "[events]") {
  Desk desk;
  REQUIRE(desk.poll());
  desk.happen(1, 4);
  desk.happen(6, 9);
  REQUIRE(desk.poll());
  SECTION("while nothing happens") {}
  SECTION("over a restart") {
    desk.restart();
    REQUIRE(desk.poll());
  }
  SECTION("over a commit that fails") {
    desk.happen(10, 10);
    desk.store.fail_on_call(1);
    CHECK_FALSE(desk.poll());
    REQUIRE(desk.poll());
  }
  desk.clock.pass(10s);
  REQUIRE(desk.poll());
  desk.happen(5, 5);
  REQUIRE(desk.poll());
  CHECK(std::ranges::count(desk.ids(), 5) == 1);
  CHECK(desk.store.cursor.low == desk.store.cursor.high);
}

TEST_CASE("Events of an interruption count as catching up, those after it do not", "[events]") {
  Desk desk;
  desk.happen(1, 1);
  REQUIRE(desk.poll());
  desk.happen(2, 2);
  REQUIRE(desk.poll());
  CHECK_FALSE(desk.catch_up_of(2));
  desk.happen(3, 3);
  desk.net2.fail_on_call(1, Errc::timeout);
  CHECK_FALSE(desk.poll());
  SECTION("one poll that failed is none") {
    desk.clock.pass(2s);
    desk.happen(4, 4);
    REQUIRE(desk.poll());
    CHECK_FALSE(desk.catch_up_of(3));
  }
  SECTION("half a minute is one") {
    desk.clock.pass(20s);
    desk.net2.fail_on_call(1, Errc::timeout);
    CHECK_FALSE(desk.poll());
    desk.clock.pass(10s);
    desk.happen(4, 4);
    REQUIRE(desk.poll());
    CHECK(desk.catch_up_of(3));
  }
  CHECK_FALSE(desk.catch_up_of(4));
  desk.happen(5, 5);
  desk.net2.happen(6, desk.clock.now() - 3min);  // a controller that was away for a while
  REQUIRE(desk.poll());
  CHECK_FALSE(desk.catch_up_of(5));
  CHECK(desk.catch_up_of(6));
}

TEST_CASE("While pages are full the poller catches up, and says that there is more", "[events]") {
  Desk desk(1h);
  desk.happen(1, 2500);
  auto report = desk.poll();
  REQUIRE(report);
  CHECK(report->more);
  CHECK(report->fresh == 1000);
  REQUIRE(desk.catch_up());
  CHECK(desk.ids() == numbers(1, 2500));
  CHECK(desk.catch_up_of(2500));
  desk.happen(2501, 2501);
  REQUIRE(desk.poll());
  CHECK_FALSE(desk.catch_up_of(2501));
}

TEST_CASE("Nothing is read from another server", "[events]") {
  Desk desk;
  desk.happen(1, 3);
  REQUIRE(desk.poll());
  const auto cursor = desk.store.cursor;
  SECTION("that answers from the start") {
    ++desk.net2.connection;
    desk.net2.doors = {{Net2DoorId(77), "Elsewhere"}};
  }
  SECTION("that takes over in the middle of a read") {
    desk.net2.during_read = [&] {
      ++desk.net2.connection;
      desk.net2.doors = {{Net2DoorId(77), "Elsewhere"}};
    };
  }
  desk.happen(4, 9);
  const auto report = desk.poll();
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::refused);
  CHECK(desk.identity->other_server());
  CHECK(desk.store.cursor == cursor);
  desk.net2.during_read = {};
  desk.net2.doors = {{Net2DoorId(1), "Front"}};
  ++desk.net2.connection;
  const auto back = desk.poll();
  REQUIRE(back);
  CHECK(back->held);
  REQUIRE(desk.poll());
  CHECK(desk.ids() == numbers(4, 9));
}

TEST_CASE("Rows that cannot be read are named once, and hold up nobody", "[events]") {
  Desk desk;
  REQUIRE(desk.poll());
  desk.happen(1, 6);
  desk.net2.unreadable = {3};
  REQUIRE(desk.poll());
  CHECK(desk.ids() == std::vector<std::int64_t>{1, 2, 4, 5, 6});
  REQUIRE(desk.store.gaps.size() == 1);
  CHECK(desk.store.gaps[0].count == 1);
  CHECK(desk.store.gaps[0].cause == "unreadable");

  SECTION("not again by the polls that follow, nor with the next one") {
    REQUIRE(desk.poll());
    desk.happen(7, 8);
    desk.net2.unreadable.insert(8);
    REQUIRE(desk.poll());
    REQUIRE(desk.store.gaps.size() == 2);
    CHECK(desk.store.gaps[1].count == 1);
  }
  SECTION("though the commit fails at first") {
    desk.happen(7, 7);
    desk.net2.unreadable.insert(7);
    desk.store.fail_on_call(1);
    CHECK_FALSE(desk.poll());
    REQUIRE(desk.poll());
    CHECK(desk.store.gaps.size() == 2);
  }
  SECTION("also where a page has nothing else") {
    desk.happen(7, 20);
    for (const auto id : numbers(7, 18)) desk.net2.unreadable.insert(id);
    desk.net2.page_limit = 1;
    const int news = desk.news;
    REQUIRE(desk.catch_up());
    CHECK(desk.ids().back() == 20);
    CHECK(desk.store.gaps.size() == 13);
    CHECK(desk.news >= news + 14);
  }
  SECTION("rows without an id as well") {
    desk.net2.nameless = {"no id"};
    REQUIRE(desk.poll());
    REQUIRE(desk.poll());
    CHECK(desk.store.gaps.size() == 2);
  }
}

TEST_CASE("Alarms that a full disk lets in are told to the forwarder", "[events]") {
  Desk desk;
  REQUIRE(desk.poll());
  desk.happen(1, 1);
  desk.store.fail_on_call(1, Errc::storage_full);
  CHECK_FALSE(desk.poll());
  CHECK(desk.news == 1);
}

TEST_CASE("A poll that finds nothing new rings no bell", "[events]") {
  Desk desk;
  desk.happen(1, 5);
  REQUIRE(desk.poll());
  REQUIRE(desk.poll());
  CHECK(desk.news == 0);
}
