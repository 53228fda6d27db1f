#include "daemon/core/policy_tests.hpp"

#include <optional>
#include <utility>

#include "daemon/core/decision.hpp"
#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

/// A visitor of whom nothing else is said: nobody expects them, and they are in no list.
bool is_walk_in(const TestPerson& asked) {
  TestPerson stranger;
  stranger.person_type = PersonType::visitor;
  return asked == stranger;
}

/// Somebody who is known, current and linked: what is tested is the policy.
KnownPerson played_by(const TestPerson& asked, const SiteId& here) {
  KnownPerson person;
  person.id = PersonId("test");
  person.person_type = asked.person_type;
  person.membership_status = asked.membership_status.value_or("");
  person.tags = asked.tags;
  person.site = asked.site.value_or(here);
  person.sites = asked.sites;
  if (!asked.site && asked.sites.empty()) person.sites = {here};
  person.roamer = asked.roamer;
  person.roamer_sites = asked.roamer_sites;
  person.admin_enabled = asked.admin_enabled;
  person.sources.push_back({IntegrationId("test"), SourceKind::net2, true});
  return person;
}

/// The step that the answer came from: of the first open door, or where the first door was refused.
const TraceStep* deciding_step(const AccessVerdict& verdict) {
  const PolicyDoor* door = nullptr;
  for (const auto& each : verdict.doors) {
    if (door == nullptr || (each.allow && verdict.allow)) door = each.door;
    if (each.allow) break;
  }
  const auto wanted = verdict.allow ? CheckResult::pass : CheckResult::fail;
  const TraceStep* last = nullptr;
  for (const auto& step : verdict.trace) {
    if (step.door == door && (step.result == wanted || last == nullptr)) last = &step;
  }
  return last;
}

std::string outcome(bool allow, std::string_view reason) {
  std::string text = allow ? "allow" : "deny";
  if (!reason.empty()) text.append(" ").append(reason);
  return text;
}

std::string why(const AccessVerdict& verdict) {
  const auto* step = deciding_step(verdict);
  if (step == nullptr) return "";
  std::string text = " (";
  if (step->door != nullptr) text += to_string(step->door->id) + ": ";
  text.append("check ").append(to_string(step->check)).append(" ").append(to_string(step->result));
  if (!step->fact.empty()) text.append(", ").append(step->fact);
  return text + ")";
}

std::optional<std::string> failure_of(const PolicyTest& test, const AccessPolicy& policy,
                                      const TimeZone& gateway) {
  const auto* point = policy.access_point(test.access_point);
  const auto person = played_by(test.person, point == nullptr ? SiteId() : point->settings.site);
  SignIn asked{test.access_point, test.direction, SignInMode::kiosk};
  if (test.mode) {
    asked.mode = *test.mode;
  } else if (point != nullptr && !point->settings.open_modes.empty()) {
    asked.mode = point->settings.open_modes.front();
  }
  Subject subject;
  subject.walk_in = is_walk_in(test.person);
  if (!subject.walk_in) subject.person = &person;
  subject.age.age = Duration{0};
  const auto verdict = decide(asked, subject, policy, Lockdown{}, {gateway.first_instant_of(test.at), true});
  const bool expected = test.expect == PolicyTest::Expect::allow;
  const auto reason = to_string(verdict.reason);
  if (verdict.allow == expected && (!test.reason || *test.reason == reason)) return std::nullopt;
  return "the policy test '" + test.name + "' fails: expected " +
         outcome(expected, test.reason ? *test.reason : "") + ", the policy says " +
         outcome(verdict.allow, reason) + why(verdict);
}

Settings all_running(Settings settings) {
  for (auto& integration : settings.integrations) {
    integration.enabled = true;
    integration.mode = IntegrationMode::apply;
  }
  return settings;
}

}  // namespace

std::vector<FailedPolicyTest> run_policy_tests(const Settings& settings, const AccessPolicy::Zones& zones,
                                               const TimeZone& gateway) {
  const AccessPolicy policy(settings, zones);
  const AccessPolicy running(all_running(settings), zones);
  std::vector<FailedPolicyTest> failed;
  for (std::size_t i = 0; i < settings.tests.size(); ++i) {
    const auto& test = settings.tests[i];
    const bool about_that = test.reason == to_string(AccessReason::door_unavailable);
    if (auto text = failure_of(test, about_that ? policy : running, gateway))
      failed.push_back({i, std::move(*text)});
  }
  return failed;
}

}  // namespace gatehouse
