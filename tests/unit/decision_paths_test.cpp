// Check 12 of a decision: the paths, of which any one is enough (contract.md §4).

#include <catch2/catch.hpp>

#include "tests/unit/decision_case.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using Answers = std::vector<std::string>;

/// Ada at home: door 1 at hq.
DecisionCase somebody(PersonType type) {
  DecisionCase it;
  it.person.person_type = type;
  return it;
}

}  // namespace

TEST_CASE("S1-17: employees open their own site's doors, where employees do", "[decision]") {
  auto it = somebody(PersonType::employee);
  CHECK(it.answer() == "deny employees_closed");
  it.policy().employees.open = true;
  CHECK(it.answer() == "allow employee");
  it.person.person_type = PersonType::visitor;
  CHECK(it.answer() == "deny visitors_closed");
}

TEST_CASE("S1-18: a roamer needs open, roamers, to be one, and the site in the list, asked in this order",
          "[decision]") {
  auto it = somebody(PersonType::employee);
  it.reception().site = SiteId("annex");  // door 1 has no site of its own
  it.person.roamer_sites = {SiteId("depot")};
  CHECK(it.answer() == "deny employees_closed");
  it.policy().employees.roamers = true;
  CHECK(it.answer() == "deny employees_closed");  // roamers do not open when employees are off
  it.policy().employees = {true, false};
  CHECK(it.answer() == "deny roamers_closed");
  it.policy().employees.roamers = true;
  CHECK(it.answer() == "deny not_roamer");
  it.person.roamer = true;
  CHECK(it.answer() == "deny roamer_site");
  it.person.roamer_sites.push_back(SiteId("annex"));
  CHECK(it.answer() == "allow roamer");
  it.person.roamer_sites.clear();  // all sites
  CHECK(it.answer() == "allow roamer");
  it.person.roamer = false;
  it.person.sites = {SiteId("hq"), SiteId("annex")};  // more sites make no roamer
  CHECK(it.answer() == "deny not_roamer");
}

TEST_CASE("S1-18: the site that counts is the door's own", "[decision]") {
  auto it = somebody(PersonType::employee);
  it.policy().employees = {true, true};
  it.reception().doors = {DecisionCase::door_id(1), DecisionCase::door_id(2)};
  CHECK(it.door_answers() == Answers{"allow employee", "deny not_roamer"});
  it.person.site = SiteId("annex");
  CHECK(it.door_answers() == Answers{"deny not_roamer", "allow employee"});
}

TEST_CASE("S1-19, S1-21: visitors none and all", "[decision]") {
  auto it = somebody(PersonType::visitor);
  it.visit("2026-06-01T09:00:00Z", "2026-06-01T10:00:00Z");
  CHECK(it.answer() == "deny visitors_closed");
  it.visits.clear();
  it.policy().visitors.open = VisitorsAdmitted::all;
  CHECK(it.answer() == "allow visitor_any");
}

