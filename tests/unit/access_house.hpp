#pragma once
// The verbs of the doors over a real store and a real desk; only Net2 and the network are not there.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_verbs.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/store_people.hpp"

namespace gatehouse::test {

inline DoorId door_of_hq(std::int64_t number) {
  return {hq, Net2DoorId(number)};
}

/// Two sites, two doors of which one is in a scope, two access points, one Net2 server.
inline Settings house_settings() {
  Settings made;
  made.gateway.id = "hq-01";
  made.gateway.tenant = "acme";
  made.gateway.sites = {{SiteId("hq"), "Europe/London"}, {SiteId("annex"), "Europe/Paris"}};
  Integration net2;
  net2.id = hq;
  net2.enabled = true;
  made.integrations = {net2};
  made.schedules[ScheduleId("business")] = {};
  made.policy.policy.employees.open = true;
  ConfiguredDoor front;
  front.id = door_of_hq(1);
  front.name = "Front door";
  front.site = SiteId("hq");
  front.presence = DoorPresence::onsite;
  ConfiguredDoor lab;
  lab.id = door_of_hq(2);
  lab.name = "Lab";
  lab.site = SiteId("hq");
  made.doors = {front, lab};
  made.scopes = {{.id = ScopeId("labs"), .doors = {lab.id}, .policy = Policy{}}};
  AccessPoint reception;
  reception.id = AccessPointId("reception");
  reception.site = SiteId("hq");
  reception.doors = {front.id};
  reception.open_on = {Direction::in};
  reception.open_modes = {SignInMode::qr, SignInMode::kiosk};
  made.access_points = {reception};
  return made;
}

inline AccessPolicy::Zones house_zones(const Settings& settings) {
  AccessPolicy::Zones zones;
  for (const auto& site : settings.gateway.sites) zones[site.id] = *load_zone(site.timezone);
  return zones;
}

class AccessHouse final : public GatewayDesk, public DoorYard, public DoorControl {
 public:
  AccessHouse()
      : store(open_store(directory.path, clock)),
        alerts(*store, clock, [] {}),
        desk({.executor = bench.io.get_executor(),
              .store = *store,
              .knowledge = *store,
              .yard = *this,
              .alerts = alerts,
              .clock = clock,
              .log = log,
              .fold = fold,
              .news = [] {},
              .status_changed = [] {}}),
        verbs({.desk = desk,
               .store = *store,
               .knowledge = *store,
               .audit = *store,
               .people = *store,
               .queries = *store,
               .gateway = *this,
               .clock = clock,
               .zone = [] { return *load_zone("Europe/London"); },
               .load_policy = [this](const std::string& text) { return candidate(text); },
               .news = [this] { ++news; }}) {
    use(house_settings());
    auto ada = fate(1, "Lovelace");
    ada.facts->synced_tags = {"staff"};
    REQUIRE(bench.get(store->apply(pass({ada, fate(2, "Byron")}))));
    bench.get(desk.load());
    desk.start();
    desk.ages().proved(hq);
  }
  ~AccessHouse() override { bench.get(desk.stop()); }

  void use(Settings settings) {
    auto zones = house_zones(settings);
    desk.use(std::move(settings), std::move(zones), "sha256:test");
  }

  /// What a verb answers, read.
  boost::json::value says(Task<Result<std::string>> asked) {
    auto said = bench.get(std::move(asked));
    if (!said) throw std::runtime_error(said.error().detail);
    return boost::json::parse(*said);
  }
  /// Why it does not.
  Error refuses(Task<Result<std::string>> asked) {
    auto said = bench.get(std::move(asked));
    REQUIRE_FALSE(said);
    return said.error();
  }
  AccessAsk at_reception(const std::string& person) {
    AccessAsk ask;
    ask.person = person;
    ask.access_point = "reception";
    return ask;
  }
  std::vector<AuditRow> audited() {
    auto rows = bench.get(store->audit_rows(0, 100));
    REQUIRE(rows);
    return *rows;
  }
  Person ada() { return the_person(*store, "net2-hq/1"); }

  // The world.
  GatewayState state() const override { return {}; }
  Task<GatewayState> look() override { co_return GatewayState{}; }
  std::vector<DoorView> doors() const override { return known_to_net2; }
  Result<std::string> effective_config(const std::string& /*format*/) const override { return std::string(); }
  Task<Result<std::string>> reload() override { co_return std::string(); }
  std::optional<Instant> last_read(const IntegrationId& /*integration*/) const override {
    return std::nullopt;
  }
  std::shared_ptr<DoorControl> control_of(const IntegrationId& /*integration*/) override {
    return {std::shared_ptr<void>(), this};
  }
  bool connected(const IntegrationId& /*integration*/) const override { return true; }
  bool cloud_connected() const override { return true; }
  Task<DoorAnswer> command(DoorOrder order) override {
    commanded.push_back(std::string(to_string(order.action)) + ' ' + std::to_string(order.door.value()));
    co_return answer;
  }

  StoreDirectory directory;
  SetClock clock;
  RecordingLog log;
  UnicodeFold fold;
  Bench bench;
  std::unique_ptr<Store> store;
  Alerts alerts;
  AccessDesk desk;
  std::vector<DoorView> known_to_net2;
  std::vector<std::string> commanded;
  DoorAnswer answer{.state = DoorCommandState::sent, .why = ""};
  std::map<std::string, Settings> candidates;  ///< by the text that stands for the file
  int news = 0;
  AccessConsole verbs;

 private:
  Result<LoadedPolicy> candidate(const std::string& text) {
    const auto found = candidates.find(text);
    if (found == candidates.end()) return Error{Errc::invalid, "new.yaml:1:1: unknown key 'polcy'"};
    return LoadedPolicy{.settings = found->second, .zones = house_zones(found->second)};
  }
};

}  // namespace gatehouse::test
