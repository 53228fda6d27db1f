// One decision: somebody is looked up among 100,000, and two doors are decided, with the trace.

#include <algorithm>
#include <chrono>
#include <ctime>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/app/access_book.hpp"
#include "daemon/core/decision.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/bench/measurements.hpp"

namespace gatehouse::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int everybody = 100'000;
constexpr int doors = 500;
constexpr int points = 250;
constexpr int sites = 10;
constexpr int grants = 1'000;
constexpr int asked = 300'000;

const Instant now = *parse_rfc3339("2026-06-01T09:00:00Z");

SiteId site_id(int n) {
  return SiteId("site-" + std::to_string(n % sites));
}
DoorId door_id(int n) {
  return {IntegrationId("net2-hq"), Net2DoorId(6'000'000 + n)};
}
AccessPointId point_id(int n) {
  return AccessPointId("reception-" + std::to_string(n));
}
PersonId person_id(int n) {
  std::string digits = std::to_string(n);
  return PersonId("01JZ9W3K5M" + std::string(16 - digits.size(), '0') + digits);
}

Policy policy_of(int n) {
  Policy policy;
  policy.employees = {n % 3 != 0, n % 2 == 0};
  policy.visitors.open = n % 4 == 0 ? VisitorsAdmitted::all : VisitorsAdmitted::preregistered;
  policy.contractors = {n % 2 == 0, n % 3 == 0};
  for (int rule = 0; rule < 5; ++rule) {
    PolicyRule made;
    made.name = "rule " + std::to_string(rule);
    if (rule % 2 == 0) made.person_type = rule == 0 ? PersonType::member : PersonType::employee;
    if (rule != 0) made.tag = "tag-" + std::to_string(rule);
    if (rule == 0) made.statuses = {"active", "current"};
    if (rule != 3) made.hours = ScheduleId(rule == 1 ? "night" : "business");
    policy.rules.push_back(std::move(made));
  }
  return policy;
}

Schedule every_day(Window window) {
  Schedule schedule;
  schedule.days.fill({window});
  for (int day = 1; day <= 20; ++day)
    schedule.except.emplace_back(std::chrono::year{2026}, std::chrono::December, std::chrono::day(day));
  return schedule;
}

Settings settings_of_the_house() {
  Settings settings;
  Integration integration;
  integration.id = IntegrationId("net2-hq");
  integration.enabled = true;
  settings.integrations.push_back(std::move(integration));
  for (int n = 0; n < sites; ++n)
    settings.gateway.sites.push_back({site_id(n), n % 2 == 0 ? "Europe/London" : "Europe/Paris"});
  settings.schedules[ScheduleId("business")] = every_day({7h, 19h});
  settings.schedules[ScheduleId("night")] = every_day({22h, 6h});
  settings.policy.policy = policy_of(1);
  for (int n = 0; n < doors; ++n) {
    ConfiguredDoor door;
    door.id = door_id(n);
    if (n % 5 == 0) door.site = site_id(n / 5);
    if (n % 10 == 3) door.policy = policy_of(n);
    settings.doors.push_back(std::move(door));
  }
  for (int n = 0; n < doors / 10; ++n) {
    Scope scope{ScopeId("scope-" + std::to_string(n)), {}, std::nullopt};
    if (n % 2 == 0) scope.policy = policy_of(n);
    for (int door = 0; door < 10; ++door) scope.doors.push_back(door_id(n * 10 + door));
    settings.scopes.push_back(std::move(scope));
  }
  for (int n = 0; n < points; ++n) {
    AccessPoint point;
    point.id = point_id(n);
    point.site = site_id(n);
    point.doors = {door_id(2 * n), door_id(2 * n + 1)};
    point.open_on = {Direction::in, Direction::out};
    point.open_modes = {SignInMode::kiosk};
    settings.access_points.push_back(std::move(point));
  }
  return settings;
}

PersonEntry entry_of(int n) {
  PersonEntry entry;
  auto& person = entry.person;
  person.id = person_id(n);
  person.facts.first_name = "First" + std::to_string(n);
  person.facts.last_name = "Last" + std::to_string(n);
  person.facts.person_type = static_cast<PersonType>(n % 10 < 6 ? 0 : n % 10 - 6);
  person.facts.membership_status = n % 3 == 0 ? "active" : "expired";
  person.facts.synced_tags = {"tag-" + std::to_string(n % 7), "first-aid"};
  person.facts.site = site_id(n).value();
  person.facts.sites = {site_id(n).value(), site_id(n + 1).value()};
  person.facts.roamer = n % 8 == 0;
  if (n % 4 == 0) person.facts.valid_until = now + std::chrono::hours(n % 4000);
  auto& source = person.sources.emplace_back();
  source.integration = IntegrationId("net2-hq");
  source.external_id = ExternalId(std::to_string(n));
  if (n % (everybody / grants) == 0) {
    Grant grant;
    grant.id = "01JZGRANT";
    grant.door = door_id(n % doors);
    grant.hours = ScheduleId("business");
    person.grants.push_back(std::move(grant));
  }
  if (person.facts.person_type == PersonType::visitor)
    entry.visits.push_back({"V", site_id(n), now - 1h, now + 1h});
  return entry;
}