TEST_CASE("S1-20: a visit lets in from early before it until late after it, both ends included",
          "[decision]") {
  auto it = somebody(PersonType::visitor);
  it.policy().visitors = {VisitorsAdmitted::preregistered, 2h, 1h};
  it.visit("2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z");
  const auto at = [&](const char* when) {
    it.moment.now = utc(when);
    return it.answer();
  };
  CHECK(at("2026-06-01T09:59:59.999Z") == "deny visit_window");
  CHECK(at("2026-06-01T10:00:00Z") == "allow visitor_preregistered");
  CHECK(at("2026-06-01T14:00:00Z") == "allow visitor_preregistered");
  CHECK(at("2026-06-01T14:00:00.001Z") == "deny visit_window");

  SECTION("any standing visit at the site will do") {
    it.visit("2026-06-01T15:00:00Z", "2026-06-01T16:00:00Z");
    CHECK(at("2026-06-01T14:00:00.001Z") == "allow visitor_preregistered");
    it.visits.back().status = VisitStatus::cancelled;
    CHECK(at("2026-06-01T14:00:00.001Z") == "deny visit_window");
    it.visits.front().status = VisitStatus::cancelled;
    CHECK(at("2026-06-01T12:30:00Z") == "deny visit_cancelled");
    it.visits.back().status = GENERATE(VisitStatus::on_site, VisitStatus::checked_out);
    CHECK(at("2026-06-01T15:30:00Z") == "allow visitor_preregistered");
  }
  SECTION("a visit elsewhere is none") {
    it.visits.front().site = SiteId("annex");
    CHECK(at("2026-06-01T12:30:00Z") == "deny visitor_not_preregistered");
    it.visit("2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z").status = VisitStatus::cancelled;
    CHECK(at("2026-06-01T12:30:00Z") == "deny visit_cancelled");
  }
  SECTION("on the days on which clocks change, an hour is an hour") {
    // Sunday 2026-03-29: at 01:00 UTC the clocks of London go forward.
    it.visits.front().start = utc("2026-03-29T02:30:00Z");
    it.visits.front().end = utc("2026-03-29T03:00:00Z");
    CHECK(at("2026-03-29T00:29:59Z") == "deny visit_window");
    CHECK(at("2026-03-29T00:30:00Z") == "allow visitor_preregistered");
    // Sunday 2026-10-25: at 01:00 UTC they go back.
    it.visits.front().start = utc("2026-10-25T00:00:00Z");
    it.visits.front().end = utc("2026-10-25T00:30:00Z");
    CHECK(at("2026-10-25T01:30:00Z") == "allow visitor_preregistered");
    CHECK(at("2026-10-25T01:30:00.001Z") == "deny visit_window");
  }
}

TEST_CASE("S1-22: contractors open, at the sites named for them", "[decision]") {
  auto it = somebody(PersonType::contractor);
  CHECK(it.answer() == "deny contractors_closed");
  it.policy().contractors.open = true;
  CHECK(it.answer() == "allow contractor");
  it.person.sites = {SiteId("annex")};  // home does not count, only the list
  CHECK(it.answer() == "deny contractor_site");
  it.policy().contractors.require_site = false;
  CHECK(it.answer() == "allow contractor");
}

TEST_CASE("S2-H3: a rule needs all its conditions; any rule is enough", "[decision]") {
  auto it = somebody(PersonType::member);
  it.person.membership_status = "active";
  it.person.tags = {"gym"};
  it.policy().rules = {{"members", PersonType::member, {"active", "current"}, {}, {}}};
  CHECK(it.answer() == "allow rule");
  it.person.membership_status = "Active";  // the same word
  CHECK(it.answer() == "allow rule");
  it.person.membership_status = "expired";
  CHECK(it.answer() == "deny no_matching_rule_or_grant");  // a member has no reason of its own
  it.person.membership_status = "";
  CHECK(it.answer() == "deny no_matching_rule_or_grant");
  it.policy().rules.front().statuses.clear();  // any
  CHECK(it.answer() == "allow rule");
  it.policy().rules.front().tag = "swim";
  CHECK(it.answer() == "deny no_matching_rule_or_grant");
  it.person.tags.push_back("swim");
  CHECK(it.answer() == "allow rule");
  it.person.person_type = PersonType::contractor;
  CHECK(it.answer() == "deny contractors_closed");
  it.policy().rules.push_back({"gym", std::nullopt, {}, "gym", {}});
  CHECK(it.answer() == "allow rule");
  it.person.tags = {"Gym"};
  CHECK(it.answer() == "deny contractors_closed");
  it.policy().rules.push_back({"nothing is asked", std::nullopt, {}, std::nullopt, {}});
  CHECK(it.answer() == "deny contractors_closed");  // a rule about nobody is about nobody
}

