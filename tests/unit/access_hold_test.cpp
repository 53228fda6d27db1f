// Doors that are held open, and how that ends.

#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

DoorRequest hold(Duration time) {
  auto asked = DeskCase::act(front_door, DoorAction::hold);
  asked.seconds = time;
  return asked;
}

}  // namespace

TEST_CASE("A hold ends by itself", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.move(hold(1h)));
  CHECK(at.doors.calls.back()->order.action == DoorAction::hold);
  REQUIRE(at.disk.holds.contains(front_door));
  CHECK(at.disk.holds.at(front_door).until == at.clock.now() + 1h);
  SECTION("when its time is over") {
    at.pass(1h - 1ms);
    CHECK(at.doors.calls.size() == 1);
    at.pass(1ms);
    REQUIRE(at.doors.calls.size() == 2);
    CHECK(at.doors.calls.back()->order.action == DoorAction::close);
    CHECK(at.disk.holds.empty());
    CHECK(at.audited("door.close", "sent") == 1);
    CHECK(at.disk.intents.back().action == DoorAction::close);
    CHECK(at.disk.open.empty());
    at.pass(1h);
    CHECK(at.doors.calls.size() == 2);
  }
  SECTION("by an operator") {
    REQUIRE(at.move(DeskCase::act(front_door, DoorAction::close)));
    CHECK(at.disk.holds.empty());
    at.pass(2h);
    CHECK(at.doors.calls.size() == 2);
  }
  SECTION("later, where it was made longer") {
    REQUIRE(at.move(hold(3h)));
    at.pass(2h);
    CHECK(at.doors.calls.size() == 2);
    at.pass(1h);
    CHECK(at.doors.calls.back()->order.action == DoorAction::close);
  }
  SECTION("as it was to, where making it longer failed") {
    at.doors.next_answer = {DoorCommandState::failed, "403"};
    REQUIRE(at.move(hold(3h)));
    CHECK(at.disk.holds.at(front_door).until == at.clock.now() + 1h);
    at.doors.next_answer = {DoorCommandState::sent, ""};
    at.pass(1h);
    CHECK(at.doors.calls.back()->order.action == DoorAction::close);
    CHECK(at.disk.holds.empty());
  }
  SECTION("after a restart, at once where it is overdue") {
    at.stop();
    at.clock.pass(2h);
    DeskCase later(&at.disk, at.clock_kept);
    later.open_for_business();
    REQUIRE(later.doors.calls.size() == 1);
    CHECK(later.doors.calls.back()->order.action == DoorAction::close);
    CHECK(later.disk.holds.empty());
  }
  SECTION("after a restart, at once where its end lies further away than the longest hold") {
    at.disk.holds.at(front_door).until = at.clock.now() + 24h * 365;  // begun by a clock that was ahead
    at.stop();
    DeskCase later(&at.disk, at.clock_kept);
    later.open_for_business();
    CHECK(later.doors.calls.size() == 1);
  }
  SECTION("after a restart, at once where the clock cannot tell") {
    at.stop();
    at.clock.trusted = false;
    DeskCase later(&at.disk, at.clock_kept);
    later.open_for_business();
    CHECK(later.doors.calls.size() == 1);
  }
  SECTION("after a restart, when its time is over") {
    at.stop();
    at.clock.pass(30min);
    DeskCase later(&at.disk, at.clock_kept);
    later.open_for_business();
    CHECK(later.doors.calls.empty());
    later.pass(30min);
    CHECK(later.doors.calls.size() == 1);
  }
  SECTION("even where nothing can be stored") {
    at.store.cannot_write = true;
    at.pass(1h);
    CHECK(at.doors.calls.size() == 2);
    at.store.cannot_write = false;
    CHECK(at.bench.until([&] { return at.disk.holds.empty(); }));
  }
}

TEST_CASE("A hold that did not begin has no end, and one that may have begun has", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.next_answer = {DoorCommandState::failed, "404"};
  REQUIRE(at.move(hold(1h)));
  CHECK(at.disk.holds.empty());
  at.doors.next_answer = {DoorCommandState::unknown, "cut"};
  REQUIRE(at.move(hold(1h)));
  CHECK(at.disk.holds.size() == 1);
  at.doors.next_answer = {DoorCommandState::sent, ""};
  at.pass(1h);
  REQUIRE(at.doors.calls.size() == 3);
  CHECK(at.doors.calls.back()->order.action == DoorAction::close);
}

TEST_CASE("A hold that cannot be closed is tried until it is, with an alert, and little is written",
          "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.move(hold(1h)));
  at.doors.next_answer = {DoorCommandState::failed, "no route"};
  at.pass(1h);
  CHECK(at.doors.calls.size() == 2);
  CHECK(at.alert_is_up("hold_not_closed"));
  CHECK(at.disk.holds.size() == 1);
  at.pass(1s);
  CHECK(at.doors.calls.size() == 3);
  at.yard.online.clear();
  const auto rows = at.disk.audit.size();
  for (int i = 0; i < 100; ++i) at.pass(20s);
  CHECK(at.doors.calls.size() == 3);
  CHECK(at.disk.audit.size() == rows);
  at.yard.online.insert(net2);
  at.doors.next_answer = {DoorCommandState::sent, ""};
  at.pass(20s);
  CHECK(at.doors.calls.size() == 4);
  CHECK(at.disk.holds.empty());
  CHECK_FALSE(at.alert_is_up("hold_not_closed"));
}

TEST_CASE("A hold that is due while another is being asked for does not take that one away", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.move(hold(10s)));
  at.doors.slow = true;
  at.pass(10s);  // the close is on its way
  REQUIRE(at.doors.calls.size() == 2);
  std::optional<Result<DoorReport>> longer;
  at.bench.start_into(at.desk.move_door(hold(1h)), longer);
  at.bench.run();
  at.doors.answer(1, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 3);
  at.doors.answer(2, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(longer);
  REQUIRE(at.disk.holds.size() == 1);
  at.doors.slow = false;
  at.pass(1h);
  CHECK(at.doors.calls.back()->order.action == DoorAction::close);
  CHECK(at.disk.holds.empty());
}

TEST_CASE("A hold that is renewed while its end comes is not closed behind the new one", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.move(hold(10s)));
  at.pass(5s);
  at.store.slow = true;
  std::optional<Result<DoorReport>> longer;
  at.bench.start_into(at.desk.move_door(hold(1h)), longer);  // it has its place in the line, and no more
  at.bench.run();
  at.store.slow = false;
  at.pass(5s);  // the old one's end, behind it
  at.store.let_begin();
  REQUIRE(at.bench.until([&] { return longer.has_value(); }));
  REQUIRE(*longer);
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 2);
  CHECK(at.doors.calls.back()->order.action == DoorAction::hold);
  CHECK(at.audited("door.close", "not_sent") == 1);
  REQUIRE(at.disk.holds.size() == 1);
  at.pass(1h);
  REQUIRE(at.doors.calls.size() == 3);
  CHECK(at.doors.calls.back()->order.action == DoorAction::close);
  CHECK(at.disk.holds.empty());
}
