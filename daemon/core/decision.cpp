#include "daemon/core/decision.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/core/opening_hours.hpp"

namespace gatehouse {
namespace {

constexpr auto reason_words = std::to_array<std::pair<AccessReason, std::string_view>>({
    {AccessReason::unknown_access_point, "unknown_access_point"},
    {AccessReason::direction, "direction"},
    {AccessReason::mode_not_allowed, "mode_not_allowed"},
    {AccessReason::no_door, "no_door"},
    {AccessReason::lockdown, "lockdown"},
    {AccessReason::unknown_person, "unknown_person"},
    {AccessReason::visitor_not_preregistered, "visitor_not_preregistered"},
    {AccessReason::access_disabled, "access_disabled"},
    {AccessReason::source_removed, "source_removed"},
    {AccessReason::not_yet_valid, "not_yet_valid"},
    {AccessReason::validity_expired, "validity_expired"},
    {AccessReason::stale_data, "stale_data"},
    {AccessReason::clock_untrusted, "clock_untrusted"},
    {AccessReason::door_blocked, "door_blocked"},
    {AccessReason::door_force_closed, "door_force_closed"},
    {AccessReason::door_unavailable, "door_unavailable"},
    {AccessReason::door_open, "door_open"},
    {AccessReason::door_triggers_off, "door_triggers_off"},
    {AccessReason::employee, "employee"},
    {AccessReason::employees_closed, "employees_closed"},
    {AccessReason::roamer, "roamer"},
    {AccessReason::roamers_closed, "roamers_closed"},
    {AccessReason::not_roamer, "not_roamer"},
    {AccessReason::roamer_site, "roamer_site"},
    {AccessReason::visitor_any, "visitor_any"},
    {AccessReason::visitor_preregistered, "visitor_preregistered"},
    {AccessReason::visitors_closed, "visitors_closed"},
    {AccessReason::visit_cancelled, "visit_cancelled"},
    {AccessReason::visit_window, "visit_window"},
    {AccessReason::contractor, "contractor"},
    {AccessReason::contractors_closed, "contractors_closed"},
    {AccessReason::contractor_site, "contractor_site"},
    {AccessReason::rule, "rule"},
    {AccessReason::grant, "grant"},
    {AccessReason::outside_hours, "outside_hours"},
    {AccessReason::no_matching_rule_or_grant, "no_matching_rule_or_grant"},
});

constexpr auto check_words = std::to_array<std::string_view>(
    {"access_point", "direction", "mode", "doors", "lockdown", "known", "admin_enabled", "source_present",
     "validity", "freshness", "door_lockdown", "door_mode", "door_trigger", "policy", "employees", "visitors",
     "contractors", "rule", "grant"});

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <typename T>
bool contains(const std::vector<T>& list, const T& item) {
  return std::ranges::find(list, item) != list.end();
}

/// How a rule or grant stands to the time.
enum class InTime { yes, no, unknown };

class Decider {
 public:
  Decider(const SignIn& asked, const Subject& subject, const AccessPolicy& policy, const Lockdown& lockdown,
          Moment moment)
      : asked_(asked), subject_(subject), policy_(policy), lockdown_(lockdown), moment_(moment) {
    verdict_.trace.reserve(32);
  }

  AccessVerdict decide() {
    if (auto refused = refused_before_the_doors()) {
      verdict_.reason = *refused;
      return std::move(verdict_);
    }
    for (const auto* door : point_->doors) {
      verdict_.doors.push_back(decide_door(*door));
    }
    const auto open = std::ranges::find(verdict_.doors, true, &DoorDecision::allow);
    verdict_.allow = open != verdict_.doors.end();
    verdict_.reason = verdict_.allow ? open->reason : verdict_.doors.front().reason;
    return std::move(verdict_);
  }

 private:
  // --- checks 1 to 9

