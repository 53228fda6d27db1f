#pragma once
// A desk with the world around it in memory: a store that keeps what was committed, a Net2 that answers when
// it is told to, and a small building.

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/alerts.hpp"
#include "tests/unit/access_store_fake.hpp"
#include "tests/unit/fakes.hpp"

namespace gatehouse::test {

/// ASCII only.
class PlainFold : public TextFold {
 public:
  std::string fold(std::string_view text) const override {
    std::string folded;
    for (const char c : text) {
      if (c != ' ' || (!folded.empty() && folded.back() != ' '))
        folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    if (!folded.empty() && folded.back() == ' ') folded.pop_back();
    return folded;
  }
};

class DeskClock : public ManualClock {
 public:
  ClockQuality quality() const override { return trusted ? ClockQuality::ok : ClockQuality::unsynced; }
  bool trusted = true;
};

/// A Net2 server's doors. Answers `sent` at once, or when it is told to.
class DoorsFake : public DoorControl {
 public:
  DoorsFake(const Clock& clock, boost::asio::any_io_executor executor)
      : clock_(clock), executor_(std::move(executor)) {}

  struct Call {
    DoorOrder order;
    Uptime at{};
    std::optional<DoorAnswer> answer;
    std::shared_ptr<Wakeup> answered;
  };

  Task<DoorAnswer> command(DoorOrder order) override {
    if (dead) co_return DoorAnswer{DoorCommandState::unknown, "dead"};
    if (on_call) on_call(order);
    const auto call = std::make_shared<Call>(Call{.order = order,
                                                  .at = clock_.uptime(),
                                                  .answer = {},
                                                  .answered = std::make_shared<Wakeup>(executor_)});
    calls.push_back(call);
    if (!slow) call->answer = next_answer;
    while (!call->answer) {
      co_await call->answered->wait();
    }
    co_return *call->answer;
  }
  void answer(std::size_t call, DoorCommandState state, std::string why = "") {
    calls.at(call)->answer = DoorAnswer{state, std::move(why)};
    calls.at(call)->answered->ring();
  }

  std::vector<std::shared_ptr<Call>> calls;  ///< those of which a byte was written
  DoorAnswer next_answer{DoorCommandState::sent, ""};
  std::function<void(const DoorOrder&)> on_call;
  bool slow = false;
  bool dead = false;

 private:
  const Clock& clock_;
  boost::asio::any_io_executor executor_;
};

class YardFake : public DoorYard {
 public:
  std::shared_ptr<DoorControl> control_of(const IntegrationId& integration) override {
    const auto found = controls.find(integration);
    if (found == controls.end()) return nullptr;
    return {std::shared_ptr<void>(), found->second};
  }
  bool connected(const IntegrationId& integration) const override { return online.contains(integration); }
  bool cloud_connected() const override { return cloud; }

