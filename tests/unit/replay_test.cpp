// Past decisions under another configuration.

#include "daemon/core/replay.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/decision_case.hpp"

namespace gatehouse {
namespace {

/// What is kept of a decision that this case makes.
struct Past {
  DecisionRecord record;
  DecisionBasis basis;
};

Past past(const DecisionCase& it) {
  const AccessPolicy policy(it.settings, zones_of(it.settings), it.modes);
  const auto verdict = decide(it.asked, it.subject(), policy, it.lockdown, it.moment);
  Past kept;
  kept.record.asked = it.asked;
  kept.record.at = it.moment.now;
  kept.record.allow = verdict.allow;
  kept.record.reason = verdict.reason;
  for (const auto& door : verdict.doors)
    kept.record.doors.push_back({door.door->id, door.allow, door.reason, {}});
  if (!it.unknown && !it.walk_in) kept.basis.person = it.person;
  kept.basis.grants = it.grants;
  kept.basis.visits = it.visits;
  kept.basis.age = it.age;
  kept.basis.walk_in = it.walk_in;
  kept.basis.walk_ins_allowed = it.walk_ins_allowed;
  kept.basis.namesake_disabled = it.namesake_disabled;
  kept.basis.lockdown = it.lockdown;
  kept.basis.moment = it.moment;
  return kept;
}

Replayed again(const Past& kept, const Settings& settings) {
  const AccessPolicy policy(settings, zones_of(settings));
  return replay(kept.record, kept.basis, policy);
}

DecisionCase two_doors() {
  DecisionCase it;
  it.reception().doors = {DecisionCase::door_id(1), DecisionCase::door_id(3)};
  it.policy().employees.open = true;
  return it;
}

}  // namespace

TEST_CASE("D-10: under the same configuration nothing would be otherwise", "[replay]") {
  auto it = two_doors();
  SECTION("allowed") {}
  SECTION("a walk-in") {
    it.walk_in = true;
    it.reception().walk_ins = true;
  }
  SECTION("unknown") {
    it.unknown = true;
  }
  SECTION("locked down") {
    it.lockdown.net2 = {IntegrationId("net2-hq")};
  }
  SECTION("an untrusted clock") {
    it.moment.trusted = false;
    it.person.valid_until = it.moment.now;
  }
  SECTION("stale") {
    it.age = {};
  }
  SECTION("granted") {
    it.policy().employees.open = false;
    it.grant_door(3);
  }
  const auto result = again(past(it), it.settings);
  CHECK(result.was == result.would_be);
  CHECK_FALSE(result.other_outcome());
  ReplayCount count;
  count.add(result);
  CHECK(count == ReplayCount{1, 0, 0, 0, 0});
}

TEST_CASE("D-10: who would be refused, let in, let in elsewhere, or told something else", "[replay]") {
  auto it = two_doors();
  ReplayCount count;
  const auto kept = past(it);
  REQUIRE(kept.record.allow);

  auto closed = it.settings;
  closed.policy.policy.employees.open = false;
  const auto refused = again(kept, closed);
  CHECK(refused.was.reason == AccessReason::employee);
  CHECK(refused.would_be.reason == AccessReason::employees_closed);
  CHECK(refused.would_be.doors.size() == 2);
  CHECK(refused.other_outcome());
  count.add(refused);
  CHECK(count == ReplayCount{1, 0, 1, 0, 0});

  auto one_less = it.settings;
  one_less.doors.at(2).allow_trigger = false;
  const auto fewer = again(kept, one_less);
  CHECK(fewer.would_be.allow);
  CHECK(fewer.other_outcome());
  count.add(fewer);
  CHECK(count == ReplayCount{2, 0, 1, 1, 0});

  auto by_rule = closed;
  by_rule.policy.policy.rules = {{"staff", PersonType::employee, {}, {}, {}}};
  const auto same = again(kept, by_rule);
  CHECK_FALSE(same.other_outcome());
  CHECK(same.other_reason_only());
  count.add(same);
  CHECK(count == ReplayCount{3, 0, 1, 1, 1});

  it.settings = closed;
  const auto denied = past(it);
  REQUIRE_FALSE(denied.record.allow);
  const auto let_in = again(denied, by_rule);
  CHECK(let_in.other_outcome());
  count.add(let_in);
  CHECK(count == ReplayCount{4, 1, 1, 1, 1});
}

TEST_CASE("D-10: an access point that is gone would let nobody in, and one with other doors says so",
          "[replay]") {
  auto it = two_doors();
  const auto kept = past(it);
  auto gone = it.settings;
  gone.access_points.clear();
  CHECK(again(kept, gone).would_be.reason == AccessReason::unknown_access_point);
  auto moved = it.settings;
  moved.access_points.front().doors = {DecisionCase::door_id(3)};
  const auto result = again(kept, moved);
  CHECK(result.would_be.allow);
  CHECK(result.other_outcome());
}

TEST_CASE("D-10: the facts of then count, not those of today: the hour and the age", "[replay]") {
  auto it = two_doors();
  it.age.age = std::chrono::hours{50};
  const auto kept = past(it);
  REQUIRE(kept.record.allow);
  auto stricter = it.settings;
  stricter.policy.max_age.by_type[PersonType::employee] = std::chrono::hours{48};
  CHECK(again(kept, stricter).would_be.reason == AccessReason::stale_data);
  auto at_night = it.settings;
  at_night.policy.policy.employees.open = false;
  at_night.policy.policy.rules = {{"night", PersonType::employee, {}, {}, ScheduleId("night")}};
  CHECK(again(kept, at_night).would_be.reason == AccessReason::outside_hours);
}

}  // namespace gatehouse
