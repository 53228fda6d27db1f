#pragma once
// An export with all of its parts: the simulator's Net2 over HTTPS, a real store, and the people's loop over
// them.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/plan_desk.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/simulated_net2.hpp"
#include "tests/unit/sync_desk.hpp"

namespace gatehouse::test {

inline Integration export_settings(ExportMode mode = ExportMode::automatic) {
  auto made = sync_settings();
  auto& to_net2 = made.sync.to_net2;
  to_net2.mode = mode;
  to_net2.person_types = {PersonType::employee};
  to_net2.access_levels = {{SiteId("hq"), "Staff"}};
  to_net2.default_access_level = "Visitors";
  return made;
}

/// Our side alone: the server is wherever the settings say.
class Exporting final : public IntegrationDesk {
 public:
  Exporting(boost::asio::io_context& io, std::filesystem::path directory, Integration with)
      : settings(std::move(with)),
        store(open_store(directory, clock)),
        alerts(*store, clock, [] {}),
        group_(io.get_executor(), clock, log),
        io_(io) {
    begin();
  }
  ~Exporting() override {
    group_ends();
    worker_.join();
  }

  const Integration* configured(const IntegrationId& id) const override {
    return id == settings.id ? &settings : nullptr;
  }
  std::vector<Integration> all_configured() const override { return {settings}; }
  PeopleSync* people_of(const IntegrationId& id) override { return id == settings.id ? &*people_ : nullptr; }
  IntegrationStatus status_of(const IntegrationId& /*id*/) const override { return {}; }
  Task<void> halt(std::vector<IntegrationId> /*ids*/) override { co_return; }
  Task<void> proceed() override { co_return; }

  /// A pass that somebody asks for, and the export behind it.
  Result<PassReport> try_pass() {
    PassAsk how;
    how.trigger = Trigger::manual;
    return run(io_, people_->run(std::move(how), true));
  }
  PassReport pass() {
    auto report = try_pass();
    if (!report) throw std::runtime_error(report.error().detail);
    clock.ms += 1000;
    return *report;
  }
  Result<Plan> apply(const Plan& plan) {
    PlanDesk desk({.plans = *store, .desk = *this, .clock = clock, .log = log, .news = [] {}});
    return run(io_, desk.apply(plan.id, plan.count, "olga"));
  }
  /// The settings are others from now on.
  void begin_anew(Integration with) {
    group_ends();
    settings = std::move(with);
    begin();
  }

  /// Somebody in the cloud's roster: new, or known by the id and changed.
  Person employs(const std::string& cloud_id, std::string first, std::string last, std::string email,
                 std::string site = "hq") {
    RecordFate fate;
    fate.external_id = cloud_id;
    fate.number = record_number(cloud_id);
    fate.fingerprint = ++revision_;
    fate.facts.emplace();
    fate.facts->first_name = std::move(first);
    fate.facts->last_name = std::move(last);
    fate.facts->email = std::move(email);
    fate.facts->site = std::move(site);
    fate.keys = identity_keys(*fate.facts, fold);
    DirectoryCommit commit;
    commit.integration = IntegrationId("cloud");
    commit.badge = "Cloud";
    commit.kind = SourceKind::cloud;
    commit.run = RunId("roster-" + std::to_string(revision_));
    commit.fates = {std::move(fate)};
    get(store->apply(std::move(commit)));
    return person("cloud/" + cloud_id);
  }
  Person person(const std::string& key) {
    const auto found = get(store->find_people(key));
    if (found.size() != 1) throw std::runtime_error(key + " is not one person");
    return found.front();
  }
  std::vector<Issue> issues() {
    return get(store->list_issues({.kind = {}, .integration = settings.id.value()}));
  }
  std::vector<IssueReason> reasons() {
    std::vector<IssueReason> found;
    for (const auto& issue : issues()) found.push_back(issue.reason);
    return found;
  }
  std::vector<Plan> plans() { return get(store->live_plans()); }
  /// "processed first_name,last_name" of what the export has journaled of a person's user.
  std::vector<std::string> journal(const Person& who) {
    std::vector<std::string> lines;
    for (const auto& row : get(store->activity_of(who.id, 100))) {
      if (row.outcome != Outcome::processed && row.outcome != Outcome::failed) continue;
      std::string line(to_string(row.outcome));
      for (const auto& field : row.fields) line += ' ' + field;
      lines.push_back(std::move(line));
    }
    return lines;
  }

  SetClock clock;
  RecordingLog log;
  UnicodeFold fold;
  Integration settings;
  std::unique_ptr<Store> store;
  Alerts alerts;

 private:
  void begin() {
    const auto zone = load_zone("Europe/London");
    if (!zone) throw std::runtime_error(zone.error().detail);
    link_ = make_test_link(io_, worker_, settings.net2, clock, log);
    exporter_.emplace(settings, Exporter::Parts{.source = *link_,
                                                .writer = link_->writer(),
                                                .store = *store,
                                                .issues = *store,
                                                .plans = *store,
                                                .people = *store,
                                                .clock = clock,
                                                .log = log,
                                                .worker = worker_.get_executor(),
                                                .fold = fold,
                                                .news = [] {}});
    people_.emplace(settings, two_sites,
                    PeopleSync::Parts{.executor = io_.get_executor(),
                                      .worker = worker_.get_executor(),
                                      .source = *link_,
                                      .directory = *store,
                                      .issues = *store,
                                      .plans = *store,
                                      .people = *store,
                                      .turn = turn_,
                                      .clock = clock,
                                      .alerts = alerts,
                                      .zone = *zone,
                                      .fold = fold,
                                      .tell_issues = true,
                                      .poll = std::chrono::hours(1),
                                      .exporter = &*exporter_,
                                      .before_read = []() -> Task<Result<void>> { co_return Result<void>{}; },
                                      .news = [] {},
                                      .changed = [] {}});
    group_.start("people", [this](Pulse& pulse) -> Task<void> { co_await people_->loop(pulse); });
  }
  void group_ends() {
    const auto end = [](TaskGroup& group) -> Task<int> {
      co_await group.stop();
      co_return 0;
    };
    run(io_, end(group_));
    people_.reset();
    exporter_.reset();
    link_.reset();
  }

  boost::asio::thread_pool worker_{1};
  RegistryTurn turn_;
  TaskGroup group_;
  boost::asio::io_context& io_;
  std::unique_ptr<Net2Link> link_;
  std::optional<Exporter> exporter_;
  std::optional<PeopleSync> people_;
  std::uint64_t revision_ = 0;
};

}  // namespace gatehouse::test
