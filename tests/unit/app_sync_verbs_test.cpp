// What operators ask while the people's loop runs: runs, plans, issues, purges.

#include <catch2/catch.hpp>

#include "daemon/app/issue_desk.hpp"
#include "daemon/app/plan_desk.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

/// One integration whose loop runs, and the desks over it.
class Gate final : public IntegrationDesk {
 public:
  explicit Gate(Integration with)
      : settings(std::move(with)),
        group_(bench.io.get_executor(), world.clock, log),
        alerts(*world.store, world.clock, [] {}) {
    begin();
  }
  ~Gate() override { end(); }

  const Integration* configured(const IntegrationId& id) const override {
    return id == settings.id ? &settings : nullptr;
  }
  std::vector<Integration> all_configured() const override { return {settings}; }
  PeopleSync* people_of(const IntegrationId& id) override {
    return id == settings.id && people_ ? &*people_ : nullptr;
  }
  IntegrationStatus status_of(const IntegrationId& /*id*/) const override { return {}; }
  Task<void> halt(std::vector<IntegrationId> /*ids*/) override {
    co_await group_.stop();
    people_.reset();
  }
  Task<void> proceed() override {
    begin();
    co_return;
  }

  void begin() {
    const auto zone = load_zone("Europe/London");
    REQUIRE(zone);
    auto switched = get(world.store->switch_of(settings.id));
    if (switched == Switch::off || switched == Switch::removed) return;
    people_.emplace(settings, two_sites,
                    PeopleSync::Parts{.executor = bench.io.get_executor(),
                                      .worker = world.worker.get_executor(),
                                      .source = source,
                                      .directory = *world.store,
                                      .issues = *world.store,
                                      .plans = *world.store,
                                      .people = *world.store,
                                      .turn = world.turn,
                                      .clock = world.clock,
                                      .alerts = alerts,
                                      .zone = *zone,
                                      .fold = world.fold,
                                      .tell_issues = true,
                                      .poll = 1h,
                                      .before_read = [this]() -> Task<Result<void>> {
                                        if (fault) co_return *fault;
                                        co_return Result<void>{};
                                      },
                                      .news = [] {},
                                      .changed = [] {},
                                      .passed = [this](bool full) { full_passes += full ? 1 : 0; }});
    group_.start("people", [this](Pulse& pulse) -> Task<void> { co_await people_->loop(pulse); });
  }
  void end() {
    bench.get(group_.stop());
    people_.reset();
  }

  PeopleSync& people() { return *people_; }
  void wait_for_a_pass() {
    REQUIRE(bench.until([&] { return people_->facts().read_once; }));
  }
  template <typename T>
  Result<T> ask(Task<Result<T>> call) {
    return bench.get(std::move(call));
  }
  PlanDesk plans() {
    return PlanDesk({.plans = *world.store, .desk = *this, .clock = world.clock, .log = log, .news = [] {}});
  }
  IssueDesk issues() {
    return IssueDesk({.issues = *world.store, .queries = *world.store, .desk = *this, .log = log});
  }
  std::vector<Issue> open() {
    return get(world.store->list_issues({.kind = {}, .integration = settings.id.value()}));
  }
  std::int64_t issue_about(std::int64_t record) {
    for (const auto& issue : open()) {
      if (issue.record == record) return issue.number;
    }
    return 0;
  }
  std::vector<Person> everybody() { return get(world.store->list_people({}, {"", 1000})).rows; }
  Plan live() {
    const auto all = get(world.store->live_plans());
    if (all.size() != 1) throw std::runtime_error("not one plan");
    return all.front();
  }

  Bench bench;
  SyncWorld world;
  RecordingLog log;
  ScriptedPeople source;
  Integration settings;
  std::optional<Error> fault;
  int full_passes = 0;

 private:
  TaskGroup group_;

 public:
  Alerts alerts;

 private:
  std::optional<PeopleSync> people_;
};

void fill(Gate& gate, std::int64_t last) {
  for (std::int64_t i = 1; i <= last; ++i) gate.source.people.push_back(record(i));
}

}  // namespace

