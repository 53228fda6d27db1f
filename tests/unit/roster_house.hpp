#pragma once
// The roster's desk over a real store: puts as the cloud writes them, and time set by hand.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/json/read_roster_args.hpp"
#include "daemon/app/issue_desk.hpp"
#include "daemon/app/plan_desk.hpp"
#include "daemon/app/roster_desk.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/sync_desk.hpp"

namespace gatehouse::test {

using Words = std::vector<std::string>;

/// One of `people`, as JSON. `more`: further members, with a comma before them.
inline std::string rostered(const std::string& id, const std::string& first, const std::string& last,
                            const std::string& email = "", const std::string& more = "") {
  const std::string mail = email.empty() ? "" : R"(,"email":")" + email + R"(","email_verified":true)";
  const bool typed = more.find("person_type") != std::string::npos;
  const bool placed = more.find("\"site\"") != std::string::npos;
  return R"({"cloud_id":")" + id + R"(","op":"upsert","first_name":")" + first + R"(","last_name":")" + last +
         "\"" + (typed ? "" : R"(,"person_type":"employee")") + (placed ? "" : R"(,"site":"hq")") + mail +
         more + "}";
}
inline std::string rostered(int number) {
  const auto text = std::to_string(number);
  return rostered("c" + text, "Ada", "Nr" + text, "ada" + text + "@example.com");
}
inline std::string dropped(const std::string& id) {
  return R"({"cloud_id":")" + id + R"(","op":"remove"})";
}
inline std::string visiting(const std::string& id, const std::string& cloud_id,
                            const std::string& status = "expected", const std::string& site = "hq") {
  return R"({"visit_id":")" + id + R"(","cloud_id":")" + cloud_id + R"(","site":")" + site +
         R"(","start":"2026-06-01T09:00:00Z","end":"2026-06-01T10:00:00Z","status":")" + status +
         R"(","op":"upsert"})";
}
inline std::string listed(const Words& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + item;
  return "[" + text + "]";
}

class RosterHouse final : public IntegrationDesk {
 public:
  RosterHouse()
      : alerts(*world.store, world.clock, [] {}), group_(bench.io.get_executor(), world.clock, log) {
    settings.cloud.emplace();
    settings.gateway.sites = {{.id = SiteId("hq"), .timezone = "Europe/London"},
                              {.id = SiteId("lab"), .timezone = "Europe/London"}};
    begin();
  }
  ~RosterHouse() override { end(); }

  void begin() {
    desk.emplace(settings,
                 RosterDesk::Parts{.executor = bench.io.get_executor(),
                                   .worker = world.worker.get_executor(),
                                   .roster = *world.store,
                                   .directory = *world.store,
                                   .issues = *world.store,
                                   .plans = *world.store,
                                   .people = *world.store,
                                   .turn = world.turn,
                                   .outbox = *world.store,
                                   .alerts = alerts,
                                   .clock = world.clock,
                                   .log = log,
                                   .fold = world.fold,
                                   .read = [](std::string_view json) { return read_roster_args(json); },
                                   .news = [] {},
                                   .proved = [this] { ++proved; },
                                   .roster_changed = [this] { ++changed; },
                                   .status_changed = [] {}});
    group_.start("roster", [this](Pulse& pulse) -> Task<void> { co_await desk->loop(pulse); });
  }
  void end() {
    bench.get(group_.stop());
    desk.reset();
  }
  /// As after a kill: what was in memory is gone.
  void restart() {
    end();
    world.reopen();
    begin();
  }

  // --- the cloud