TEST_CASE("S2-H2: a rule's hours are those of the door's site", "[decision]") {
  auto it = somebody(PersonType::member);
  it.policy().rules = {{"members", PersonType::member, {}, {}, ScheduleId("business")}};
  it.reception().doors = {DecisionCase::door_id(1), DecisionCase::door_id(2)};
  it.moment.now = utc("2026-06-01T05:30:00Z");  // 06:30 in London, 07:30 in Paris
  CHECK(it.door_answers() == Answers{"deny outside_hours", "allow rule"});
  it.moment.now = utc("2026-06-01T17:30:00Z");  // 18:30, 19:30
  CHECK(it.door_answers() == Answers{"allow rule", "deny outside_hours"});
  it.moment.now = utc("2026-06-07T12:00:00Z");  // a Sunday
  CHECK(it.door_answers() == Answers{"deny outside_hours", "deny outside_hours"});
  it.person.person_type = PersonType::visitor;  // the rule is not about them
  CHECK(it.door_answers() == Answers{"deny visitors_closed", "deny visitors_closed"});
}

TEST_CASE("S2-H2: a window that runs into the next day, holidays, and the days on which clocks change",
          "[decision]") {
  auto it = somebody(PersonType::member);
  it.policy().rules = {{"night", PersonType::member, {}, {}, ScheduleId("night")}};
  it.settings.schedules[ScheduleId("night")].except = {
      std::chrono::year_month_day{std::chrono::year{2026}, std::chrono::month{12}, std::chrono::day{25}}};
  const auto at = [&](const char* when) {
    it.moment.now = utc(when);
    return it.answer();
  };
  CHECK(at("2026-06-01T20:59:59Z") == "deny outside_hours");  // Monday 21:59 in London
  CHECK(at("2026-06-01T21:00:00Z") == "allow rule");
  CHECK(at("2026-06-02T04:59:59Z") == "allow rule");
  CHECK(at("2026-06-02T05:00:00Z") == "deny outside_hours");
  CHECK(at("2026-06-06T04:00:00Z") == "allow rule");          // Saturday morning is Friday's window
  CHECK(at("2026-06-06T22:00:00Z") == "deny outside_hours");  // Saturday has none
  CHECK(at("2026-12-25T03:00:00Z") == "allow rule");          // began on the 24th
  CHECK(at("2026-12-25T23:00:00Z") == "deny outside_hours");
  CHECK(at("2026-12-26T03:00:00Z") == "deny outside_hours");  // of the 25th, and so is its next morning
  CHECK(at("2028-02-29T22:30:00Z") == "allow rule");          // the leap day, a Tuesday
  it.settings.schedules[ScheduleId("night")].days.fill({{23h + 30min, 1h + 30min}});
  CHECK(at("2026-03-29T00:59:59Z") == "allow rule");          // 00:59:59, then it is 02:00
  CHECK(at("2026-03-29T01:00:00Z") == "deny outside_hours");  // 02:00
  CHECK(at("2026-10-25T00:29:59Z") == "allow rule");          // 01:29:59 for the first time
  CHECK(at("2026-10-25T00:30:00Z") == "deny outside_hours");
  CHECK(at("2026-10-25T01:29:59Z") == "allow rule");  // and for the second
}

