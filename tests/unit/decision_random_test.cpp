// Random people, access points, times and policies: decide() and the oracle must say the same.

#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "daemon/host/zone_database.hpp"
#include "tests/unit/decision_case.hpp"
#include "tests/unit/decision_oracle.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

/// The same numbers on every machine: distributions of the library are not, so there are none.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(std::size_t n) { return static_cast<int>(engine_() % n); }
  bool percent(int chance) { return below(100) < chance; }
  template <typename T>
  const T& of(const std::vector<T>& items) {
    return items.at(static_cast<std::size_t>(below(items.size())));
  }
  template <typename T>
  std::vector<T> some(const std::vector<T>& items, int chance) {
    std::vector<T> taken;
    for (const auto& item : items)
      if (percent(chance)) taken.push_back(item);
    return taken;
  }

 private:
  std::mt19937_64 engine_;
};

const std::vector<SiteId> sites{SiteId("hq"), SiteId("annex"), SiteId("depot")};
const std::vector<IntegrationId> integrations{IntegrationId("net2-hq"), IntegrationId("net2-annex")};
const std::vector<ScheduleId> schedule_ids{ScheduleId("a"), ScheduleId("b"), ScheduleId("c"),
                                           ScheduleId("d")};
const std::vector<ScopeId> scope_ids{ScopeId("front"), ScopeId("back"), ScopeId("gone")};
const std::vector<std::string> tags{"staff", "vip", "gym"};
const std::vector<std::string> statuses{"active", "Current", "on hold"};
const std::vector<PersonType> types{PersonType::employee, PersonType::visitor, PersonType::contractor,
                                    PersonType::member};

DoorId door_number(int n) {
  return {integrations.at(n < 4 ? 0 : 1), Net2DoorId(n)};
}

minutes quarter(Dice& dice) {
  return minutes{15 * dice.below(96)};
}

/// Days on which something is odd: clocks change, a leap day, the turn of a year, holidays, plain ones.
Instant odd_moment(Dice& dice) {
  static const std::vector<Instant> begins{
      utc("2026-03-28T22:00:00Z"), utc("2026-03-29T00:00:00Z"), utc("2026-10-24T22:00:00Z"),
      utc("2026-10-25T00:00:00Z"), utc("2028-02-28T22:00:00Z"), utc("2028-02-29T12:00:00Z"),
      utc("2026-12-24T20:00:00Z"), utc("2026-12-25T12:00:00Z"), utc("2026-12-31T20:00:00Z"),
      utc("2026-06-01T00:00:00Z"), utc("2026-06-06T00:00:00Z")};
  Instant at = dice.of(begins) + quarter(dice);
  if (dice.percent(30)) at += dice.percent(50) ? 1ms : -1ms;  // just beside an edge
  return at;
}

/// Dates at which windows are taken away; most of them days that odd_moment names.
std::vector<std::chrono::year_month_day> holidays(Dice& dice) {
  std::vector<std::chrono::year_month_day> dates;
  while (dice.percent(50)) dates.emplace_back(floor<days>(odd_moment(dice)));
  return dates;
}

Schedule random_schedule(Dice& dice) {
  Schedule schedule;
  for (auto& day : schedule.days) {
    while (dice.percent(55)) day.push_back({quarter(dice), dice.percent(10) ? minutes{1440} : quarter(dice)});
  }
  schedule.except = holidays(dice);
  return schedule;
}

std::optional<ScheduleId> random_hours(Dice& dice) {
  if (dice.percent(30)) return std::nullopt;
  return dice.of(schedule_ids);
}