  std::optional<AccessReason> refused_before_the_doors() {
    point_ = policy_.access_point(asked_.access_point);
    note(Check::access_point, point_ != nullptr);
    if (point_ == nullptr) return AccessReason::unknown_access_point;
    const auto& point = point_->settings;
    if (!note(Check::direction, contains(point.open_on, asked_.direction))) return AccessReason::direction;
    if (!note(Check::mode, contains(point.open_modes, asked_.mode))) return AccessReason::mode_not_allowed;
    if (!note(Check::doors, !point_->doors.empty())) return AccessReason::no_door;
    if (!note(Check::lockdown, !lockdown_.at(point.site), point.site.value())) return AccessReason::lockdown;
    if (subject_.walk_in) return refused_walk_in(point);
    if (!note(Check::known, subject_.person != nullptr)) return AccessReason::unknown_person;
    return refused_person(*subject_.person);
  }

  std::optional<AccessReason> refused_walk_in(const AccessPoint& point) {
    if (!note(Check::known, point.walk_ins && subject_.walk_ins_allowed, "walk-in"))
      return AccessReason::visitor_not_preregistered;
    if (!note(Check::admin_enabled, !subject_.namesake_disabled, "walk-in"))
      return AccessReason::access_disabled;
    return std::nullopt;
  }

  std::optional<AccessReason> refused_person(const Person& person) {
    if (!note(Check::admin_enabled, person.admin_enabled)) return AccessReason::access_disabled;
    if (!note(Check::source_present, person.source_present() || !person.tracked))
      return AccessReason::source_removed;
    if (auto refused = refused_by_validity(person.facts)) return refused;
    return refused_by_age(person);
  }

  std::optional<AccessReason> refused_by_validity(const PersonFacts& facts) {
    if (!facts.valid_from && !facts.valid_until) {
      note(Check::validity, true);
      return std::nullopt;
    }
    auto& step = add(Check::validity, CheckResult::fail);
    step.until = facts.valid_until;
    if (!moment_.trusted) return AccessReason::clock_untrusted;
    if (facts.valid_from && moment_.now < *facts.valid_from) {
      step.until = facts.valid_from;
      return AccessReason::not_yet_valid;
    }
    if (facts.valid_until && moment_.now >= *facts.valid_until) return AccessReason::validity_expired;
    step.result = CheckResult::pass;
    return std::nullopt;
  }

  std::optional<AccessReason> refused_by_age(const Person& person) {
    auto& step = add(Check::freshness, CheckResult::fail);
    step.age = subject_.age.age;
    if (!person.tracked) {
      step.result = CheckResult::skip;
      return std::nullopt;
    }
    if (!subject_.age.age) return AccessReason::stale_data;
    if (subject_.age.by_wall_clock && !moment_.trusted) return AccessReason::clock_untrusted;
    if (*subject_.age.age > policy_.max_age(person.facts.person_type)) return AccessReason::stale_data;
    step.result = CheckResult::pass;
    return std::nullopt;
  }

  // --- checks 10 to 12

  DoorDecision decide_door(const PolicyDoor& door) {
    door_ = &door;
    site_ = door.site ? &*door.site : &point_->settings.site;
    const auto denied = [&](AccessReason reason) { return DoorDecision{&door, false, reason}; };
    const bool locked = lockdown_.at(*site_) || lockdown_.net2.contains(door.id.integration);
    if (!note(Check::door_lockdown, !locked)) return denied(AccessReason::lockdown);
    const bool passable =
        door.mode != DoorMode::blocked && door.mode != DoorMode::force_closed && door.available;
    note(Check::door_mode, passable, mode_word(door));
    if (door.mode == DoorMode::blocked) return denied(AccessReason::door_blocked);
    if (door.mode == DoorMode::force_closed) return denied(AccessReason::door_force_closed);
    if (!door.available) return denied(AccessReason::door_unavailable);
    if (door.mode == DoorMode::force_open) return {&door, true, AccessReason::door_open};
    if (!note(Check::door_trigger, door.allow_trigger)) return denied(AccessReason::door_triggers_off);
    return decide_by_policy(door);
  }

  static std::string_view mode_word(const PolicyDoor& door) {
    constexpr std::array<std::string_view, 4> words{"normal", "blocked", "force_closed", "force_open"};
    return door.available ? words[static_cast<std::size_t>(door.mode)] : "unavailable";
  }