struct House {
  UnicodeFold fold;
  AccessBook book{fold};
  std::unordered_map<std::string, std::string> rows;  ///< for the baseline
  std::unique_ptr<AccessPolicy> policy;

  House() {
    auto settings = settings_of_the_house();
    AccessPolicy::Zones zones;
    for (const auto& site : settings.gateway.sites) zones[site.id] = *load_zone(site.timezone);
    policy = std::make_unique<AccessPolicy>(std::move(settings), std::move(zones));
    for (int n = 0; n < everybody; ++n) {
      const auto entry = entry_of(n);
      book.put(entry);
      rows.emplace(entry.person.id.value(), pack(known_person(entry.person, fold)));
    }
  }
};

/// Who stands where. Two of three are at their own site.
struct Visitor {
  PersonId person;
  SignIn sign_in;
};

std::vector<Visitor> queue_of_visitors() {
  std::mt19937 dice(1);
  std::vector<Visitor> queue;
  queue.reserve(asked);
  for (int n = 0; n < asked; ++n) {
    const int person = static_cast<int>(dice() % everybody);
    const int anywhere = static_cast<int>(dice() % points);
    const int home = anywhere - anywhere % sites + person % sites;
    queue.push_back(
        {person_id(person), {point_id(n % 3 == 0 ? anywhere : home), Direction::in, SignInMode::kiosk}});
  }
  return queue;
}

struct Counted {
  int allowed = 0;
  std::size_t steps = 0;
};

void sign_in(const House& house, const Visitor& visitor, const Lockdown& lockdown, Counted& counted) {
  const auto entry = house.book.find(visitor.person);
  Subject subject;
  if (entry) {
    subject.person = &entry->person;
    subject.grants = &entry->grants;
    subject.visits = &entry->visits;
    subject.age.age = 30s;
  }
  const auto verdict = decide(visitor.sign_in, subject, *house.policy, lockdown, {now, true});
  counted.allowed += verdict.allow ? 1 : 0;
  counted.steps += verdict.trace.size();
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Seconds of one core for all of the queue, whatever else the machine does.
template <typename Each>
double time_all(const std::vector<Visitor>& queue, Each each) {
  const double began = processor_seconds();
  for (const auto& visitor : queue) each(visitor);
  return processor_seconds() - began;
}

double microseconds_at(const std::vector<std::int64_t>& sorted, double share) {
  return static_cast<double>(
             sorted.at(static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1)))) /
         1'000;
}

}  // namespace

void measure_decide(Report& report) {
  report.begin("one decision: 100,000 people, 500 doors, 1,000 grants, mixed policies");
  const House house;
  const auto queue = queue_of_visitors();
  const Lockdown lockdown;
  Counted counted;

  std::size_t bytes = 0;
  const auto look_up = [&](const Visitor& visitor) {
    const std::string row = house.rows.find(visitor.person.value())->second;
    bytes += row.size();
  };
  time_all(queue, look_up);  // warm
  const double baseline = time_all(queue, look_up);
  const auto row_bytes = bytes;

  time_all(queue, [&](const Visitor& visitor) { sign_in(house, visitor, lockdown, counted); });
  const double looked_up =
      time_all(queue, [&](const Visitor& visitor) { bytes += house.book.find(visitor.person) ? 1 : 0; });
  counted = {};
  const double took =
      time_all(queue, [&](const Visitor& visitor) { sign_in(house, visitor, lockdown, counted); });

  std::vector<std::int64_t> times;
  times.reserve(queue.size());
  for (const auto& visitor : queue) {
    const auto began = Clock::now();
    sign_in(house, visitor, lockdown, counted);
    times.push_back(std::chrono::nanoseconds(Clock::now() - began).count());
  }
  std::ranges::sort(times);

  const auto per_second = [&](double seconds) { return static_cast<double>(queue.size()) / seconds; };
  report.told("rows looked up and copied (baseline)", per_second(baseline), "/s",
              number(static_cast<double>(row_bytes) / (2.0 * asked), "bytes a row"));
  report.at_least("decisions on one core, looked up, with trace", per_second(took), 300'000, "/s",
                  number(took / baseline) + " x the baseline's time");
  report.told("of which somebody is looked up and unpacked", 100.0 * looked_up / took, "%");
  report.told("a decision, p50", microseconds_at(times, 0.5), "us");
  report.at_most("a decision, p99", microseconds_at(times, 0.99), 10, "us");
  report.told("a decision, p99.9", microseconds_at(times, 0.999), "us");
  report.note(number(100.0 * counted.allowed / (2.0 * asked)) + " % allowed, " +
              number(static_cast<double>(counted.steps) / (2.0 * asked)) + " steps a trace");
}

}  // namespace gatehouse::bench