  std::map<IntegrationId, DoorControl*> controls;
  std::set<IntegrationId> online;
  bool cloud = true;
};

// --- the building ---------------------------------------------------------------------------------------

inline const IntegrationId net2{"net2-hq"};
inline const SiteId head_office{"hq"};
inline const SiteId annex{"annex"};
inline const DoorId front_door{net2, Net2DoorId(1)};  ///< timed, 5 s, may be held
inline const DoorId gate{net2, Net2DoorId(2)};        ///< momentary
inline const DoorId back_door{net2, Net2DoorId(3)};   ///< timed, 8 s
inline const DoorId remote{net2, Net2DoorId(4)};      ///< timed, in the annex

inline AccessPoint access_point(std::string id, std::vector<DoorId> doors, Duration delay = Duration{0}) {
  AccessPoint point;
  point.id = AccessPointId(id);
  point.name = std::move(id);
  point.site = head_office;
  point.doors = std::move(doors);
  point.open_on = {Direction::in};
  point.open_modes = {SignInMode::kiosk};
  point.walk_ins = true;
  point.delay = delay;
  return point;
}

inline ConfiguredDoor configured_door(const DoorId& id, SiteId site, DoorKind kind = DoorKind::timed) {
  ConfiguredDoor door;
  door.id = id;
  door.name = to_string(id);
  door.site = std::move(site);
  door.kind = kind;
  return door;
}

inline Settings building() {
  Settings settings;
  settings.gateway.sites = {{head_office, "Europe/London"}, {annex, "Europe/Paris"}};
  Integration integration;
  integration.id = net2;
  integration.enabled = true;
  settings.integrations.push_back(integration);
  settings.policy.policy.employees.open = true;
  settings.policy.policy.visitors.open = VisitorsAdmitted::all;
  settings.doors = {configured_door(front_door, head_office),
                    configured_door(gate, head_office, DoorKind::momentary),
                    configured_door(back_door, head_office), configured_door(remote, annex)};
  settings.doors[0].allow_hold = true;
  settings.doors[2].open = std::chrono::seconds(8);
  settings.access_points = {access_point("reception", {front_door}),
                            access_point("yard", {gate}),
                            access_point("lobby", {front_door, back_door}),
                            access_point("all", {front_door, gate, back_door}),
                            access_point("lift", {front_door, gate}, std::chrono::seconds(5)),
                            access_point("nowhere", {})};
  settings.access_points[0].open_on = {Direction::in, Direction::out};
  return settings;
}

inline PersonEntry person(std::string id, PersonType type = PersonType::employee) {
  PersonEntry entry;
  entry.person.id = PersonId(id);
  entry.person.facts.first_name = id;
  entry.person.facts.last_name = "Lovelace";
  entry.person.facts.person_type = type;
  entry.person.facts.site = "hq";
  entry.person.facts.sites = {"hq"};
  entry.person.sources.push_back({.integration = net2,
                                  .external_id = ExternalId("1"),
                                  .badge = "Net2",
                                  .evidence = "",
                                  .linked = std::nullopt});
  entry.person.sources.push_back({.integration = IntegrationId("cloud"),
                                  .external_id = ExternalId("c-" + id),
                                  .badge = "cloud",
                                  .kind = SourceKind::cloud,
                                  .evidence = "",
                                  .linked = std::nullopt});
  return entry;
}

inline TakenCommand taken(std::string id, std::string answer = "") {
  TakenCommand command;
  command.issuer = "key k";
  command.id = std::move(id);
  command.answer = std::move(answer);
  return command;
}

inline Message reply() {
  Message message;
  message.type = "reply";
  return message;
}

/// One process at that building.
struct DeskCase {
  explicit DeskCase(AccessDisk* kept = nullptr, std::shared_ptr<DeskClock> time = nullptr)
      : disk(kept != nullptr ? *kept : own_disk),
        clock_kept(time ? std::move(time) : std::make_shared<DeskClock>()),
        clock(*clock_kept),
        store(disk, bench.io.get_executor()),
        doors(clock, bench.io.get_executor()),
        alerts(alert_store, clock, [] {}),
        desk({.executor = bench.io.get_executor(),
              .store = store,
              .knowledge = store,
              .yard = yard,
              .alerts = alerts,
              .clock = clock,
              .log = log,
              .fold = fold,
              .news = [this] { ++news; },
              .status_changed = [this] { ++status_changes; }}) {
    yard.controls.emplace(net2, &doors);
    yard.online.insert(net2);
    desk.use(building(), {}, "sha256:1");
  }
  ~DeskCase() {
    if (!stopped) stop();
  }
  /// Everybody known, everything loaded, the loop running.
  void open_for_business() {
    if (disk.people.empty()) {
      disk.people.emplace(PersonId("Ada"), person("Ada"));
      disk.people.emplace(PersonId("Bob"), person("Bob"));
      disk.people.emplace(PersonId("Eve"), person("Eve", PersonType::contractor));
    }
    bench.get(desk.load());
    desk.ages().proved(net2);
    desk.ages().proved(IntegrationId("cloud"));
    desk.start();
    bench.run();
  }
  void stop() {
    stopped = true;
    bench.get(desk.stop());
  }
  /// Time passes, and the loop looks at the clock.
  void pass(Duration time) {
    clock.pass(time);
    wake();
  }
  void wake() {
    desk.on_door_status(net2, {});
    bench.run();
  }

