// The configuration's own tests: asked before it is put in force, and told where they stand.

#include "daemon/settings/policy_check.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/cli/check_files.hpp"
#include "daemon/core/policy_tests.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/unit/decision_case.hpp"

namespace gatehouse {
namespace {

const std::string house =
    R"(gateway: {id: hq-01, tenant: acme, timezone: Europe/Paris, sites: [hq, {id: annex, timezone: Europe/London}]}
integrations: [{id: net2-hq, url: "https://net2", enabled: true, tls: {ca: ca.pem}}]
schedules: {business: {mon-fri: ["07:00-19:00"], except: ["2026-12-25"]}}
doors: [{id: net2-hq/1, site: annex}]
access_points: [{id: reception, site: annex, doors: [net2-hq/1], open_on: [in], open_modes: [mobile, kiosk]}]
policy:
  employees: {open: true}
  visitors: {open: preregistered}
  rules: [{name: gym, person_type: member, statuses: [active], hours: business}]
tests:
)";

/// A test of line 11 and further; `more` has what is asked.
std::string policy_test(const std::string& more, const std::string& name = "it") {
  return "  - {name: " + name + ", access_point: reception, " + more + "}\n";
}

std::vector<std::string> faults_of(const std::string& tests, const std::string& base = house) {
  auto loaded = load_settings_text(base + tests, "g.yaml");
  for (const auto& fault : loaded.faults) FAIL(to_string(fault));
  check_policy(loaded, load_zone);
  std::vector<std::string> told;
  for (const auto& fault : loaded.faults) told.push_back(to_string(fault));
  CHECK(loaded.settings.has_value() == told.empty());
  return told;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("D-11: a policy test that fails is a fault where it stands, and says what came and why",
          "[policy]") {
  const auto at = std::string(R"(at: "2026-06-01T10:00", )");
  CHECK(faults_of(policy_test(at + "person: {person_type: visitor}, expect: deny, reason: "
                                   "visitor_not_preregistered") +
                  policy_test(at + "person: {person_type: employee}, expect: allow, reason: employee", "on"))
            .empty());
  const auto failed = faults_of(
      policy_test(at + "person: {person_type: visitor}, expect: deny") +
      policy_test(at + "person: {person_type: employee}, expect: deny", "e1") +
      policy_test(at + "person: {person_type: visitor}, expect: allow, reason: visitor_any", "v1") +
      policy_test(at + "person: {person_type: visitor, admin_enabled: false}, expect: deny, reason: "
                       "visitors_closed",
                  "v2"));
  REQUIRE(failed.size() == 3);
  CHECK(failed[0] ==
        "g.yaml:12:5: the policy test 'e1' fails: expected deny, the policy says allow employee (net2-hq/1: "
        "check employees pass, employee)");
  CHECK(failed[1] ==
        "g.yaml:13:5: the policy test 'v1' fails: expected allow visitor_any, the policy says deny "
        "visitor_not_preregistered (check known fail, walk_in)");
  CHECK(failed[2] ==
        "g.yaml:14:5: the policy test 'v2' fails: expected deny visitors_closed, the policy says deny "
        "access_disabled (check admin_enabled fail)");
}

TEST_CASE("D-11: a test's person is who the test says, known and current", "[policy]") {
  struct Row {
    const char* person;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"person_type: employee", "allow, reason: employee"},  // without a site: at home here
      {"person_type: employee, site: hq", "deny, reason: roamers_closed"},
      {"person_type: contractor", "deny, reason: contractors_closed"},
      {"person_type: member, membership_status: Active", "allow, reason: rule"},
      {"person_type: member", "deny, reason: no_matching_rule_or_grant"},
      {"person_type: member, membership_status: active, tags: [vip]", "allow"},
  }));
  INFO(row.person);
  CHECK(faults_of(policy_test(R"(at: "2026-06-01T10:00", person: {)" + std::string(row.person) +
                              "}, expect: " + row.outcome))
            .empty());
}

TEST_CASE("D-11: a visitor of whom nothing else is said is a walk-in", "[policy]") {
  const auto open = replaced(house, "open: preregistered", "open: all");
  const auto asked = [](const std::string& person, const std::string& outcome) {
    return policy_test(R"(at: "2026-06-01T10:00", person: {)" + person + "}, expect: " + outcome);
  };
  CHECK(faults_of(asked("person_type: visitor", "deny, reason: visitor_not_preregistered"), open).empty());
  CHECK(faults_of(asked("person_type: visitor, site: annex", "allow, reason: visitor_any"), open).empty());
  const auto taken = replaced(open, "open_on: [in]", "open_on: [in], walk_ins: true");
  CHECK(faults_of(asked("person_type: visitor", "allow, reason: visitor_any"), taken).empty());
  // Where visitors are closed, a walk-in is refused before the policy is asked, and a known one by it.
  const auto closed = replaced(house, "  visitors: {open: preregistered}\n", "");
  CHECK(faults_of(asked("person_type: visitor", "deny, reason: visitor_not_preregistered"), closed).empty());
  CHECK(
      faults_of(asked("person_type: visitor, site: annex", "deny, reason: visitors_closed"), closed).empty());
}

