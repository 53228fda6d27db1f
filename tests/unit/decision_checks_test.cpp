// Checks 1 to 11 of a decision: what must be right before any rule is asked (contract.md §4).

#include <catch2/catch.hpp>

#include "tests/unit/decision_case.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

/// Everybody may in, so that what is denied is denied by a check.
DecisionCase open_house() {
  DecisionCase it;
  it.policy().employees = {true, true};
  it.policy().visitors.open = VisitorsAdmitted::all;
  return it;
}

std::string answer_where(const std::function<void(DecisionCase&)>& change) {
  auto it = open_house();
  REQUIRE(it.answer() == "allow employee");
  change(it);
  return it.answer();
}

}  // namespace

TEST_CASE("S2-H2: each check before the doors has its reason", "[decision]") {
  struct Row {
    const char* name;
    const char* reason;
    std::function<void(DecisionCase&)> change;
  };
  const auto row = GENERATE(values<Row>({
      {"another access point", "deny unknown_access_point",
       [](DecisionCase& it) { it.asked.access_point = AccessPointId("cellar"); }},
      {"the way out", "deny direction", [](DecisionCase& it) { it.asked.direction = Direction::out; }},
      {"opens on nothing", "deny direction", [](DecisionCase& it) { it.reception().open_on.clear(); }},
      {"a phone", "deny mode_not_allowed", [](DecisionCase& it) { it.asked.mode = SignInMode::mobile; }},
      {"opens for no mode", "deny mode_not_allowed",
       [](DecisionCase& it) { it.reception().open_modes.clear(); }},
      {"no door", "deny no_door", [](DecisionCase& it) { it.reception().doors.clear(); }},
      {"lockdown", "deny lockdown", [](DecisionCase& it) { it.lockdown.sites = {SiteId("hq")}; }},
      {"lockdown that cannot be read", "deny lockdown",
       [](DecisionCase& it) { it.lockdown.unreadable = true; }},
      {"nobody we know", "deny unknown_person", [](DecisionCase& it) { it.unknown = true; }},
      {"switched off", "deny access_disabled", [](DecisionCase& it) { it.person.admin_enabled = false; }},
      {"gone at the source", "deny source_removed",
       [](DecisionCase& it) { it.person.sources.front().present = false; }},
      {"gone at one of two", "deny source_removed",
       [](DecisionCase& it) {
         it.person.sources.push_back({IntegrationId("cloud"), SourceKind::cloud, false});
       }},
      {"no source", "deny source_removed", [](DecisionCase& it) { it.person.sources.clear(); }},
      {"gone, but not tracked", "allow employee",
       [](DecisionCase& it) {
         it.person.sources.front().present = false;
         it.person.tracked = false;
       }},
      {"too old", "deny stale_data", [](DecisionCase& it) { it.age.age = 72h + 1ms; }},
      {"just not too old", "allow employee", [](DecisionCase& it) { it.age.age = 72h; }},
      {"never proved", "deny stale_data", [](DecisionCase& it) { it.age = {}; }},
      {"too old, but not tracked", "allow employee",
       [](DecisionCase& it) {
         it.age = {};
         it.person.tracked = false;
       }},
      {"another site is locked down", "allow employee",
       [](DecisionCase& it) { it.lockdown.sites = {SiteId("annex")}; }},
  }));
  INFO(row.name);
  CHECK(answer_where(row.change) == row.reason);
}

