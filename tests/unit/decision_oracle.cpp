#include "tests/unit/decision_oracle.hpp"

#include <optional>

namespace gatehouse {
namespace {

using std::string;
using std::vector;
using namespace std::chrono;

template <typename T>
bool among(const T& one, const vector<T>& many) {
  for (const auto& each : many) {
    if (each == one) return true;
  }
  return false;
}

// What a check or a path says: nothing where it is content.
const string fine;

const AccessPoint* find_point(const OracleQuestion& q) {
  for (const auto& point : q.settings.access_points) {
    if (point.id == q.asked.access_point) return &point;
  }
  return nullptr;
}

const ConfiguredDoor* find_door(const OracleQuestion& q, const DoorId& id) {
  for (const auto& door : q.settings.doors) {
    if (door.id == id) return &door;
  }
  return nullptr;
}

const Scope* scope_of(const OracleQuestion& q, const DoorId& id) {
  for (const auto& scope : q.settings.scopes) {
    if (among(id, scope.doors)) return &scope;
  }
  return nullptr;
}

string zone_of(const OracleQuestion& q, const SiteId& site) {
  for (const auto& each : q.settings.gateway.sites) {
    if (each.id == site) return each.timezone;
  }
  return q.settings.gateway.timezone;
}

/// Minute by minute of the contract's words: a window belongs to the day on which it begins.
bool open_now(const Schedule& schedule, LocalTime wall) {
  for (int days_ago = 0; days_ago <= 1; ++days_ago) {
    const auto day = floor<days>(wall) - days{days_ago};
    const year_month_day date{day};
    bool taken_away = false;
    for (const auto& holiday : schedule.except) taken_away = taken_away || holiday == date;
    if (taken_away) continue;
    for (const auto& window : schedule.days.at((weekday{day} - Sunday).count())) {
      auto begins = day + milliseconds{window.start};
      auto ends = day + milliseconds{window.end};
      if (window.end <= window.start) ends += days{1};
      if (wall >= begins && wall < ends) return true;
    }
  }
  return false;
}

enum class Fits { yes, no, cannot_tell };

Fits within_hours(const OracleQuestion& q, const std::optional<ScheduleId>& hours, const SiteId& site) {
  if (!hours) return Fits::yes;
  if (!q.moment.trusted) return Fits::cannot_tell;
  const auto found = q.settings.schedules.find(*hours);
  if (found == q.settings.schedules.end()) return Fits::no;
  return open_now(found->second, european_wall(zone_of(q, site), q.moment.now)) ? Fits::yes : Fits::no;
}

/// Statuses are words that people write: upper and lower case are the same.
string small(string word) {
  for (auto& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word;
}

// --- checks 1 to 4 ----------------------------------------------------------------------------------------

string checks_of_the_point(const OracleQuestion& q) {
  const auto* point = find_point(q);
  if (!point) return "unknown_access_point";
  if (!among(q.asked.direction, point->open_on)) return "direction";
  if (!among(q.asked.mode, point->open_modes)) return "mode_not_allowed";
  if (point->doors.empty()) return "no_door";
  if (q.lockdown.unreadable) return "lockdown";
  if (q.lockdown.sites.count(point->site) > 0) return "lockdown";
  return fine;
}

// --- checks 5 to 9 ----------------------------------------------------------------------------------------

string checks_of_a_walk_in(const OracleQuestion& q) {
  if (!find_point(q)->walk_ins || !q.subject.walk_ins_allowed) return "visitor_not_preregistered";
  if (q.subject.namesake_disabled) return "access_disabled";
  return fine;
}

string check_of_validity(const OracleQuestion& q) {
  const auto& person = *q.subject.person;
  if (!person.valid_from && !person.valid_until) return fine;  // needs no clock
  if (!q.moment.trusted) return "clock_untrusted";
  if (person.valid_from && q.moment.now < *person.valid_from) return "not_yet_valid";
  if (person.valid_until && q.moment.now >= *person.valid_until) return "validity_expired";
  return fine;
}

string check_of_age(const OracleQuestion& q) {
  const auto& person = *q.subject.person;
  if (!person.tracked) return fine;
  if (q.subject.age.by_wall_clock && !q.moment.trusted) return "clock_untrusted";
  if (!q.subject.age.age) return "stale_data";
  Duration limit = q.settings.policy.max_age.others;
  for (const auto& [type, length] : q.settings.policy.max_age.by_type) {
    if (type == person.person_type) limit = length;
  }
  return *q.subject.age.age > limit ? "stale_data" : fine;
}

string checks_of_the_person(const OracleQuestion& q) {
  if (q.subject.walk_in) return checks_of_a_walk_in(q);
  if (!q.subject.person) return "unknown_person";
  const auto& person = *q.subject.person;
  if (!person.admin_enabled) return "access_disabled";
  bool present = !person.sources.empty();
  for (const auto& source : person.sources) present = present && source.present;
  if (person.tracked && !present) return "source_removed";
  if (const auto why = check_of_validity(q); why != fine) return why;
  return check_of_age(q);
}

// --- the paths --------------------------------------------------------------------------------------------

struct Path {
  bool allows = false;
  string word;             ///< allowed with, or the path's own reason; nothing where the path is not theirs
  bool only_time = false;  ///< failed by hours or dates alone
};

Path employee_path(const OracleQuestion& q, const Policy& policy, const SiteId& site) {
  const auto& person = *q.subject.person;
  const bool home = person.site == site;
  if (!policy.employees.open) return {false, "employees_closed", false};
  if (home) return {true, "employee", false};
  if (!policy.employees.roamers) return {false, "roamers_closed", false};
  if (!person.roamer) return {false, "not_roamer", false};
  const bool listed = person.roamer_sites.empty() || among(site, person.roamer_sites);
  if (!listed) return {false, "roamer_site", false};
  return {true, "roamer", false};
}

Path visitor_path(const OracleQuestion& q, const Policy& policy, const SiteId& site) {
  if (policy.visitors.open == VisitorsAdmitted::none) return {false, "visitors_closed", false};
  if (policy.visitors.open == VisitorsAdmitted::all) return {true, "visitor_any", false};
  vector<Visit> here;
  vector<Visit> standing;
  if (q.subject.visits && !q.subject.walk_in) {
    for (const auto& visit : *q.subject.visits) {
      if (visit.site != site) continue;
      here.push_back(visit);
      if (visit.status != VisitStatus::cancelled) standing.push_back(visit);
    }
  }
  if (here.empty()) return {false, "visitor_not_preregistered", false};
  if (standing.empty()) return {false, "visit_cancelled", false};
  if (!q.moment.trusted) return {false, "clock_untrusted", false};
  for (const auto& visit : standing) {
    const auto opens = visit.start - policy.visitors.early;
    const auto closes = visit.end + policy.visitors.late;
    if (opens <= q.moment.now && q.moment.now <= closes) return {true, "visitor_preregistered", false};
  }
  return {false, "visit_window", false};
}

Path contractor_path(const OracleQuestion& q, const Policy& policy, const SiteId& site) {
  if (!policy.contractors.open) return {false, "contractors_closed", false};
  if (policy.contractors.require_site && !among(site, q.subject.person->sites))
    return {false, "contractor_site", false};
  return {true, "contractor", false};
}

/// Of the person's type; a walk-in is a visitor.
Path path_of_the_type(const OracleQuestion& q, const Policy& policy, const SiteId& site) {
  const auto type = q.subject.walk_in ? PersonType::visitor : q.subject.person->person_type;
  if (type == PersonType::employee) return employee_path(q, policy, site);
  if (type == PersonType::visitor) return visitor_path(q, policy, site);
  if (type == PersonType::contractor) return contractor_path(q, policy, site);
  return {};
}

Path rule_path(const OracleQuestion& q, const PolicyRule& rule, const SiteId& site) {
  const auto* person = q.subject.walk_in ? nullptr : q.subject.person;
  if (!rule.person_type && !rule.tag) return {};
  if (rule.person_type && *rule.person_type != (person ? person->person_type : PersonType::visitor))
    return {};
  bool status_fits = rule.statuses.empty();
  for (const auto& status : rule.statuses)
    status_fits = status_fits || (person && small(person->membership_status) == small(status));
  if (!status_fits) return {};
  if (rule.tag && (!person || !among(*rule.tag, person->tags))) return {};
  if (within_hours(q, rule.hours, site) == Fits::yes) return {true, "rule", false};
  return {false, "", true};
}

Path grant_path(const OracleQuestion& q, const Grant& grant, const DoorId& door, const SiteId& site) {
  bool meant = false;
  if (grant.door) meant = meant || *grant.door == door;
  if (grant.site) meant = meant || *grant.site == site;
  if (grant.scope) {
    const auto* scope = scope_of(q, door);
    meant = meant || (scope && scope->id == *grant.scope);
  }
  if (!meant) return {};
  if (grant.from || grant.until) {
    if (!q.moment.trusted) return {false, "", true};
    if (grant.from && q.moment.now < *grant.from) return {false, "", true};
    if (grant.until && q.moment.now >= *grant.until) return {false, "", true};
  }
  if (within_hours(q, grant.hours, site) == Fits::yes) return {true, "grant", false};
  return {false, "", true};
}

// --- checks 10 to 12 --------------------------------------------------------------------------------------

const Policy& policy_of(const OracleQuestion& q, const ConfiguredDoor& door) {
  if (door.policy) return *door.policy;
  const auto* scope = scope_of(q, door.id);
  if (scope && scope->policy) return *scope->policy;
  return q.settings.policy.policy;
}

OracleAnswer::Door paths(const OracleQuestion& q, const ConfiguredDoor& door, const SiteId& site) {
  const auto& policy = policy_of(q, door);
  const string id = to_string(door.id);
  vector<Path> all;
  all.push_back(path_of_the_type(q, policy, site));
  for (const auto& rule : policy.rules) all.push_back(rule_path(q, rule, site));
  if (q.subject.grants && !q.subject.walk_in) {
    for (const auto& grant : *q.subject.grants) all.push_back(grant_path(q, grant, door.id, site));
  }
  for (const auto& path : all) {
    if (path.allows) return {id, true, path.word};
  }
  for (const auto& path : all) {
    if (path.only_time) return {id, false, q.moment.trusted ? "outside_hours" : "clock_untrusted"};
  }
  if (all.front().word != fine) return {id, false, all.front().word};
  return {id, false, "no_matching_rule_or_grant"};
}

OracleAnswer::Door one_door(const OracleQuestion& q, const ConfiguredDoor& door) {
  const string id = to_string(door.id);
  const SiteId site = door.site ? *door.site : find_point(q)->site;
  if (q.lockdown.sites.count(site) > 0 || q.lockdown.net2.count(door.id.integration) > 0)
    return {id, false, "lockdown"};

  const auto set = q.modes.find(door.id);
  const auto mode = set == q.modes.end() ? door.mode : set->second;
  bool works = false;
  for (const auto& integration : q.settings.integrations) {
    if (integration.id == door.id.integration && integration.enabled &&
        integration.mode == IntegrationMode::apply)
      works = true;
  }
  if (mode == DoorMode::blocked) return {id, false, "door_blocked"};
  if (mode == DoorMode::force_closed) return {id, false, "door_force_closed"};
  if (!works) return {id, false, "door_unavailable"};
  if (mode == DoorMode::force_open) return {id, true, "door_open"};
  if (!door.allow_trigger) return {id, false, "door_triggers_off"};
  return paths(q, door, site);
}

local_days last_sunday(year_month month) {
  return local_days{month / Sunday[last]};
}

}  // namespace

LocalTime european_wall(const string& zone, Instant at) {
  const LocalTime utc{at.time_since_epoch()};
  const auto year = year_month_day{floor<days>(utc)}.year();
  const bool summer =
      utc >= last_sunday(year / March) + hours{1} && utc < last_sunday(year / October) + hours{1};
  const hours winter_offset{zone == "Europe/Paris" ? 1 : 0};
  return utc + winter_offset + hours{summer ? 1 : 0};
}

OracleAnswer answer_by_contract(const OracleQuestion& q) {
  if (const auto why = checks_of_the_point(q); why != fine) return {false, why, {}};
  if (const auto why = checks_of_the_person(q); why != fine) return {false, why, {}};
  OracleAnswer answer;
  for (const auto& id : find_point(q)->doors) answer.doors.push_back(one_door(q, *find_door(q, id)));
  answer.reason = answer.doors.front().reason;
  for (auto door = answer.doors.rbegin(); door != answer.doors.rend(); ++door) {
    if (!door->allow) continue;
    answer.allow = true;
    answer.reason = door->reason;
  }
  return answer;
}

}  // namespace gatehouse