TEST_CASE("D-11: a test's time is the gateway's, its hours are the door's", "[policy]") {
  const auto member = std::string("person: {person_type: member, membership_status: active}, ");
  const auto at = [&](const std::string& when, const std::string& outcome) {
    return faults_of(policy_test("at: \"" + when + "\", " + member + "expect: " + outcome));
  };
  // The gateway is in Paris, the door in London, an hour behind.
  CHECK(at("2026-06-01T07:59", "deny, reason: outside_hours").empty());
  CHECK(at("2026-06-01T08:00", "allow, reason: rule").empty());
  CHECK(at("2026-06-01T19:59", "allow, reason: rule").empty());
  CHECK(at("2026-06-01T20:00", "deny, reason: outside_hours").empty());
  CHECK(at("2026-12-25T10:00", "deny, reason: outside_hours").empty());
}

TEST_CASE("D-11: a test's way in is the access point's first, until it says another", "[policy]") {
  const auto employee = std::string(R"(at: "2026-06-01T10:00", person: {person_type: employee}, )");
  CHECK(faults_of(policy_test(employee + "expect: allow")).empty());
  CHECK(faults_of(policy_test(employee + "mode: kiosk, expect: allow")).empty());
  CHECK(faults_of(policy_test(employee + "mode: web, expect: deny, reason: mode_not_allowed")).empty());
  CHECK(faults_of(policy_test(employee + "direction: out, expect: deny, reason: direction")).empty());
}

TEST_CASE("D-11: policy tests say the same while an integration is disabled or staging", "[policy]") {
  const auto tests = policy_test(R"(at: "2026-06-01T10:00", person: {person_type: employee}, expect: allow)");
  const auto staging = replaced(house, "enabled: true", "enabled: true, mode: staging");
  const auto disabled = replaced(house, "enabled: true", "enabled: false");
  CHECK(faults_of(tests, staging).empty());
  CHECK(faults_of(tests, disabled).empty());
  const auto asks_for_it = policy_test(
      R"(at: "2026-06-01T10:00", person: {person_type: employee}, expect: deny, reason: door_unavailable)");
  CHECK(faults_of(asks_for_it, disabled).empty());
  CHECK(faults_of(asks_for_it).size() == 1);
}

TEST_CASE("D-11: a clock that cannot be had is a fault, and no test passes by it", "[policy]") {
  auto loaded = load_settings_text(
      house + policy_test(R"(at: "2026-06-01T10:00", person: {person_type: visitor}, expect: deny)"),
      "g.yaml");
  REQUIRE(loaded.settings);
  check_policy(loaded, [](const std::string& name) -> Result<std::shared_ptr<const TimeZone>> {
    return Error{Errc::not_found, name + " is not there"};
  });
  REQUIRE(loaded.faults.size() == 1);
  CHECK_FALSE(loaded.settings);
  CHECK(to_string(loaded.faults.front()).find("is not there") != std::string::npos);
}

TEST_CASE("The documented configurations pass their own tests", "[policy]") {
  // The second is the sample of the contract, word for word but for the three values that it leaves open.
  const auto* const file = GENERATE("/config/gatehouse.yaml", "/tests/unit/contract-sample.yaml");
  auto loaded = load_settings(std::string(GATEHOUSE_SOURCE_DIR) + file);
  for (const auto& fault : loaded.faults) FAIL(to_string(fault));
  REQUIRE(loaded.settings);
  REQUIRE_FALSE(loaded.settings->tests.empty());
  check_policy(loaded, load_zone);
  for (const auto& fault : loaded.faults) FAIL_CHECK(to_string(fault));
}

TEST_CASE("D-11: gatehouse check tells a policy test that fails, and exits 1", "[policy][cli]") {
  const auto file =
      std::filesystem::temp_directory_path() / ("policy-check-" + std::to_string(::getpid()) + ".yaml");
  const auto wrong = policy_test(R"(at: "2026-06-01T10:00", person: {person_type: visitor}, expect: allow)");
  std::ofstream(file) << house << wrong;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.out = out, .err = err};
  CHECK(check_files(file.string(), false, terminal) == ExitStatus::failed);
  CHECK(out.str().empty());
  CHECK(err.str().find(file.string() + ":11:5: the policy test 'it' fails") == 0);
  CHECK(check_files(file.string(), true, terminal) == ExitStatus::failed);
  CHECK(out.str().find(R"("ok":false)") != std::string::npos);
  CHECK(out.str().find(R"("line":11,"column":5)") != std::string::npos);
  std::ofstream(file) << house << replaced(wrong, "allow", "deny");
  CHECK(check_files(file.string(), false, terminal) == ExitStatus::done);
  std::filesystem::remove(file);
}

}  // namespace gatehouse