  static SignInRequest request(std::string point, PersonRef who = PersonId("Ada")) {
    SignInRequest asked;
    asked.asked.access_point = AccessPointId(std::move(point));
    asked.person = std::move(who);
    asked.asker.actor = "uid 1000";
    return asked;
  }
  DecisionRecord sign_in(std::string point, PersonRef who = PersonId("Ada")) {
    auto answer = bench.get(desk.sign_in(request(std::move(point), std::move(who))));
    if (!answer) throw std::runtime_error(answer.error().detail);
    return *answer;
  }
  static DoorRequest act(DoorId door, DoorAction action = DoorAction::open) {
    DoorRequest asked;
    asked.door = std::move(door);
    asked.action = action;
    asked.reason = "a parcel";
    asked.asker.actor = "uid 1000";
    return asked;
  }
  Result<DoorReport> move(DoorRequest asked) { return bench.get(desk.move_door(std::move(asked))); }
  Result<void> lock(const SiteId& site, bool on) {
    LockdownRequest asked;
    asked.site = site;
    asked.on = on;
    asked.asker.actor = "uid 1000";
    return bench.get(desk.set_lockdown(std::move(asked)));
  }
  void opened(const DoorId& door, int type = 28, int sub_type = 61, bool catch_up = false,
              Duration ago = Duration{0}) {
    EventCommit::Item item;
    item.event.id = Net2EventId(++events);
    item.event.at = clock.now() - ago;
    item.event.type = type;
    item.event.sub_type = sub_type;
    item.event.door = door.number;
    item.catch_up = catch_up;
    desk.on_events(door.integration, {item});
    bench.run();
  }
  void relay(const DoorId& door, bool open) {
    DoorStatus status;
    status.id = door.number;
    status.relay_open = open;
    desk.on_door_status(door.integration, {status});
    bench.run();
  }

  /// Of a decision as it is on the disk.
  const DecisionRecord& stored(const std::string& id) const { return disk.decisions.at(id).decision; }
  std::vector<std::string> told(std::string_view type) const {
    std::vector<std::string> data;
    for (const auto& message : disk.messages) {
      if (message.type == type) data.push_back(message.data);
    }
    return data;
  }
  std::size_t audited(std::string_view action, std::string_view outcome) const {
    return static_cast<std::size_t>(std::ranges::count_if(disk.audit, [&](const AuditEntry& entry) {
      return entry.action == action && entry.outcome == outcome;
    }));
  }
  bool alert_is_up(const std::string& kind) {
    bench.get(alerts.tell());
    return std::ranges::find(alert_store.raised, kind, &Alert::kind) != alert_store.raised.end();
  }

  AccessDisk own_disk;
  AccessDisk& disk;
  Bench bench;
  std::shared_ptr<DeskClock> clock_kept;
  DeskClock& clock;
  RecordingLog log;
  PlainFold fold;
  AccessStoreFake store;
  DoorsFake doors;
  YardFake yard;
  FakeOutbox alert_store{bench.io.get_executor()};
  Alerts alerts;
  int news = 0;
  int status_changes = 0;
  std::int64_t events = 0;
  bool stopped = false;
  AccessDesk desk;
};

inline const DoorAnswer& answer_of(const DecisionRecord& decision, const DoorId& door) {
  const auto found = std::ranges::find(decision.doors, door, &DecidedDoor::door);
  if (found == decision.doors.end()) throw std::runtime_error("the decision has no such door");
  return found->command;
}

}  // namespace gatehouse::test