Policy random_policy(Dice& dice) {
  Policy policy;
  policy.employees = {dice.percent(60), dice.percent(60)};
  policy.visitors = {dice.of<VisitorsAdmitted>({VisitorsAdmitted::none, VisitorsAdmitted::preregistered,
                                                VisitorsAdmitted::preregistered, VisitorsAdmitted::all}),
                     dice.of<Duration>({0min, 30min, 2h}), dice.of<Duration>({0min, 30min, 2h})};
  policy.contractors = {dice.percent(60), dice.percent(60)};
  while (dice.percent(40)) {
    PolicyRule rule;
    rule.name = "rule " + std::to_string(policy.rules.size() + 1);
    const auto kind = dice.below(3);
    if (kind != 0) rule.person_type = dice.of(types);
    if (kind != 1) rule.tag = dice.of(tags);
    if (dice.percent(40)) rule.statuses = dice.some<std::string>({"active", "current", "On hold"}, 50);
    rule.hours = random_hours(dice);
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

AccessPoint random_point(Dice& dice, const std::string& id) {
  AccessPoint point;
  point.id = AccessPointId(id);
  point.site = dice.of(sites);
  std::vector<DoorId> all;
  for (int n = 1; n <= 6; ++n) all.push_back(door_number(n));
  point.doors = dice.some(all, 35);
  if (point.doors.empty() && dice.percent(80)) point.doors = {door_number(1 + dice.below(6))};
  if (dice.percent(50)) std::reverse(point.doors.begin(), point.doors.end());
  point.open_on = dice.some<Direction>({Direction::in, Direction::out}, 95);
  point.open_modes =
      dice.some<SignInMode>({SignInMode::kiosk, SignInMode::mobile, SignInMode::qr, SignInMode::web}, 95);
  point.walk_ins = dice.percent(60);
  return point;
}

struct World {
  Settings settings;
  std::map<DoorId, DoorMode> modes;
};

DoorMode random_mode(Dice& dice, int normal) {
  if (dice.percent(normal)) return DoorMode::normal;
  return dice.of<DoorMode>(
      {DoorMode::normal, DoorMode::blocked, DoorMode::force_closed, DoorMode::force_open});
}

World random_world(Dice& dice) {
  World world;
  auto& settings = world.settings;
  settings.gateway.sites = {
      {sites[0], "Europe/London"}, {sites[1], "Europe/Paris"}, {sites[2], "Europe/London"}};
  for (const auto& id : integrations) {
    Integration integration;
    integration.id = id;
    integration.enabled = dice.percent(90);
    integration.mode = dice.percent(90) ? IntegrationMode::apply : IntegrationMode::staging;
    settings.integrations.push_back(std::move(integration));
  }
  for (std::size_t n = 0; n < 3; ++n)
    settings.schedules[schedule_ids.at(n)] = random_schedule(dice);  // "d" is none
  settings.policy.policy = random_policy(dice);
  if (dice.percent(30)) settings.policy.max_age = {{{dice.of(types), 1h}, {dice.of(types), 12h}}, 6h};
  for (const auto& id : {scope_ids[0], scope_ids[1]}) {
    Scope scope{id, {}, std::nullopt};
    if (dice.percent(50)) scope.policy = random_policy(dice);
    settings.scopes.push_back(std::move(scope));
  }
  for (int n = 1; n <= 6; ++n) {
    ConfiguredDoor door;
    door.id = door_number(n);
    if (dice.percent(40)) door.site = dice.of(sites);
    door.mode = random_mode(dice, 85);
    door.allow_trigger = dice.percent(93);
    if (dice.percent(15)) door.policy = random_policy(dice);
    if (dice.percent(50)) settings.scopes.at(dice.percent(50) ? 0 : 1).doors.push_back(door.id);
    if (dice.percent(8)) world.modes[door.id] = random_mode(dice, 30);
    settings.doors.push_back(std::move(door));
  }
  for (const auto* id : {"p0", "p1", "p2"}) settings.access_points.push_back(random_point(dice, id));
  return world;
}

struct Asked {
  KnownPerson person;
  std::vector<Grant> grants;
  std::vector<Visit> visits;
  Subject subject;
  Lockdown lockdown;
  Moment moment;
  SignIn sign_in;
};

/// Now, or a little before or after, or an edge of something that is now.
Instant near(Dice& dice, Instant now) {
  static const std::vector<Duration> steps{0ms, 1ms, -1ms,     30min,     -30min, 30min + 1ms, -30min - 1ms,
                                           2h,  -2h, 2h + 1ms, -2h - 1ms, 90h,    -90h};
  return now + dice.of(steps);
}

KnownPerson random_person(Dice& dice, Instant now) {
  KnownPerson person;
  person.id = PersonId("P");
  person.person_type = dice.of(types);
  if (dice.percent(70)) person.membership_status = dice.of(statuses);
  person.tags = dice.some(tags, 30);
  person.site = dice.of(sites);
  person.sites = dice.some(sites, 50);
  person.roamer = dice.percent(60);
  person.roamer_sites = dice.some(sites, 30);
  if (dice.percent(12)) person.valid_from = near(dice, now);
  if (dice.percent(12)) person.valid_until = near(dice, now);
  person.admin_enabled = dice.percent(96);
  person.tracked = dice.percent(85);
  for (const auto& [id, kind] :
       {std::pair("net2-hq", SourceKind::net2), std::pair("cloud", SourceKind::cloud)})
    if (dice.percent(80)) person.sources.push_back({IntegrationId(id), kind, dice.percent(97)});
  return person;
}

Grant random_grant(Dice& dice, Instant now) {
  Grant grant;
  grant.id = "G";
  switch (dice.below(3)) {
    case 0:
      grant.door = door_number(1 + dice.below(6));
      break;
    case 1:
      grant.scope = dice.of(scope_ids);
      break;
    default:
      grant.site = dice.of(sites);
  }
  grant.hours = random_hours(dice);
  if (dice.percent(30)) grant.from = near(dice, now);
  if (dice.percent(30)) grant.until = near(dice, now);
  return grant;
}

/// Edges of a visit lie early after and late before now, in about every fourth.
Visit random_visit(Dice& dice, Instant now) {
  Visit visit{"V", dice.of(sites), near(dice, now), {}};
  visit.end = dice.percent(60) ? near(dice, now) : visit.start + 1h;
  if (dice.percent(25)) visit.start = now + dice.of<Duration>({0min, 30min, 2h});
  if (dice.percent(25)) visit.end = now - dice.of<Duration>({0min, 30min, 2h});
  visit.status = dice.of<VisitStatus>(
      {VisitStatus::expected, VisitStatus::cancelled, VisitStatus::on_site, VisitStatus::checked_out});
  return visit;
}

void fill(Asked& it, Dice& dice) {
  it.moment = {odd_moment(dice), dice.percent(88)};
  it.person = random_person(dice, it.moment.now);
  while (dice.percent(35)) it.grants.push_back(random_grant(dice, it.moment.now));
  while (dice.percent(45)) it.visits.push_back(random_visit(dice, it.moment.now));
  it.subject.walk_in = dice.percent(12);
  if (!it.subject.walk_in && !dice.percent(2)) {
    it.subject.person = &it.person;
    it.subject.grants = &it.grants;
    it.subject.visits = &it.visits;
  }
  it.subject.walk_ins_allowed = dice.percent(90);
  it.subject.namesake_disabled = dice.percent(8);
  static const std::vector<Duration> ages{0ms,       1h,  1h + 1ms,  6h,  6h + 1ms, 12h,
                                          12h + 1ms, 24h, 24h + 1ms, 72h, 72h + 1ms};
  if (!dice.percent(3)) it.subject.age.age = dice.percent(75) ? Duration{5min} : dice.of(ages);
  it.subject.age.by_wall_clock = dice.percent(20);
  for (const auto& site : dice.some(sites, 3)) it.lockdown.sites.insert(site);
  for (const auto& integration : dice.some(integrations, 3)) it.lockdown.net2.insert(integration);
  it.lockdown.unreadable = dice.below(300) == 0;
  it.sign_in.access_point =
      AccessPointId(dice.percent(1) ? "nowhere" : dice.of<std::string>({"p0", "p1", "p2"}));
  it.sign_in.direction = dice.of<Direction>({Direction::in, Direction::out});
  it.sign_in.mode =
      dice.of<SignInMode>({SignInMode::kiosk, SignInMode::mobile, SignInMode::qr, SignInMode::web});
}

OracleAnswer in_words(const AccessVerdict& verdict) {
  OracleAnswer answer{verdict.allow, std::string(to_string(verdict.reason)), {}};
  for (const auto& door : verdict.doors)
    answer.doors.push_back({to_string(door.door->id), door.allow, std::string(to_string(door.reason))});
  return answer;
}

std::string describe(const OracleAnswer& answer) {
  std::string text = (answer.allow ? "allow " : "deny ") + answer.reason;
  for (const auto& door : answer.doors)
    text += "; " + door.id + (door.allow ? " allow " : " deny ") + door.reason;
  return text;
}

/// What holds of every trace. Empty, or what is wrong with this one.
std::string fault_of_trace(const AccessVerdict& verdict) {
  const auto& trace = verdict.trace;
  if (trace.empty()) return "no trace";
  const auto doors =
      std::find_if(trace.begin(), trace.end(), [](const TraceStep& s) { return s.door != nullptr; });
  int expected = 0;
  for (auto step = trace.begin(); step != doors; ++step) {
    if (static_cast<int>(step->check) != expected++) return "a check is missing or out of order";
    const bool last = std::next(step) == trace.end();
    if (last != (step->result == CheckResult::fail)) return "goes on after a failure, or ends without one";
  }
  if (verdict.doors.empty() != (doors == trace.end())) return "doors without steps, or steps without doors";
  if (!verdict.doors.empty() && expected != static_cast<int>(Check::door_lockdown))
    return "not all of 1 to 9";
  for (const auto& door : verdict.doors) {
    bool passed = false;
    const TraceStep* last = nullptr;
    for (auto step = doors; step != trace.end(); ++step) {
      if (step->door != door.door) continue;
      last = &*step;
      passed = step->result == CheckResult::pass;
    }
    if (last == nullptr) return "a door without a step";
    // The last step that is there says how it ended; a member without rules ends with the policy's level.
    if (passed != door.allow && last->check != Check::policy) return "the last step says otherwise";
  }
  return "";
}

/// Each reason that came up, of a decision or of a door.
using Seen = std::map<std::string, int>;

Seen compare(std::uint64_t seed, std::size_t cases) {
  Dice dice(seed);
  Seen seen;
  std::size_t done = 0;
  while (done < cases) {
    const auto world = random_world(dice);
    const AccessPolicy policy(world.settings, zones_of(world.settings), world.modes);
    for (int i = 0; i < 20 && done < cases; ++i, ++done) {
      Asked it;
      fill(it, dice);
      const auto verdict = decide(it.sign_in, it.subject, policy, it.lockdown, it.moment);
      const auto expected =
          answer_by_contract({it.sign_in, it.subject, world.settings, world.modes, it.lockdown, it.moment});
      const auto got = in_words(verdict);
      if (got != expected || !fault_of_trace(verdict).empty()) {
        INFO("seed " << seed << ", case " << done << ", at " << format_utc(it.moment.now) << ", "
                     << to_string(it.person.person_type) << " of " << it.person.site.value());
        CHECK(describe(got) == describe(expected));
        CHECK(fault_of_trace(verdict) == "");
      }
      ++seen[expected.reason];
      for (const auto& door : expected.doors) ++seen[door.reason];
    }
  }
  return seen;
}

/// Nothing is proved about a reason that never came.
void check_all_came(const Seen& seen, int times) {
  for (int reason = 0; reason <= static_cast<int>(AccessReason::no_matching_rule_or_grant); ++reason) {
    const std::string word(to_string(static_cast<AccessReason>(reason)));
    INFO(word);
    CHECK((seen.contains(word) ? seen.at(word) : 0) >= times);
  }
}

}  // namespace

TEST_CASE("S2-H2: 5,000 random decisions are those of the contract", "[decision][random]") {
  check_all_came(compare(20261122, 5'000), 5);
}

TEST_CASE("S2-H2: 100,000 random decisions are those of the contract", "[.long][decision]") {
  check_all_came(compare(1, 100'000), 100);
}

TEST_CASE("B.2-13: the oracle's clocks are those of the zone database", "[decision]") {
  Dice dice(7);
  const auto london = *load_zone("Europe/London");
  const auto paris = *load_zone("Europe/Paris");
  for (int i = 0; i < 1'000; ++i) {
    const auto at = odd_moment(dice);
    INFO(format_utc(at));
    REQUIRE(european_wall("Europe/London", at) == london->local(at));
    REQUIRE(european_wall("Europe/Paris", at) == paris->local(at));
  }
}

}  // namespace gatehouse
