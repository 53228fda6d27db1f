// Openings that come later, what a crash leaves, and the end.

#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {
const DoorAnswer scheduled{DoorCommandState::scheduled, ""};
const DoorAnswer dropped{DoorCommandState::not_sent, "dropped"};
}  // namespace

TEST_CASE("S1-H1: a delayed opening is told as scheduled, and decided again when it is due", "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto decision = at.sign_in("lift");
  CHECK(answer_of(decision, front_door) == scheduled);
  CHECK(at.told("decision").size() == 1);
  CHECK(at.disk.open.begin()->second.scheduled);
  CHECK(at.disk.state.commanded.empty());
  at.pass(5s - 1ms);
  CHECK(at.doors.calls.empty());
  SECTION("and opens") {
    at.pass(1ms);
    REQUIRE(at.doors.calls.size() == 2);
    CHECK(at.doors.calls[0]->order.deadline == at.clock.uptime() + 10s);
    const auto& now = at.stored(decision.id);
    CHECK(now.revision == 2);
    CHECK(answer_of(now, front_door).state == DoorCommandState::sent);
    CHECK(answer_of(now, gate).state == DoorCommandState::sent);
    CHECK(at.told("decision").size() == 2);
    CHECK(at.disk.open.empty());
  }
  SECTION("and is denied by what has changed") {
    auto ada = person("Ada");
    ada.person.admin_enabled = false;
    at.store.put_person(ada);
    at.pass(1ms);
    CHECK(at.doors.calls.empty());
    const auto& now = at.stored(decision.id);
    CHECK(now.revision == 2);
    CHECK(answer_of(now, front_door) == DoorAnswer{DoorCommandState::not_sent, "access_disabled"});
    CHECK(at.disk.open.empty());
  }
  SECTION("each door by itself") {
    REQUIRE(at.bench.get(at.desk.set_mode(gate, DoorMode::blocked, "uid 1000")));
    at.pass(1ms);
    CHECK(at.doors.calls.size() == 1);
    CHECK(answer_of(at.stored(decision.id), gate) == DoorAnswer{DoorCommandState::not_sent, "door_blocked"});
    CHECK(answer_of(at.stored(decision.id), front_door).state == DoorCommandState::sent);
  }
  SECTION("and a lockdown drops it at once, though it be lifted again") {
    REQUIRE(at.lock(head_office, true));
    at.bench.run();
    CHECK(answer_of(at.stored(decision.id), front_door) == dropped);
    REQUIRE(at.lock(head_office, false));
    at.pass(1s);
    CHECK(at.doors.calls.empty());
  }
  SECTION("and one elsewhere does not") {
    REQUIRE(at.lock(annex, true));
    at.pass(1ms);
    CHECK(at.doors.calls.size() == 2);
  }
  SECTION("and is dropped and told when the daemon ends") {
    at.stop();
    CHECK(answer_of(at.stored(decision.id), front_door) == dropped);
    CHECK(at.told("decision").size() == 2);
    CHECK(at.disk.open.empty());
  }
  SECTION("and needs its own durable intent") {
    at.store.cannot_write = true;
    at.pass(1ms);
    CHECK(at.doors.calls.empty());
    at.store.cannot_write = false;
    REQUIRE(at.bench.until([&] { return at.disk.open.empty(); }));
    CHECK(answer_of(at.stored(decision.id), front_door).why == "store_unwritable");
  }
  SECTION("D-6: and a crash drops it") {
    at.store.dead = true;
    at.doors.dead = true;
    at.clock.pass(1s);
    DeskCase later(&at.disk, at.clock_kept);
    later.open_for_business();
    CHECK(later.doors.calls.empty());
    CHECK(answer_of(later.stored(decision.id), front_door) == dropped);
    CHECK(later.stored(decision.id).revision == 2);
    CHECK(later.told("decision").size() == 2);
    CHECK(later.disk.open.empty());
  }
}

TEST_CASE("D-6: a delayed opening that is too late is not made", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto asked = DeskCase::request("lift");
  asked.asker.expires = at.clock.uptime() + 4s;
  const auto decision = at.bench.get(at.desk.sign_in(asked));
  REQUIRE(decision);
  at.pass(5s);
  CHECK(at.doors.calls.empty());
  CHECK(answer_of(at.stored(decision->id), front_door).why == "late");
}

