#pragma once
// The answer to one sign-in (contract.md §4): a pure, total function of the request, what is known of the
// person, the policy and the time. Nothing opens because something failed.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/access_policy.hpp"
#include "daemon/core/grant.hpp"
#include "daemon/core/known_person.hpp"

namespace gatehouse {

/// Why. In the order of the checks; the words are contract.md §4's.
enum class AccessReason {
  // a decision as a whole
  unknown_access_point,
  direction,
  mode_not_allowed,
  no_door,
  lockdown,
  unknown_person,
  visitor_not_preregistered,
  access_disabled,
  source_removed,
  not_yet_valid,
  validity_expired,
  stale_data,
  clock_untrusted,
  // a door
  door_blocked,
  door_force_closed,
  door_unavailable,
  door_open,
  door_triggers_off,
  // a path
  employee,
  employees_closed,
  roamer,
  roamers_closed,
  not_roamer,
  roamer_site,
  visitor_any,
  visitor_preregistered,
  visitors_closed,
  visit_cancelled,
  visit_window,
  contractor,
  contractors_closed,
  contractor_site,
  rule,
  grant,
  outside_hours,
  no_matching_rule_or_grant,
};
std::string_view to_string(AccessReason reason);
std::optional<AccessReason> parse_access_reason(std::string_view text);

/// How old what is known of somebody is: the oldest of their sources.
struct KnowledgeAge {
  std::optional<Duration> age;  ///< none: it was never proved current, or only in the future
  bool by_wall_clock = false;   ///< reckoned over a restart, so only a trusted clock can tell

  bool operator==(const KnowledgeAge&) const = default;
};

/// Whom the request is about, as far as it is known. References must outlive the call.
struct Subject {
  const KnownPerson* person = nullptr;  ///< none: unknown, or a walk-in
  const std::vector<Grant>* grants = nullptr;
  const std::vector<Visit>* visits = nullptr;
  KnowledgeAge age;
  bool walk_in = false;  ///< a visitor who gave a name, and is in no list
  bool walk_ins_allowed =
      true;  ///< by whoever asks (the LAN client's entry); the access point decides as well
  bool namesake_disabled = false;  ///< somebody of the walk-in's full name has admin_enabled false
};

struct SignIn {
  AccessPointId access_point;
  Direction direction = Direction::in;
  SignInMode mode = SignInMode::kiosk;

  bool operator==(const SignIn&) const = default;
};

/// What is locked down. `unreadable`: it is not known, so everything is.
struct Lockdown {
  std::set<SiteId> sites;
  std::set<IntegrationId> net2;  ///< Net2's own lockdown (events 300, 590, 120 until 301, 591, 121)
  bool unreadable = false;

  bool at(const SiteId& site) const { return unreadable || sites.contains(site); }

  bool operator==(const Lockdown&) const = default;
};

struct Moment {
  Instant now{};
  bool trusted = true;

  bool operator==(const Moment&) const = default;
};

enum class Check {
  access_point,
  direction,
  mode,
  doors,
  lockdown,
  known,
  admin_enabled,
  source_present,
  validity,
  freshness,
  door_lockdown,
  door_mode,
  door_trigger,
  policy,
  employees,
  visitors,
  contractors,
  rule,
  grant,
};
std::string_view to_string(Check check);

enum class CheckResult { pass, fail, skip };
std::string_view to_string(CheckResult result);

/// One step on the way to a decision. Views live as long as the policy and the subject.
struct TraceStep {
  Check check = Check::access_point;
  CheckResult result = CheckResult::pass;
  std::string_view fact;         ///< a name: of the rule, the grant, the policy's level, the status
  std::optional<Instant> until;  ///< a date that mattered
  std::optional<Duration> age;   ///< of what was known
  const PolicyDoor* door = nullptr;
};

struct DoorDecision {
  const PolicyDoor* door = nullptr;
  bool allow = false;
  AccessReason reason = AccessReason::no_matching_rule_or_grant;
};

struct AccessVerdict {
  bool allow = false;
  AccessReason reason = AccessReason::unknown_access_point;
  std::vector<DoorDecision>
      doors;  ///< in the access point's order; empty where a check before the doors failed
  std::vector<TraceStep> trace;
};

AccessVerdict decide(const SignIn& asked, const Subject& subject, const AccessPolicy& policy,
                     const Lockdown& lockdown, Moment moment);

}  // namespace gatehouse