TEST_CASE("S2-H2: a grant of a door, of a scope that has it, of the whole site", "[decision]") {
  auto it = somebody(PersonType::member);
  it.settings.scopes = {{ScopeId("inner"), {DecisionCase::door_id(2)}, std::nullopt}};
  it.reception().doors = {DecisionCase::door_id(1), DecisionCase::door_id(2), DecisionCase::door_id(3)};
  const std::string none = "deny no_matching_rule_or_grant";
  SECTION("door") {
    it.grant_door(3);
    CHECK(it.door_answers() == Answers{none, none, "allow grant"});
  }
  SECTION("S2-H4: scope, which covers doors that are added to it later") {
    it.grant_scope("inner");
    CHECK(it.door_answers() == Answers{none, "allow grant", none});
    it.settings.scopes.front().doors.push_back(DecisionCase::door_id(3));
    CHECK(it.door_answers() == Answers{none, "allow grant", "allow grant"});
    it.settings.scopes.clear();  // and ends with it
    CHECK(it.door_answers() == Answers{none, none, none});
  }
  SECTION("site") {
    it.grant_site("hq");
    CHECK(it.door_answers() == Answers{"allow grant", none, "allow grant"});
    it.grant_site("annex");
    CHECK(it.door_answers() == Answers{"allow grant", "allow grant", "allow grant"});
  }
  SECTION("a grant of nothing") {
    it.grant_door(1).door.reset();
    CHECK(it.door_answers() == Answers{none, none, none});
  }
}

TEST_CASE("S2-H2: a grant holds from its start, not at its end, and within its hours", "[decision]") {
  auto it = somebody(PersonType::contractor);
  const auto now = it.moment.now;
  auto& grant = it.grant_door(1);
  grant.from = now;
  grant.until = now + 1ms;
  CHECK(it.answer() == "allow grant");
  grant.from = now + 1ms;
  CHECK(it.answer() ==
        "deny outside_hours");  // it failed only by its dates: more telling than contractors_closed
  grant.from.reset();
  grant.until = now;
  CHECK(it.answer() == "deny outside_hours");
  grant.until.reset();
  grant.hours = ScheduleId("weekend");
  CHECK(it.answer() == "deny outside_hours");
  grant.hours = ScheduleId("no such");  // the configuration has it no more: nobody knows when it would be
  CHECK(it.answer() == "deny outside_hours");
  grant.hours = ScheduleId("business");
  CHECK(it.answer() == "allow grant");
  grant.door = DecisionCase::door_id(2);
  CHECK(it.answer() == "deny contractors_closed");
}

TEST_CASE("S2-H2: paths are tried in the table's order, and grants add to rules", "[decision]") {
  auto it = somebody(PersonType::employee);
  it.policy().rules = {{"staff", PersonType::employee, {}, {}, {}}};
  it.grant_door(1);
  it.policy().employees.open = true;
  CHECK(it.answer() == "allow employee");
  it.policy().employees.open = false;
  CHECK(it.answer() == "allow rule");
  it.policy().rules.front().hours = ScheduleId("weekend");
  CHECK(it.answer() == "allow grant");
  it.grants.clear();
  CHECK(it.answer() == "deny outside_hours");
  it.policy().rules.front().hours.reset();
  CHECK(it.answer() == "allow rule");
}

TEST_CASE("S2-H3: a scope's policy replaces the site's, a door's replaces further, nothing is merged",
          "[decision]") {
  auto it = somebody(PersonType::employee);
  const auto level = [&] {
    for (const auto& line : it.trace())
      if (line.starts_with("policy ")) return line;
    return std::string("none");
  };
  it.policy().employees.open = true;
  it.policy().rules = {{"staff", PersonType::employee, {}, {}, {}}};
  it.settings.scopes = {{ScopeId("front"), {DecisionCase::door_id(1)}, std::nullopt}};
  CHECK(it.answer() == "allow employee");  // a scope without a policy replaces nothing
  CHECK(level() == "policy pass site @1");
  it.settings.scopes.front().policy.emplace();
  CHECK(it.answer() == "deny employees_closed");  // neither employees nor the rule are left
  CHECK(level() == "policy pass scope @1");
  it.door(1).policy.emplace().rules = {{"staff", PersonType::employee, {}, {}, {}}};
  CHECK(it.answer() == "allow rule");
  CHECK(level() == "policy pass door @1");
  it.reception().doors.push_back(DecisionCase::door_id(3));
  CHECK(it.door_answers() == Answers{"allow rule", "allow employee"});
}

}  // namespace gatehouse