TEST_CASE("S0-42: a run that is asked for waits for the loop, and a plain one joins the one under way",
          "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 3);
  gate.wait_for_a_pass();
  CHECK(gate.people().sync().index().people() == 3);
  const int reads = gate.source.reads;
  PassAsk manual;
  manual.trigger = Trigger::manual;
  std::optional<Result<PassReport>> first;
  std::optional<Result<PassReport>> second;
  gate.source.people.push_back(record(4));
  gate.bench.start_into(gate.people().run(manual), first);
  gate.bench.start_into(gate.people().run(manual), second);
  REQUIRE(gate.bench.until([&] { return first && second; }));
  REQUIRE(*first);
  REQUIRE(*second);
  CHECK((*first)->run.counts.added == 1);
  CHECK((*first)->run.trigger == Trigger::manual);
  CHECK(gate.source.reads <= reads + 2);
  CHECK(gate.everybody().size() == 4);
}

TEST_CASE("A run that cannot read says why, and the next one is fine", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 3);
  gate.wait_for_a_pass();
  gate.fault = Error{Errc::unreachable, "no route"};
  PassAsk manual;
  manual.trigger = Trigger::manual;
  const auto report = gate.ask(gate.people().run(manual, true));
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::unreachable);
  CHECK(gate.people().facts().fault.has_value());
  gate.fault.reset();
  CHECK(gate.ask(gate.people().run(manual, true)));
  CHECK_FALSE(gate.people().facts().fault.has_value());
}

TEST_CASE("B.2-7: paused means no runs but those that are asked for", "[verbs]") {
  auto with = sync_settings();
  with.automatic = false;
  Gate gate(with);
  fill(gate, 3);
  gate.wait_for_a_pass();
  CHECK(gate.source.reads == 0);
  CHECK(gate.everybody().empty());
  PassAsk manual;
  manual.trigger = Trigger::manual;
  CHECK(gate.ask(gate.people().run(manual)));
  CHECK(gate.everybody().size() == 3);
}

TEST_CASE("Whoever waits for a run is told when the loop ends first", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 3);
  gate.wait_for_a_pass();
  PassAsk manual;
  manual.trigger = Trigger::manual;
  std::optional<Result<PassReport>> answer;
  gate.bench.start_into(gate.people().run(manual, true), answer);
  gate.end();
  REQUIRE(gate.bench.until([&] { return answer.has_value(); }));
  if (!*answer) CHECK(answer->error().code == Errc::cancelled);
}

TEST_CASE("Only a pass that looks at every record is a full one", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 3);
  gate.wait_for_a_pass();
  CHECK(gate.full_passes == 1);  // the first
  PassAsk manual;
  manual.trigger = Trigger::manual;
  REQUIRE(gate.ask(gate.people().run(manual, true)));
  CHECK(gate.full_passes == 1);
  manual.full = true;
  REQUIRE(gate.ask(gate.people().run(manual, true)));
  CHECK(gate.full_passes == 2);
}

TEST_CASE("S0-38: a first plan is applied by its number, and by no other", "[verbs]") {
  Gate gate(sync_settings(FirstSync::confirm));
  fill(gate, 3);
  gate.wait_for_a_pass();
  CHECK(gate.people().facts().draft);
  const auto plan = gate.live();
  auto wrong = gate.ask(gate.plans().apply(plan.id, 4, "root"));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::refused);
  CHECK(gate.everybody().empty());
  REQUIRE(gate.ask(gate.plans().apply(plan.id, 3, "root")));
  CHECK(gate.everybody().size() == 3);
  CHECK_FALSE(gate.people().facts().draft);
  CHECK(gate.log.count("was applied by root") == 1);
  const auto again = gate.ask(gate.plans().apply(plan.id, 3, "root"));
  REQUIRE_FALSE(again);
  CHECK(again.error().detail.find("applied already") != std::string::npos);
}