TEST_CASE("S2-H2: the first failing check is the reason", "[decision]") {
  // All fail at the start; each step mends the first.
  auto it = open_house();
  it.asked = {AccessPointId("cellar"), Direction::out, SignInMode::web};
  it.reception().doors.clear();
  it.lockdown.sites = {SiteId("hq")};
  it.unknown = true;
  it.person.admin_enabled = false;
  it.person.sources.clear();
  it.person.valid_until = it.moment.now;
  it.age = {};
  it.lockdown.net2 = {IntegrationId("net2-hq")};
  it.door(1).mode = DoorMode::blocked;
  it.door(1).allow_trigger = false;
  it.policy() = {};

  CHECK(it.answer() == "deny unknown_access_point");
  it.asked.access_point = AccessPointId("reception");
  CHECK(it.answer() == "deny direction");
  it.asked.direction = Direction::in;
  CHECK(it.answer() == "deny mode_not_allowed");
  it.asked.mode = SignInMode::qr;
  CHECK(it.answer() == "deny no_door");
  it.reception().doors = {DecisionCase::door_id(1)};
  CHECK(it.answer() == "deny lockdown");
  it.lockdown.sites.clear();
  CHECK(it.answer() == "deny unknown_person");
  it.unknown = false;
  CHECK(it.answer() == "deny access_disabled");
  it.person.admin_enabled = true;
  CHECK(it.answer() == "deny source_removed");
  it.person.sources = {{IntegrationId("net2-hq"), SourceKind::net2, true}};
  CHECK(it.answer() == "deny validity_expired");
  it.person.valid_until.reset();
  CHECK(it.answer() == "deny stale_data");
  CHECK(it.door_answers().empty());  // nothing is said of doors before check 10
  it.age.age = 0ms;
  CHECK(it.door_answers() == std::vector<std::string>{"deny lockdown"});
  it.lockdown.net2.clear();
  CHECK(it.answer() == "deny door_blocked");
  it.door(1).mode = DoorMode::normal;
  CHECK(it.answer() == "deny door_triggers_off");
  it.door(1).allow_trigger = true;
  CHECK(it.answer() == "deny employees_closed");
  it.policy().employees.open = true;
  CHECK(it.answer() == "allow employee");
}

TEST_CASE("S1-20: validity holds its start and not its end", "[decision]") {
  auto it = open_house();
  const auto now = it.moment.now;
  it.person.valid_from = now;
  it.person.valid_until = now + 1ms;
  CHECK(it.answer() == "allow employee");
  it.person.valid_from = now + 1ms;
  CHECK(it.answer() == "deny not_yet_valid");
  it.person.valid_from.reset();
  it.person.valid_until = now;
  CHECK(it.answer() == "deny validity_expired");
  it.person.valid_from = now + 1h;  // upside down: the start is asked first
  CHECK(it.answer() == "deny not_yet_valid");
}

TEST_CASE("D-3: what is known may be so old for each type", "[decision]") {
  struct Row {
    PersonType type;
    Duration most;
  };
  const auto row = GENERATE(values<Row>({{PersonType::employee, 72h},
                                         {PersonType::visitor, 12h},
                                         {PersonType::contractor, 24h},
                                         {PersonType::member, 24h}}));
  INFO(to_string(row.type));
  DecisionCase it;
  it.person.person_type = row.type;
  it.grant_door(1);
  it.age.age = row.most;
  CHECK(it.answer() == "allow grant");
  it.age.age = row.most + 1ms;
  CHECK(it.answer() == "deny stale_data");
  it.settings.policy.max_age = {{}, row.most + 1ms};
  CHECK(it.answer() == "allow grant");
}

