// What confirms that a door moved.

#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {
DoorCommandState state(const DeskCase& at, const DecisionRecord& decision, const DoorId& door = front_door) {
  return answer_of(at.stored(decision.id), door).state;
}
}  // namespace

TEST_CASE("S2-H6: sent becomes confirmed by the event of our own instruction, as a new revision",
          "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto decision = at.sign_in("reception");
  at.opened(front_door, 580, 0);  // only the request
  at.opened(front_door, 28, 0);   // by a card
  at.opened(front_door, 28, 62);  // by the exit button
  at.opened(back_door);
  CHECK(state(at, decision) == DoorCommandState::sent);
  at.pass(15s);
  at.opened(front_door);
  CHECK(state(at, decision) == DoorCommandState::confirmed);
  CHECK(at.stored(decision.id).revision == 2);
  CHECK(at.told("decision").size() == 2);
  at.opened(front_door);
  CHECK(at.told("decision").size() == 2);
}

TEST_CASE("S2-H6: a relay that was closed and is open confirms", "[access]") {
  DeskCase at;
  at.open_for_business();
  const bool known = GENERATE(false, true);
  if (known) at.relay(front_door, false);
  const auto decision = at.sign_in("reception");
  at.relay(front_door, true);
  CHECK(state(at, decision) == (known ? DoorCommandState::confirmed : DoorCommandState::sent));
}

TEST_CASE("Nothing is confirmed after the open time and ten seconds", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.relay(front_door, false);
  const auto decision = at.sign_in("reception");
  at.clock.pass(15s + 1ms);
  at.opened(front_door);
  at.relay(front_door, true);
  CHECK(state(at, decision) == DoorCommandState::sent);
}

TEST_CASE("An event that was read late counts only where it is not older than the command", "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto decision = at.sign_in("reception");
  at.opened(front_door, 28, 61, true, 10s);
  CHECK(state(at, decision) == DoorCommandState::sent);
  at.opened(front_door, 28, 61, true, 1s);
  CHECK(state(at, decision) == DoorCommandState::confirmed);
}

TEST_CASE("A sign that comes before Net2's answer is in the first telling", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  std::optional<Result<DecisionRecord>> answer;
  at.bench.start_into(at.desk.sign_in(DeskCase::request("lobby")), answer);
  at.bench.run();
  at.opened(front_door);
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  at.doors.answer(1, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(answer);
  CHECK(answer_of(**answer, front_door).state == DoorCommandState::confirmed);
  CHECK(answer_of(**answer, back_door).state == DoorCommandState::sent);
  CHECK((*answer)->revision == 1);
}

TEST_CASE("A sign while another door of the decision is still asked is not lost", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  std::optional<Result<DecisionRecord>> answer;
  at.bench.start_into(at.desk.sign_in(DeskCase::request("lobby")), answer);
  at.bench.run();
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  at.opened(front_door);
  at.doors.answer(1, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(answer);
  CHECK(answer_of(**answer, front_door).state == DoorCommandState::confirmed);
}

TEST_CASE("One opening confirms one command: an act's own, a failed one's nobody's", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.move(DeskCase::act(front_door)));
  const auto first = at.sign_in("reception");
  const auto second = at.sign_in("reception", PersonId("Bob"));
  at.opened(front_door);  // the operator's
  CHECK(state(at, first) == DoorCommandState::sent);
  at.opened(front_door);
  CHECK(state(at, first) == DoorCommandState::confirmed);
  CHECK(state(at, second) == DoorCommandState::sent);
  at.relay(front_door, false);
  at.doors.next_answer = {DoorCommandState::failed, "400"};
  const auto third = at.sign_in("reception");
  at.opened(front_door);
  CHECK(state(at, second) == DoorCommandState::confirmed);
  CHECK(state(at, third) == DoorCommandState::failed);
}

TEST_CASE("What ended unknown stays so, and keeps its sign from others", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.next_answer = {DoorCommandState::unknown, "cut"};
  const auto first = at.sign_in("reception");
  at.doors.next_answer = {DoorCommandState::sent, ""};
  const auto second = at.sign_in("reception");
  at.opened(front_door);
  CHECK(state(at, first) == DoorCommandState::unknown);
  CHECK(state(at, second) == DoorCommandState::sent);
  at.opened(front_door);
  CHECK(state(at, second) == DoorCommandState::confirmed);
}