TEST_CASE("S2-54: a plan that has expired, or was discarded or superseded, is not applied", "[verbs]") {
  Gate gate(sync_settings(FirstSync::confirm));
  fill(gate, 3);
  gate.wait_for_a_pass();
  const auto plan = gate.live();
  SECTION("expired") {
    gate.world.pass(25h);
    const auto late = gate.ask(gate.plans().apply(plan.id, 3, "root"));
    REQUIRE_FALSE(late);
    CHECK(late.error().detail.starts_with(plan_stale));
  }
  SECTION("discarded") {
    REQUIRE(gate.ask(gate.plans().discard(plan.id, "root")));
    CHECK_FALSE(gate.ask(gate.plans().apply(plan.id, 3, "root")));
    CHECK(get(gate.world.store->live_plans()).empty());
  }
  SECTION("superseded") {
    gate.source.people.push_back(record(4));
    PassAsk manual;
    manual.trigger = Trigger::manual;
    REQUIRE(gate.ask(gate.people().run(manual, true)));
    const auto old = gate.ask(gate.plans().apply(plan.id, 3, "root"));
    REQUIRE_FALSE(old);
    CHECK(old.error().detail.starts_with(plan_stale));
  }
  SECTION("unknown") {
    const auto unknown = gate.ask(gate.plans().apply(PlanId("nothing"), 3, "root"));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == Errc::not_found);
  }
  CHECK(gate.everybody().empty());
}

TEST_CASE("S2-52: a purge deletes whom it lists, and switches the source off", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 5);
  gate.wait_for_a_pass();
  REQUIRE(gate.everybody().size() == 5);
  const bool switch_off = GENERATE(true, false);
  const auto plan = gate.ask(gate.plans().plan_purge(hq, switch_off));
  REQUIRE(plan);
  CHECK(plan->count == 5);
  CHECK(gate.everybody().size() == 5);
  SECTION("confirmed") {
    REQUIRE(gate.ask(gate.plans().apply(plan->id, 5, "root")));
    if (switch_off) {
      CHECK(gate.everybody().empty());
      CHECK(get(gate.world.store->switch_of(hq)) == Switch::off);
      CHECK(gate.people_of(hq) == nullptr);
    } else {
      gate.wait_for_a_pass();  // they come back
      CHECK(gate.everybody().size() == 5);
    }
  }
  SECTION("not when somebody has come meanwhile") {
    gate.source.people.push_back(record(6));
    PassAsk manual;
    manual.trigger = Trigger::manual;
    REQUIRE(gate.ask(gate.people().run(manual, true)));
    const auto late = gate.ask(gate.plans().apply(plan->id, 5, "root"));
    REQUIRE_FALSE(late);
    CHECK(late.error().detail.starts_with(plan_stale));
    CHECK(gate.everybody().size() == 6);
    CHECK(gate.people_of(hq) != nullptr);
  }
}

TEST_CASE("S0-55: removing an integration keeps, disables or deletes its people", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 5);
  gate.wait_for_a_pass();
  struct Row {
    LeftPeople people;
    std::uint64_t count;
    std::size_t left;
    bool effective;
  };
  const auto row = GENERATE(values<Row>({{LeftPeople::keep, 0, 5, true},
                                         {LeftPeople::disable, 5, 5, false},
                                         {LeftPeople::erase, 5, 0, false}}));
  const auto plan = gate.ask(gate.plans().plan_removal(hq, row.people));
  REQUIRE(plan);
  CHECK(plan->count == row.count);
  REQUIRE(gate.ask(gate.plans().apply(plan->id, row.count, "root")));
  const auto left = gate.everybody();
  CHECK(left.size() == row.left);
  for (const auto& person : left) CHECK(person.effective() == row.effective);
  CHECK(get(gate.world.store->switch_of(hq)) == Switch::removed);
  CHECK(get(gate.world.store->load_index(hq)).empty());
}

TEST_CASE("S0-30: a fix is looked at at once, and refused where it would fail as well", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 3);
  gate.source.at(2).values[2] = "none";
  gate.wait_for_a_pass();
  const auto number = gate.issue_about(2);
  REQUIRE(number != 0);
  auto desk = gate.issues();
  CHECK(gate.ask(desk.fix(number, {{"email", "still none"}}, "root")).error().code == Errc::invalid);
  CHECK(gate.ask(desk.fix(number, {{"site", "hq"}}, "root")).error().code == Errc::invalid);
  CHECK(gate.ask(desk.fix(number, {}, "root")).error().code == Errc::invalid);
  CHECK(gate.ask(desk.fix(number, {{"person", "new"}}, "root")).error().code == Errc::refused);
  CHECK(gate.ask(desk.fix(number, {{"phone", "020 7946 0018"}}, "root")).error().code == Errc::refused);
  CHECK(gate.ask(desk.merge(number, "1", "root")).error().code == Errc::refused);
  const auto fixed = gate.ask(desk.fix(number, {{"email", "ada@example.com"}}, "root"));
  REQUIRE(fixed);
  CHECK(fixed->resolved);
  CHECK(fixed->open == 0);
  CHECK(gate.everybody().size() == 3);
  CHECK(gate.ask(desk.fix(number, {{"email", "ada@example.com"}}, "root")).error().code == Errc::refused);
  CHECK(gate.ask(desk.fix(777, {{"email", "ada@example.com"}}, "root")).error().code == Errc::not_found);
}