  /// Any one path is enough; the first in the contract's order is the reason.
  DoorDecision decide_by_policy(const PolicyDoor& door) {
    const Policy& policy = *door.policy;
    note(Check::policy, true, to_string(door.level));
    timed_out_.reset();
    const auto own = by_type(policy);
    if (own && own->allow) return {&door, true, own->reason};
    if (by_rules(policy)) return {&door, true, AccessReason::rule};
    if (by_grants()) return {&door, true, AccessReason::grant};
    if (timed_out_) return {&door, false, *timed_out_};
    return {&door, false, own ? own->reason : AccessReason::no_matching_rule_or_grant};
  }

  struct PathEnd {
    bool allow = false;
    AccessReason reason = AccessReason::no_matching_rule_or_grant;
  };

  PersonType type() const {
    return subject_.walk_in ? PersonType::visitor : subject_.person->facts.person_type;
  }

  std::optional<PathEnd> by_type(const Policy& policy) {
    switch (type()) {
      case PersonType::employee:
        return noted(Check::employees, employee_path(policy.employees));
      case PersonType::visitor:
        return noted(Check::visitors, visitor_path(policy.visitors));
      case PersonType::contractor:
        return noted(Check::contractors, contractor_path(policy.contractors));
      case PersonType::member:
        return std::nullopt;
    }
    return std::nullopt;
  }

  PathEnd employee_path(const EmployeePolicy& policy) const {
    const auto& facts = subject_.person->facts;
    if (!policy.open) return {false, AccessReason::employees_closed};
    if (facts.site == site_->value()) return {true, AccessReason::employee};
    if (!policy.roamers) return {false, AccessReason::roamers_closed};
    if (!facts.roamer) return {false, AccessReason::not_roamer};
    if (!facts.roamer_sites.empty() && !contains(facts.roamer_sites, site_->value()))
      return {false, AccessReason::roamer_site};
    return {true, AccessReason::roamer};
  }

  PathEnd visitor_path(const VisitorPolicy& policy) const {
    if (policy.open == VisitorsAdmitted::all) return {true, AccessReason::visitor_any};
    if (policy.open == VisitorsAdmitted::none) return {false, AccessReason::visitors_closed};
    bool here = false;
    bool stands = false;
    bool in_window = false;
    if (subject_.visits != nullptr) {
      for (const auto& visit : *subject_.visits) {
        if (visit.site != *site_) continue;
        here = true;
        if (visit.status == VisitStatus::cancelled) continue;
        stands = true;
        in_window = in_window ||
                    (moment_.now >= visit.start - policy.early && moment_.now <= visit.end + policy.late);
      }
    }
    if (!here) return {false, AccessReason::visitor_not_preregistered};
    if (!stands) return {false, AccessReason::visit_cancelled};
    if (!moment_.trusted) return {false, AccessReason::clock_untrusted};
    if (!in_window) return {false, AccessReason::visit_window};
    return {true, AccessReason::visitor_preregistered};
  }

  PathEnd contractor_path(const ContractorPolicy& policy) const {
    if (!policy.open) return {false, AccessReason::contractors_closed};
    if (policy.require_site && !contains(subject_.person->facts.sites, site_->value()))
      return {false, AccessReason::contractor_site};
    return {true, AccessReason::contractor};
  }

  bool by_rules(const Policy& policy) {
    for (const auto& rule : policy.rules) {
      if (!fits(rule)) {
        note(Check::rule, false, rule.name);
        continue;
      }
      const auto in_time = within_hours(rule.hours);
      if (note(Check::rule, in_time == InTime::yes, rule.name)) return true;
      time_out(in_time);
    }
    return false;
  }

  bool fits(const PolicyRule& rule) const {
    if (rule.person_type && *rule.person_type != type()) return false;
    const auto* person = subject_.person;
    if (!rule.statuses.empty()) {
      const auto is_it = [&](const std::string& status) {
        return person != nullptr && same_word(status, person->facts.membership_status);
      };
      if (std::ranges::none_of(rule.statuses, is_it)) return false;
    }
    if (!rule.tag) return true;
    return person != nullptr &&
           (contains(person->facts.synced_tags, *rule.tag) || contains(person->custom_tags, *rule.tag));
  }

