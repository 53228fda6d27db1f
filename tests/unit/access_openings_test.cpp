// Doors that may not be opened again so soon (contract.md §2 cloud.rate.per_door).

#include <set>

#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("A door that was opened too often stays shut; where nothing else opens, the sign-in is refused",
          "[access]") {
  DeskCase at;
  at.open_for_business();
  std::vector<DoorId> asked;
  std::set<DoorId> limited{front_door};
  const auto sign_in = [&](std::string point, std::string who) {
    auto request = DeskCase::request(std::move(point), PersonId(std::move(who)));
    request.asker.take_opening = [&](const DoorId& door) {
      asked.push_back(door);
      return !limited.contains(door);
    };
    return at.bench.get(at.desk.sign_in(std::move(request)));
  };
  const auto decision = sign_in("lobby", "Ada");
  REQUIRE(decision);
  CHECK(decision->allow);
  CHECK(asked == std::vector{front_door, back_door});
  CHECK(answer_of(*decision, front_door) == DoorAnswer{DoorCommandState::not_sent, "rate_limited"});
  CHECK(answer_of(*decision, back_door) == DoorAnswer{DoorCommandState::sent, ""});
  CHECK(at.stored(decision->id) == *decision);
  CHECK(at.doors.calls.size() == 1);
  SECTION("of a delayed one only the others are due") {
    const auto later = sign_in("lift", "Ada");
    REQUIRE(later);
    CHECK(answer_of(*later, front_door).why == "rate_limited");
    CHECK(answer_of(*later, gate).state == DoorCommandState::scheduled);
    at.pass(5s);
    CHECK(answer_of(at.stored(later->id), front_door).why == "rate_limited");
    CHECK(answer_of(at.stored(later->id), gate).state == DoorCommandState::sent);
    CHECK(at.doors.calls.size() == 2);
  }
  SECTION("nothing of a refused one has happened") {
    const auto begun = at.store.begins;
    limited.insert(back_door);
    const auto refused = sign_in("lobby", "Bob");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::refused);
    CHECK(refused.error().detail.starts_with("rate_limited: "));
    CHECK(at.store.begins == begun);
    CHECK(at.told("decision").size() == 1);
    CHECK(at.told("presence").size() == 1);
  }
  SECTION("one that opens nothing asks for nothing") {
    asked.clear();
    const auto denied = sign_in("lobby", "Eve");
    REQUIRE(denied);
    CHECK_FALSE(denied->allow);
    CHECK(asked.empty());
    CHECK(at.told("presence").size() == 2);
  }
}