TEST_CASE("S0-31: before the first sync errors come before duplicates", "[verbs]") {
  Gate gate(sync_settings(FirstSync::confirm));
  gate.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com"),
                        somebody(2, "Ada", "Lovelace", "ada@example.com"), somebody(3, "Bo", "Berg", "none")};
  gate.wait_for_a_pass();
  auto desk = gate.issues();
  const auto early = gate.ask(desk.merge(gate.issue_about(2), "1", "root"));
  REQUIRE_FALSE(early);
  CHECK(early.error().detail.find("issue_order_violation") != std::string::npos);
  REQUIRE(gate.ask(desk.fix(gate.issue_about(3), {{"email", "bo@example.com"}}, "root")));
  const std::string into = GENERATE("1", "net2-hq/1");  // nobody's yet
  const auto merged = gate.ask(desk.merge(gate.issue_about(2), into, "root"));
  REQUIRE(merged);
  CHECK(merged->integration == hq);
  CHECK(merged->open == 0);
  const auto plan = gate.live();
  CHECK(plan.count == 3);
  REQUIRE(gate.ask(gate.plans().apply(plan.id, 3, "root")));
  CHECK(gate.everybody().size() == 2);
}

TEST_CASE("S0-33: a duplicate is merged into a person by id, by record or by e-mail", "[verbs]") {
  Gate gate(sync_settings());
  gate.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com"), record(3)};
  gate.wait_for_a_pass();
  const auto ada = get(gate.world.store->find_people("net2-hq/1")).front().id;
  gate.source.people.push_back(somebody(2, "Ada", "Lovelace", "ada@example.com"));
  PassAsk manual;
  manual.trigger = Trigger::manual;
  REQUIRE(gate.ask(gate.people().run(manual, true)));
  auto desk = gate.issues();
  const auto number = gate.issue_about(2);
  CHECK(gate.ask(desk.merge(number, "nobody", "root")).error().code == Errc::not_found);
  const std::string into = GENERATE("id", "1", "net2-hq/1", "ada@example.com");
  REQUIRE(gate.ask(desk.merge(number, into == "id" ? ada.value() : into, "root")));
  CHECK(gate.everybody().size() == 2);
  CHECK(get(gate.world.store->find_people("net2-hq/2")).front().id == ada);
}

TEST_CASE("S0-34: a skip can be taken back, and then the record is looked at again", "[verbs]") {
  Gate gate(sync_settings());
  gate.source.people = {somebody(1, "Ada", "Lovelace", "none"), record(3)};
  gate.wait_for_a_pass();
  auto desk = gate.issues();
  const auto number = gate.issue_about(1);
  CHECK(gate.ask(desk.unskip(number, "root")).error().code == Errc::refused);
  REQUIRE(gate.ask(desk.skip(number, "root")));
  CHECK(gate.open().empty());
  const auto undone = gate.ask(desk.unskip(number, "root"));
  REQUIRE(undone);
  REQUIRE(gate.issue_about(1) != 0);
  CHECK(undone->again == gate.issue_about(1));
}

TEST_CASE("S0-44: an alert says when the set of issues changes, and when it is empty", "[verbs]") {
  Gate gate(sync_settings());
  fill(gate, 3);
  gate.source.at(2).values[2] = "none";
  gate.wait_for_a_pass();
  gate.bench.get(gate.alerts.tell());
  auto raised = get(gate.world.store->load_alerts());
  REQUIRE(raised.size() == 1);
  CHECK(raised[0].kind == "sync_issues");
  CHECK(raised[0].detail.find("1 errors") != std::string::npos);
  gate.source.at(2).values[2] = "ada@example.com";
  PassAsk manual;
  manual.trigger = Trigger::manual;
  REQUIRE(gate.ask(gate.people().run(manual, true)));
  gate.bench.get(gate.alerts.tell());
  CHECK(get(gate.world.store->load_alerts()).empty());
}