TEST_CASE("What a crash leaves open is unknown, told once, and never asked again", "[access]") {
  AccessDisk disk;
  const auto clock = std::make_shared<DeskClock>();
  std::string id;
  const bool asked = GENERATE(false, true);
  {
    DeskCase at(&disk, clock);
    at.open_for_business();
    at.store.die_after_begin = !asked;
    at.doors.slow = true;
    std::optional<Result<DecisionRecord>> answer;
    at.bench.start_into(at.desk.sign_in(DeskCase::request("all")), answer);
    at.bench.run();
    CHECK(at.doors.calls.size() == (asked ? 3 : 0));
    at.store.dead = true;
    at.stop();
  }
  REQUIRE(disk.decisions.size() == 1);
  id = disk.decisions.begin()->first;
  CHECK(disk.open.size() == 3);
  DeskCase later(&disk, clock);
  later.open_for_business();
  CHECK(later.doors.calls.empty());
  CHECK(later.desk.left_open().size() == 3);
  const auto& now = later.stored(id);
  CHECK(now.revision == 1);  // it was never told before
  for (const auto& door : {front_door, gate, back_door})
    CHECK(answer_of(now, door).state == DoorCommandState::unknown);
  CHECK(later.told("decision").size() == 1);
  CHECK(later.audited("door.open", "unknown") == 3);
  CHECK(later.disk.open.empty());
  // The momentary door may have moved a moment ago.
  CHECK(answer_of(later.sign_in("yard"), gate).why == "already_commanded");
  CHECK(answer_of(later.sign_in("reception"), front_door).state == DoorCommandState::sent);
  later.pass(10s);
  CHECK(answer_of(later.sign_in("yard"), gate).state == DoorCommandState::sent);
}

TEST_CASE("An operator's act that a crash left open is audited as unknown", "[access]") {
  AccessDisk disk;
  const auto clock = std::make_shared<DeskClock>();
  {
    DeskCase at(&disk, clock);
    at.open_for_business();
    at.store.die_after_begin = true;
    CHECK_FALSE(at.move(DeskCase::act(front_door)));
    at.stop();
  }
  DeskCase later(&disk, clock);
  later.open_for_business();
  CHECK(later.audited("door.open", "unknown") == 1);
  CHECK(later.disk.open.empty());
  CHECK(later.doors.calls.empty());
}

TEST_CASE("While it cannot be read what is locked down, everything is", "[access]") {
  DeskCase at;
  at.store.cannot_read = true;
  at.open_for_business();
  CHECK(at.desk.lockdown() == std::set{head_office, annex});
  CHECK(at.alert_is_up("access_unreadable"));
  CHECK(at.sign_in("reception").reason == AccessReason::lockdown);
  CHECK_FALSE(at.move(DeskCase::act(front_door)));
  at.store.cannot_read = false;
  at.pass(10s);
  CHECK(at.desk.lockdown().empty());
  CHECK_FALSE(at.alert_is_up("access_unreadable"));
  CHECK(at.sign_in("reception").allow);
}

TEST_CASE("Who changes while everybody is read is known as they are now", "[access]") {
  DeskCase at;
  at.store.during_read = [&] {
    auto ada = person("Ada");
    ada.person.admin_enabled = false;
    at.desk.on_people({ada}, {PersonId("Bob")});
  };
  at.open_for_business();
  CHECK(at.sign_in("reception").reason == AccessReason::access_disabled);
  CHECK(at.sign_in("reception", PersonId("Bob")).reason == AccessReason::unknown_person);
}

TEST_CASE("The end waits a second for Net2, and stores what it does not know", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  std::optional<Result<DecisionRecord>> answer;
  at.bench.start_into(at.desk.sign_in(DeskCase::request("reception")), answer);
  at.bench.run();
  const auto begun = std::chrono::steady_clock::now();
  at.stop();
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
  REQUIRE(answer);
  CHECK(answer_of(**answer, front_door).state == DoorCommandState::unknown);
  CHECK(at.disk.open.empty());
  CHECK(at.told("decision").size() == 1);
  CHECK_FALSE(at.bench.get(at.desk.sign_in(DeskCase::request("reception"))));
}

TEST_CASE("Proofs go to the disk once a minute and at the end", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.pass(60s);
  CHECK(at.disk.proofs.size() == 2);
  at.pass(60s);
  CHECK(at.disk.proofs.size() == 2);
  at.desk.ages().proved(net2);
  at.stop();
  CHECK(at.disk.proofs.size() == 3);
  CHECK(at.disk.proofs.back() == Proof{net2, at.clock.now()});
  CHECK(at.desk.late().empty());
}