  Result<std::string> try_put(const std::string& args) {
    TakenCommand command;
    command.issuer = "key cloud-1";
    command.id = "j" + std::to_string(++commands_);
    command.until = world.clock.now() + std::chrono::hours(1);
    auto answer = bench.get(desk->put(args, command, [this](RosterCommit& commit, const std::string& result) {
      commit.command->answer = result;
      ++finished;
    }));
    return answer;
  }
  /// "" where it was taken, else the word that the reply has as its code.
  std::string put(const std::string& args) {
    const auto answer = try_put(args);
    if (answer) return {};
    return answer.error().detail.substr(0, answer.error().detail.find(':'));
  }
  static std::string change(const std::string& from, const std::string& to, const Words& people,
                            const Words& visits = {}) {
    return R"({"from":")" + from + R"(","to":")" + to + R"(","people":)" + listed(people) + R"(,"visits":)" +
           listed(visits) + "}";
  }
  static std::string batch(const std::string& id, int number, const std::string& to, const Words& people,
                           std::optional<int> end = std::nullopt, const Words& visits = {}) {
    return R"({"from":null,"to":")" + to + R"(","snapshot":")" + id + R"(","batch":)" +
           std::to_string(number) + R"(,"people":)" + listed(people) + R"(,"visits":)" + listed(visits) +
           (end ? R"(,"end":{"count":)" + std::to_string(*end) + "}" : std::string()) + "}";
  }
  /// A snapshot in one batch.
  std::string whole(const std::string& to, const Words& people, const Words& visits = {}) {
    return put(batch("s" + to, 0, to, people, static_cast<int>(people.size()), visits));
  }
  /// people 1 to `last`.
  static Words crowd(int last) {
    Words people;
    for (int i = 1; i <= last; ++i) people.push_back(rostered(i));
    return people;
  }
  /// Cursors of the requests that wait to be sent, in order; "null" for none.
  Words requests() {
    Words cursors;
    for (const auto& row : waiting(*world.store, Lane::people)) {
      if (row.payload.find("gatehouse.roster.request.v1") == std::string::npos) continue;
      const auto cursor = member(row.payload, "cursor");
      cursors.push_back(cursor.empty() ? "null" : cursor);
    }
    return cursors;
  }
  /// Lets the loop do what is due: it has done so when it answers a second time.
  void settle() {
    for (int i = 0; i < 2; ++i) CHECK_FALSE(bench.get(desk->apply_plan(Plan{})));
  }

  // --- what is there

  std::optional<Person> person(const std::string& cloud_id) {
    auto found = get(world.store->find_people("cloud/" + cloud_id));
    if (found.empty()) return std::nullopt;
    return found.front();
  }
  std::vector<Person> everybody() { return get(world.store->list_people({}, {"", 1000})).rows; }
  std::vector<Issue> issues() { return get(world.store->open_issues(cloud_integration_id)); }
  std::optional<Issue> issue(const std::string& cloud_id) {
    for (auto& open : issues()) {
      if (open.record == record_number(cloud_id)) return open;
    }
    return std::nullopt;
  }
  std::optional<IssueReason> reason(const std::string& cloud_id) {
    const auto open = issue(cloud_id);
    return open ? std::optional(open->reason) : std::nullopt;
  }
  std::vector<Plan> plans() { return get(world.store->live_plans()); }
  std::optional<std::string> cursor() { return get(world.store->roster_state()).cursor; }
  /// Cloud ids of those who are present, in order.
  Words present() {
    Words ids;
    for (const auto& known : everybody()) {
      for (const auto& claim : known.sources) {
        if (claim.kind == SourceKind::cloud && claim.present) ids.push_back(claim.external_id.value());
      }
    }
    std::ranges::sort(ids);
    return ids;
  }
  std::vector<Visit> visits(const std::string& cloud_id) {
    const auto known = person(cloud_id);
    for (const auto& entry : get(world.store->known_people(PersonId()))) {
      if (known && entry.person.id == known->id) return entry.visits;
    }
    return {};
  }

  // --- operators

  PlanDesk plan_desk() {
    return PlanDesk({.plans = *world.store, .desk = *this, .clock = world.clock, .log = log, .news = [] {}});
  }
  IssueDesk issue_desk() {
    return IssueDesk({.issues = *world.store, .queries = *world.store, .desk = *this, .log = log});
  }
  RosterPeople* roster() override { return desk ? &*desk : nullptr; }
  const Integration* configured(const IntegrationId&) const override { return nullptr; }
  std::vector<Integration> all_configured() const override { return {}; }
  PeopleSync* people_of(const IntegrationId&) override { return nullptr; }
  IntegrationStatus status_of(const IntegrationId&) const override { return {}; }
  Task<void> halt(std::vector<IntegrationId>) override { co_return; }
  Task<void> proceed() override { co_return; }

  Bench bench;
  SyncWorld world;
  RecordingLog log;
  Settings settings;
  Alerts alerts;
  std::optional<RosterDesk> desk;
  int proved = 0;
  int changed = 0;
  int finished = 0;

 private:
  TaskGroup group_;
  int commands_ = 0;
};

}  // namespace gatehouse::test
