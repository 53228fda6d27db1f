#include "daemon/core/decision.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/core/opening_hours.hpp"
#include "daemon/core/settings_names.hpp"

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

/// For facts: they are views of what outlives the decision, so no text may be made on the way.
template <typename Name>
std::string_view view(const Name* name) {
  return name == nullptr ? std::string_view() : std::string_view(name->value());
}

/// How a rule or grant stands to the time.
enum class InTime { yes, no, unknown };

class Decider {
 public:
  Decider(const SignIn& asked, const Subject& subject, const AccessPolicy& policy, const Lockdown& lockdown,
          Moment moment)
      : asked_(asked),
        subject_(subject),
        person_(subject.walk_in ? nullptr : subject.person),
        policy_(policy),
        lockdown_(lockdown),
        moment_(moment) {
    verdict_.trace.reserve(32);
  }

  AccessVerdict decide() {
    if (auto refused = refused_before_the_doors()) {
      verdict_.reason = *refused;
      return std::move(verdict_);
    }
    verdict_.doors.reserve(point_->doors.size());
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
    if (!note(Check::access_point, point_ != nullptr, view(point_ ? &point_->settings.id : nullptr)))
      return AccessReason::unknown_access_point;
    const auto& point = point_->settings;
    if (!note(Check::direction, contains(point.open_on, asked_.direction), to_string(asked_.direction)))
      return AccessReason::direction;
    if (!note(Check::mode, contains(point.open_modes, asked_.mode), to_string(asked_.mode)))
      return AccessReason::mode_not_allowed;
    if (!note(Check::doors, !point_->doors.empty())) return AccessReason::no_door;
    if (!note(Check::lockdown, !lockdown_.at(point.site), point.site.value())) return AccessReason::lockdown;
    if (subject_.walk_in) return refused_walk_in(point);
    if (!note(Check::known, person_ != nullptr, view(person_ ? &person_->id : nullptr)))
      return AccessReason::unknown_person;
    return refused_person(*person_);
  }

  std::optional<AccessReason> refused_walk_in(const AccessPoint& point) {
    if (!note(Check::known, point.walk_ins && subject_.walk_ins_allowed, "walk_in"))
      return AccessReason::visitor_not_preregistered;
    if (!note(Check::admin_enabled, !subject_.namesake_disabled, "walk_in"))
      return AccessReason::access_disabled;
    for (const auto check : {Check::source_present, Check::validity, Check::freshness})
      add(check, CheckResult::skip, "walk_in");
    return std::nullopt;
  }

  std::optional<AccessReason> refused_person(const KnownPerson& person) {
    if (!note(Check::admin_enabled, person.admin_enabled)) return AccessReason::access_disabled;
    if (!person.tracked) {
      add(Check::source_present, CheckResult::skip, "untracked");
    } else if (!note(Check::source_present, person.source_present(), absent_from(person))) {
      return AccessReason::source_removed;
    }
    if (auto refused = refused_by_validity(person)) return refused;
    return refused_by_age(person);
  }

  static std::string_view absent_from(const KnownPerson& person) {
    const auto absent = std::ranges::find(person.sources, false, &KnownPerson::Source::present);
    return view(absent == person.sources.end() ? nullptr : &absent->integration);
  }

  std::optional<AccessReason> refused_by_validity(const KnownPerson& person) {
    if (!person.valid_from && !person.valid_until) {
      note(Check::validity, true);
      return std::nullopt;
    }
    auto& step = add(Check::validity, CheckResult::fail);
    step.until = person.valid_until;
    if (!moment_.trusted) {
      step.fact = to_string(AccessReason::clock_untrusted);
      return AccessReason::clock_untrusted;
    }
    if (person.valid_from && moment_.now < *person.valid_from) {
      step.fact = "from";
      step.until = person.valid_from;
      return AccessReason::not_yet_valid;
    }
    if (person.valid_until && moment_.now >= *person.valid_until) return AccessReason::validity_expired;
    step.result = CheckResult::pass;
    return std::nullopt;
  }