  bool by_grants() {
    if (subject_.grants == nullptr) return false;
    for (const auto& grant : *subject_.grants) {
      if (!covers(grant)) continue;
      auto in_time = within_dates(grant);
      if (in_time == InTime::yes) in_time = within_hours(grant.hours);
      if (note(Check::grant, in_time == InTime::yes, grant.id)) return true;
      time_out(in_time);
    }
    return false;
  }

  bool covers(const Grant& grant) const {
    if (grant.door) return *grant.door == door_->id;
    if (grant.scope) return door_->scope && *door_->scope == *grant.scope;
    return grant.site && *grant.site == *site_;
  }

  InTime within_dates(const Grant& grant) const {
    if (!grant.from && !grant.until) return InTime::yes;
    if (!moment_.trusted) return InTime::unknown;
    const bool begun = !grant.from || moment_.now >= *grant.from;
    const bool over = grant.until && moment_.now >= *grant.until;
    return begun && !over ? InTime::yes : InTime::no;
  }

  InTime within_hours(const std::optional<ScheduleId>& hours) const {
    if (!hours) return InTime::yes;
    if (!moment_.trusted) return InTime::unknown;
    const auto* schedule = policy_.schedule(*hours);
    if (schedule == nullptr) return InTime::no;
    return open_at(*schedule, policy_.zone(*site_), moment_.now) ? InTime::yes : InTime::no;
  }

  void time_out(InTime in_time) {
    if (timed_out_) return;
    timed_out_ = in_time == InTime::unknown ? AccessReason::clock_untrusted : AccessReason::outside_hours;
  }

  // --- the trace

  TraceStep& add(Check check, CheckResult result, std::string_view fact = {}) {
    verdict_.trace.push_back({.check = check,
                              .result = result,
                              .fact = fact,
                              .until = std::nullopt,
                              .age = std::nullopt,
                              .door = door_});
    return verdict_.trace.back();
  }
  bool note(Check check, bool pass, std::string_view fact = {}) {
    add(check, pass ? CheckResult::pass : CheckResult::fail, fact);
    return pass;
  }
  PathEnd noted(Check check, PathEnd end) {
    note(check, end.allow, to_string(end.reason));
    return end;
  }

  const SignIn& asked_;
  const Subject& subject_;
  const AccessPolicy& policy_;
  const Lockdown& lockdown_;
  const Moment moment_;
  const PolicyAccessPoint* point_ = nullptr;
  const PolicyDoor* door_ = nullptr;
  const SiteId* site_ = nullptr;           ///< that counts for `door_`
  std::optional<AccessReason> timed_out_;  ///< a rule or grant failed only by its time
  AccessVerdict verdict_;
};

}  // namespace

std::string_view to_string(AccessReason reason) {
  for (const auto& [known, word] : reason_words) {
    if (known == reason) return word;
  }
  return "unknown";
}

std::optional<AccessReason> parse_access_reason(std::string_view text) {
  for (const auto& [known, word] : reason_words) {
    if (word == text) return known;
  }
  return std::nullopt;
}

std::string_view to_string(VisitStatus status) {
  constexpr std::array<std::string_view, 4> words{"expected", "cancelled", "on_site", "checked_out"};
  return words[static_cast<std::size_t>(status)];
}

std::optional<VisitStatus> parse_visit_status(std::string_view text) {
  for (const auto status :
       {VisitStatus::expected, VisitStatus::cancelled, VisitStatus::on_site, VisitStatus::checked_out}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

std::string_view to_string(Check check) {
  return check_words[static_cast<std::size_t>(check)];
}

std::string_view to_string(CheckResult result) {
  constexpr std::array<std::string_view, 3> words{"pass", "fail", "skip"};
  return words[static_cast<std::size_t>(result)];
}

AccessVerdict decide(const SignIn& asked, const Subject& subject, const AccessPolicy& policy,
                     const Lockdown& lockdown, Moment moment) {
  return Decider(asked, subject, policy, lockdown, moment).decide();
}

}  // namespace gatehouse
