#include "tests/unit/decision_case.hpp"

#include "daemon/host/zone_database.hpp"

namespace gatehouse {
namespace {

std::string words(bool allow, AccessReason reason) {
  return (allow ? "allow " : "deny ") + std::string(to_string(reason));
}

Window window(int from_hour, int until_hour) {
  return {std::chrono::hours{from_hour}, std::chrono::hours{until_hour}};
}

Schedule on_weekdays(Window hours) {
  Schedule schedule;
  for (std::size_t day = 1; day <= 5; ++day) schedule.days.at(day) = {hours};
  return schedule;
}

}  // namespace

Instant utc(std::string_view text) {
  return parse_rfc3339(text).value();
}

AccessPolicy::Zones zones_of(const Settings& settings) {
  static std::map<std::string, std::shared_ptr<const TimeZone>> loaded;
  AccessPolicy::Zones zones;
  for (const auto& site : settings.gateway.sites) {
    auto& zone = loaded[site.timezone];
    if (!zone) zone = *load_zone(site.timezone);
    zones[site.id] = zone;
  }
  return zones;
}

DoorId DecisionCase::door_id(std::size_t number) {
  return {IntegrationId(number == 3 ? "net2-annex" : "net2-hq"), Net2DoorId(static_cast<int>(number))};
}

DecisionCase::DecisionCase() {
  settings.gateway.id = "hq-01";
  settings.gateway.tenant = "acme";
  settings.gateway.sites = {{SiteId("hq"), "Europe/London"}, {SiteId("annex"), "Europe/Paris"}};
  for (const auto* id : {"net2-hq", "net2-annex"}) {
    Integration integration;
    integration.id = IntegrationId(id);
    integration.enabled = true;
    settings.integrations.push_back(std::move(integration));
  }
  for (std::size_t number = 1; number <= 3; ++number) {
    ConfiguredDoor made;
    made.id = door_id(number);
    if (number == 2) made.site = SiteId("annex");
    settings.doors.push_back(std::move(made));
  }
  AccessPoint point;
  point.id = AccessPointId("reception");
  point.site = SiteId("hq");
  point.doors = {door_id(1)};
  point.open_on = {Direction::in};
  point.open_modes = {SignInMode::kiosk, SignInMode::qr};
  settings.access_points.push_back(std::move(point));
  settings.schedules[ScheduleId("business")] = on_weekdays(window(7, 19));
  settings.schedules[ScheduleId("night")] = on_weekdays(window(22, 6));
  settings.schedules[ScheduleId("weekend")].days = {{{window(0, 24)}, {}, {}, {}, {}, {}, {window(0, 24)}}};

  person.id = PersonId("01JADA");
  person.site = SiteId("hq");
  person.sites = {SiteId("hq")};
  person.sources = {{IntegrationId("net2-hq"), SourceKind::net2, true}};
}

Grant& DecisionCase::grant_door(std::size_t number) {
  grants.emplace_back();
  grants.back().id = "G" + std::to_string(grants.size());
  grants.back().door = door_id(number);
  return grants.back();
}

Grant& DecisionCase::grant_site(const std::string& site) {
  auto& grant = grant_door(1);
  grant.door.reset();
  grant.site = SiteId(site);
  return grant;
}

Grant& DecisionCase::grant_scope(const std::string& scope) {
  auto& grant = grant_door(1);
  grant.door.reset();
  grant.scope = ScopeId(scope);
  return grant;
}

Visit& DecisionCase::visit(const std::string& from, const std::string& until, const std::string& site) {
  visits.push_back({"V" + std::to_string(visits.size() + 1), SiteId(site), utc(from), utc(until)});
  return visits.back();
}

Subject DecisionCase::subject() const {
  Subject made;
  if (!unknown && !walk_in) {
    made.person = &person;
    made.grants = &grants;
    made.visits = &visits;
  }
  made.age = age;
  made.walk_in = walk_in;
  made.walk_ins_allowed = walk_ins_allowed;
  made.namesake_disabled = namesake_disabled;
  return made;
}

template <typename Use>
auto DecisionCase::with_verdict(Use use) const {
  const AccessPolicy policy(settings, zones_of(settings), modes);
  return use(decide(asked, subject(), policy, lockdown, moment));
}

std::string DecisionCase::answer() const {
  return with_verdict([](const AccessVerdict& verdict) { return words(verdict.allow, verdict.reason); });
}

std::vector<std::string> DecisionCase::door_answers() const {
  return with_verdict([](const AccessVerdict& verdict) {
    std::vector<std::string> answers;
    for (const auto& door : verdict.doors) answers.push_back(words(door.allow, door.reason));
    return answers;
  });
}

TraceWords DecisionCase::trace() const {
  return with_verdict([](const AccessVerdict& verdict) {
    TraceWords lines;
    for (const auto& step : verdict.trace) {
      std::string line = std::string(to_string(step.check)) + " " + std::string(to_string(step.result));
      if (!step.fact.empty()) line += " " + std::string(step.fact);
      if (step.until) line += " until " + format_utc(*step.until);
      if (step.age)
        line += " age " + std::to_string(std::chrono::floor<std::chrono::seconds>(*step.age).count());
      if (step.door) line += " @" + std::to_string(step.door->id.number.value());
      lines.push_back(std::move(line));
    }
    return lines;
  });
}

}  // namespace gatehouse