  std::optional<AccessReason> refused_by_age(const KnownPerson& person) {
    auto& step = add(Check::freshness, CheckResult::fail);
    step.age = subject_.age.age;
    if (!person.tracked) {
      step.result = CheckResult::skip;
      step.fact = "untracked";
      return std::nullopt;
    }
    if (subject_.age.by_wall_clock && !moment_.trusted) {
      step.fact = to_string(AccessReason::clock_untrusted);
      return AccessReason::clock_untrusted;
    }
    if (!subject_.age.age) {
      step.fact = "never";
      return AccessReason::stale_data;
    }
    if (*subject_.age.age > policy_.max_age(person.person_type)) return AccessReason::stale_data;
    step.result = CheckResult::pass;
    return std::nullopt;
  }

  // --- checks 10 to 12

  DoorDecision decide_door(const PolicyDoor& door) {
    door_ = &door;
    site_ = door.site ? &*door.site : &point_->settings.site;
    const auto denied = [&](AccessReason reason) { return DoorDecision{&door, false, reason}; };
    const bool site_locked = lockdown_.at(*site_);
    const bool locked = site_locked || lockdown_.net2.contains(door.id.integration);
    const auto& whose = locked && !site_locked ? door.id.integration.value() : site_->value();
    if (!note(Check::door_lockdown, !locked, whose)) return denied(AccessReason::lockdown);
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
    const bool shut = door.mode == DoorMode::blocked || door.mode == DoorMode::force_closed;
    return door.available || shut ? to_string(door.mode) : "unavailable";
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

  PersonType type() const { return person_ ? person_->person_type : PersonType::visitor; }

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
    const auto& facts = *person_;
    if (!policy.open) return {false, AccessReason::employees_closed};
    if (facts.site == *site_) return {true, AccessReason::employee};
    if (!policy.roamers) return {false, AccessReason::roamers_closed};
    if (!facts.roamer) return {false, AccessReason::not_roamer};
    if (!facts.roamer_sites.empty() && !contains(facts.roamer_sites, *site_))
      return {false, AccessReason::roamer_site};
    return {true, AccessReason::roamer};
  }

  PathEnd visitor_path(const VisitorPolicy& policy) const {
    if (policy.open == VisitorsAdmitted::all) return {true, AccessReason::visitor_any};
    if (policy.open == VisitorsAdmitted::none) return {false, AccessReason::visitors_closed};
    bool here = false;
    bool stands = false;
    bool in_window = false;
    if (subject_.visits != nullptr && person_ != nullptr) {
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
    if (policy.require_site && !contains(person_->sites, *site_))
      return {false, AccessReason::contractor_site};
    return {true, AccessReason::contractor};
  }

  /// What is not about this person or door is skipped; what fails, fails by its time alone.
  bool by_rules(const Policy& policy) {
    for (const auto& rule : policy.rules) {
      if (!fits(rule)) {
        add(Check::rule, CheckResult::skip, rule.name);
        continue;
      }
      const auto in_time = within_hours(rule.hours);
      if (note(Check::rule, in_time == InTime::yes, rule.name)) return true;
      time_out(in_time);
    }
    return false;
  }

  bool fits(const PolicyRule& rule) const {
    if (!rule.person_type && !rule.tag) return false;  // a checked configuration has none
    if (rule.person_type && *rule.person_type != type()) return false;
    if (!rule.statuses.empty()) {
      const auto is_it = [&](const std::string& status) {
        return person_ != nullptr && same_word(status, person_->membership_status);
      };
      if (std::ranges::none_of(rule.statuses, is_it)) return false;
    }
    return !rule.tag || (person_ != nullptr && contains(person_->tags, *rule.tag));
  }

  bool by_grants() {
    if (subject_.grants == nullptr || person_ == nullptr) return false;
    for (const auto& grant : *subject_.grants) {
      if (!covers(grant)) {
        add(Check::grant, CheckResult::skip, grant.id);
        continue;
      }
      auto in_time = within_dates(grant);
      if (in_time == InTime::yes) in_time = within_hours(grant.hours);
      auto& step =
          add(Check::grant, in_time == InTime::yes ? CheckResult::pass : CheckResult::fail, grant.id);
      step.until = grant.until;
      if (in_time == InTime::yes) return true;
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
  const KnownPerson* const person_;  ///< none: a walk-in, once check 5 has passed
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