TEST_CASE("Features §4 clock: a clock nobody trusts fails what needs it, and only that", "[decision]") {
  auto it = open_house();
  it.moment.trusted = false;
  CHECK(it.answer() == "allow employee");  // needs no clock

  SECTION("validity") {
    it.person.valid_until = it.moment.now + 24h;
    CHECK(it.answer() == "deny clock_untrusted");
  }
  SECTION("age across a restart") {
    it.age = {1min, true};
    CHECK(it.answer() == "deny clock_untrusted");
    it.age.by_wall_clock = false;
    CHECK(it.answer() == "allow employee");
    it.age = {std::nullopt, true};  // proved in the future: which clock was wrong?
    CHECK(it.answer() == "deny clock_untrusted");
    it.age = {std::nullopt, false};  // no clock would help
    CHECK(it.answer() == "deny stale_data");
  }
  SECTION("visits") {
    it.person.person_type = PersonType::visitor;
    it.policy().visitors.open = VisitorsAdmitted::preregistered;
    CHECK(it.answer() == "deny visitor_not_preregistered");
    it.visit("2026-06-01T09:00:00Z", "2026-06-01T10:00:00Z").status = VisitStatus::cancelled;
    CHECK(it.answer() == "deny visit_cancelled");
    it.visits.front().status = VisitStatus::expected;
    CHECK(it.answer() == "deny clock_untrusted");
  }
  SECTION("hours and dates") {
    it.policy().employees.open = false;
    it.policy().rules = {{"staff hours", PersonType::employee, {}, {}, ScheduleId("business")}};
    CHECK(it.answer() == "deny clock_untrusted");
    it.policy().rules.clear();
    it.grant_door(1).until = it.moment.now + 24h;
    CHECK(it.answer() == "deny clock_untrusted");
    it.grant_door(1);
    CHECK(it.answer() == "allow grant");
  }
}

TEST_CASE("S1-19: a walk-in is let in where walk-ins are", "[decision]") {
  auto it = open_house();
  it.walk_in = true;
  CHECK(it.answer() == "deny visitor_not_preregistered");
  it.reception().walk_ins = true;
  it.age = {};  // 6 to 9 are not for them
  CHECK(it.answer() == "allow visitor_any");
  it.walk_ins_allowed = false;
  CHECK(it.answer() == "deny visitor_not_preregistered");
  it.walk_ins_allowed = true;
  it.policy().visitors.open = VisitorsAdmitted::preregistered;
  CHECK(it.answer() == "deny visitor_not_preregistered");
  CHECK(it.door_answers().size() == 1);
  it.policy().visitors.open = VisitorsAdmitted::none;
  CHECK(it.answer() == "deny visitors_closed");
  it.policy().rules = {{"guests", PersonType::visitor, {}, {}, {}}};
  CHECK(it.answer() == "allow rule");
  it.policy().rules = {{"guests", PersonType::visitor, {"current"}, {}, {}}};
  CHECK(it.answer() == "deny visitors_closed");
  it.namesake_disabled = true;
  CHECK(it.answer() == "deny access_disabled");
  it.reception().walk_ins = false;
  CHECK(it.answer() == "deny visitor_not_preregistered");
}

TEST_CASE("S2-H8: a door's mode and state come before any policy", "[decision]") {
  auto it = open_house();
  SECTION("modes") {
    it.door(1).mode = DoorMode::blocked;
    CHECK(it.answer() == "deny door_blocked");
    it.door(1).mode = DoorMode::force_closed;
    CHECK(it.answer() == "deny door_force_closed");
    it.door(1).mode = DoorMode::force_open;
    it.door(1).allow_trigger = false;
    it.policy() = {};
    CHECK(it.answer() == "allow door_open");
  }
  SECTION("an operator's mode beats the file") {
    it.modes[DecisionCase::door_id(1)] = DoorMode::blocked;
    CHECK(it.answer() == "deny door_blocked");
    it.door(1).mode = DoorMode::blocked;
    it.modes[DecisionCase::door_id(1)] = DoorMode::normal;
    CHECK(it.answer() == "allow employee");
  }
  SECTION("an integration that is disabled or staging") {
    it.settings.integrations.front().enabled = false;
    CHECK(it.answer() == "deny door_unavailable");
    it.settings.integrations.front().enabled = true;
    it.settings.integrations.front().mode = IntegrationMode::staging;
    CHECK(it.answer() == "deny door_unavailable");
    it.door(1).mode = DoorMode::force_open;
    CHECK(it.answer() == "deny door_unavailable");
    it.door(1).mode = DoorMode::blocked;
    CHECK(it.answer() == "deny door_blocked");
  }
  SECTION("no triggers") {
    it.door(1).allow_trigger = false;
    CHECK(it.answer() == "deny door_triggers_off");
  }
  SECTION("lockdown of the door's own site, and Net2's own") {
    it.reception().doors = {DecisionCase::door_id(2), DecisionCase::door_id(1)};
    it.lockdown.sites = {SiteId("annex")};
    it.door(2).mode = DoorMode::force_open;
    CHECK(it.door_answers() == std::vector<std::string>{"deny lockdown", "allow employee"});
    it.lockdown.sites.clear();
    it.lockdown.net2 = {IntegrationId("net2-hq")};
    it.reception().doors.push_back(DecisionCase::door_id(3));
    CHECK(it.door_answers() == std::vector<std::string>{"deny lockdown", "deny lockdown", "allow employee"});
    CHECK(it.answer() == "allow employee");
  }
}

TEST_CASE("S2-H2: any door is enough; the reason is the first open door's, else the first door's",
          "[decision]") {
  auto it = open_house();
  it.reception().doors = {DecisionCase::door_id(1), DecisionCase::door_id(2), DecisionCase::door_id(3)};
  it.door(1).mode = DoorMode::blocked;
  it.person.roamer = true;
  CHECK(it.door_answers() == std::vector<std::string>{"deny door_blocked", "allow roamer", "allow employee"});
  CHECK(it.answer() == "allow roamer");
  it.door(2).mode = DoorMode::force_closed;
  it.door(3).allow_trigger = false;
  CHECK(it.answer() == "deny door_blocked");
}

TEST_CASE("D-2: the trace has each check with its result, what it rested on and its age", "[decision]") {
  auto it = open_house();
  SECTION("allowed") {
    it.person.valid_until = utc("2026-07-01T00:00:00Z");
    CHECK(it.trace() ==
          TraceWords{"access_point pass reception", "direction pass in", "mode pass kiosk", "doors pass",
                     "lockdown pass hq", "known pass 01JADA", "admin_enabled pass", "source_present pass",
                     "validity pass until 2026-07-01T00:00:00Z", "freshness pass age 60",
                     "door_lockdown pass hq @1", "door_mode pass normal @1", "door_trigger pass @1",
                     "policy pass site @1", "employees pass employee @1"});
  }
  SECTION("denied before the doors: nothing after the failure") {
    it.person.sources.front().present = false;
    CHECK(it.trace().back() == "source_present fail net2-hq");
    CHECK(it.trace().size() == 8);
  }
  SECTION("every path that was tried; what is not about them is skipped, what is fails by its time") {
    it.policy().employees.open = false;
    it.policy().rules = {{"members", PersonType::member, {}, {}, {}},
                         {"night staff", PersonType::employee, {}, {}, ScheduleId("night")}};
    it.grant_door(2);
    it.grant_door(1).until = utc("2026-05-01T00:00:00Z");
    it.person.tracked = false;
    const auto trace = it.trace();
    CHECK(TraceWords(trace.begin() + 7, trace.end()) ==
          TraceWords{"source_present skip untracked", "validity pass", "freshness skip untracked age 60",
                     "door_lockdown pass hq @1", "door_mode pass normal @1", "door_trigger pass @1",
                     "policy pass site @1", "employees fail employees_closed @1", "rule skip members @1",
                     "rule fail night staff @1", "grant skip G1 @1",
                     "grant fail G2 until 2026-05-01T00:00:00Z @1"});
    CHECK(it.answer() == "deny outside_hours");
  }
  SECTION("a walk-in") {
    it.walk_in = true;
    it.reception().walk_ins = true;
    const auto trace = it.trace();
    CHECK(TraceWords(trace.begin() + 5, trace.begin() + 10) ==
          TraceWords{"known pass walk_in", "admin_enabled pass walk_in", "source_present skip walk_in",
                     "validity skip walk_in", "freshness skip walk_in"});
  }
  SECTION("what is stale has its age") {
    it.age.age = 100h;
    CHECK(it.trace().back() == "freshness fail age 360000");
    it.age = {};
    CHECK(it.trace().back() == "freshness fail never");
  }
}

}  // namespace gatehouse
