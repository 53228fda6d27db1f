#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);

  void reopen() {
    store.reset();
    store = open_store(directory.path, clock);
  }
  std::vector<std::string> live() {
    std::vector<std::string> ids;
    for (const auto& plan : get(store->live_plans())) ids.push_back(plan.id.value());
    return ids;
  }
  PlanState state(const std::string& id) { return get(store->plan(PlanId(id))).state; }
  std::vector<PlanChange> changes(const std::string& id) {
    return get(store->plan_changes(PlanId(id), 0, 1000));
  }
};

using Names = std::vector<std::string>;

/// Every member of a change and of its fate.
PlanChange full_change() {
  PlanChange change;
  change.op = PlanOp::link;
  change.record = record_number("a1");
  change.external_id = "a1";
  change.person = PersonId("01J00000000000000000000001");
  change.name = "Ada Lovelace";
  change.changed = {"email", "sources"};
  change.fate = feed_fate("a1", "Lovelace");
  change.fate->keys = {.name = 1, .email = 0xFFFF'FFFF'FFFF'FFFFULL, .phone = 3};
  change.fate->fingerprint = 0xFFFF'FFFF'FFFF'FFFEULL;
  change.fate->facts->phone = "+441234567890";
  change.fate->facts->synced_tags = {"staff", "first \"aid\""};
  change.fate->facts->roamer = true;
  change.fate->facts->roamer_sites = {"annex"};
  change.fate->facts->valid_from = Instant{Duration{-1}};
  change.fate->facts->person_type = PersonType::contractor;
  change.fate->stranger = true;
  change.fate->link =
      RecordLink{.person = PersonId("P2"), .other_record = -5, .rule = LinkRule::relinked, .evidence = "b2"};
  return change;
}

}  // namespace

TEST_CASE("A plan is kept whole, and its changes are read by record and person", "[store][plans]") {
  Desk desk;
  PlanChange leaver = departure(9, "P9");
  leaver.fate = skipped(9, SkipReason::group_not_mapped);
  leaver.fate->leaves = true;
  PlanChange out = departure(3, "P3");
  out.fate.emplace();
  out.fate->number = 3;
  out.fate->skip = SkipReason::no_site;
  const PlanChange whole = full_change();
  const std::vector<PlanChange> given{leaver, departure(5, "P5"), whole, out,
                                      departure(5, "P4", PlanOp::remove)};
  Plan plan = plan_named(desk.clock, "A", PlanKind::mapping_change);
  plan.people = LeftPeople::erase;
  plan.switch_off = false;
  plan = offered(*desk.store, plan, given);
  desk.reopen();
  CHECK(get(desk.store->plan(plan.id)) == plan);
  CHECK(desk.changes("A") == std::vector<PlanChange>{out, given[4], given[1], leaver, whole});
  CHECK(get(desk.store->plan_changes(plan.id, 1, 2)) == std::vector<PlanChange>{given[4], given[1]});
  CHECK(get(desk.store->plan_changes(plan.id, 5, 2)).empty());
  CHECK(ask(desk.store->plan(PlanId("B"))).error().code == Errc::not_found);
  CHECK(ask(desk.store->plan_changes(PlanId("B"), 0, 1)).error().code == Errc::not_found);

  const auto rows = waiting(*desk.store, Lane::people);
  REQUIRE(rows.size() == 1);
  CHECK(member(rows[0].payload, "type") == "gatehouse.plan.v1");
  CHECK(member(rows[0].payload, "plan") == "A");
}

TEST_CASE("A plan that is offered takes the place of the one before it", "[store][plans]") {
  Desk desk;
  offered(*desk.store, plan_named(desk.clock, "A"), {departure(1, "P1")});
  Plan other = plan_named(desk.clock, "B", PlanKind::guard);
  offered(*desk.store, other, {departure(1, "P1")});
  Plan elsewhere = plan_named(desk.clock, "C");
  elsewhere.integration = feed;
  offered(*desk.store, elsewhere, {});
  Plan everywhere = plan_named(desk.clock, "D");
  everywhere.integration.reset();
  offered(*desk.store, everywhere, {});
  CHECK(desk.live() == Names{"A", "B", "C", "D"});
  desk.clock.ms += 1;
  offered(*desk.store, plan_named(desk.clock, "E"), {departure(2, "P2")});
  CHECK(desk.live() == Names{"B", "C", "D", "E"});
  CHECK(desk.state("A") == PlanState::superseded);
  CHECK(desk.changes("A").empty());
  CHECK(desk.changes("B").size() == 1);

  const auto stale = ask(desk.store->set_plan_state(PlanId("A"), PlanState::applying));
  REQUIRE_FALSE(stale);
  CHECK(stale.error().code == Errc::refused);
  CHECK(stale.error().detail.starts_with("plan_stale: "));
}

TEST_CASE("A plan lives until it expires, and one that is being applied goes on", "[store][plans]") {
  Desk desk;
  const Plan plan = offered(*desk.store, plan_named(desk.clock, "A"), {departure(1, "P1")});
  desk.clock.ms.store(plan.expires.time_since_epoch().count());
  CHECK(desk.live() == Names{"A"});
  desk.clock.ms += 1;
  CHECK(desk.live().empty());
  CHECK(desk.state("A") == PlanState::open);
  get(desk.store->renew_plan(plan.id, desk.clock.now() + Duration{10}));
  CHECK(desk.live() == Names{"A"});
  get(desk.store->set_plan_state(plan.id, PlanState::applying));
  desk.clock.ms += 1000;
  CHECK(desk.live() == Names{"A"});
  CHECK(ask(desk.store->renew_plan(plan.id, desk.clock.now())).error().code == Errc::refused);
  offered(*desk.store, plan_named(desk.clock, "B"), {});
  CHECK(desk.live() == Names{"A", "B"});
  get(desk.store->set_plan_state(PlanId("B"), PlanState::discarded));
  CHECK(desk.live() == Names{"A"});

  SECTION("one that was never applied is swept away in the end") {
    offered(*desk.store, plan_named(desk.clock, "C"), {departure(1, "P1")});
    desk.clock.ms += std::chrono::milliseconds(std::chrono::hours{48}).count();
    get(desk.store->prune_activity(desk.clock.now(), 100));
    CHECK(ask(desk.store->plan(PlanId("C"))).error().code == Errc::not_found);
    CHECK(ask(desk.store->plan(PlanId("B"))).error().code == Errc::not_found);
    CHECK(desk.live() == Names{"A"});
  }
}

TEST_CASE("A plan whose making was cut short is never seen", "[store][plans]") {
  Desk desk;
  const Plan plan = plan_named(desk.clock, "A");
  get(desk.store->begin_plan(plan));
  get(desk.store->add_changes(plan.id, {departure(1, "P1")}));
  CHECK(desk.live().empty());
  CHECK(waiting(*desk.store, Lane::people).empty());
  CHECK(ask(desk.store->set_plan_state(plan.id, PlanState::applying)).error().code == Errc::refused);

  SECTION("after a restart it is gone") {
    desk.reopen();
    CHECK(ask(desk.store->plan(plan.id)).error().code == Errc::not_found);
    offered(*desk.store, plan, {departure(2, "P2")});
    CHECK(desk.changes("A").size() == 1);
  }
  SECTION("the next attempt takes its place") {
    get(desk.store->begin_plan(plan_named(desk.clock, "B")));
    CHECK(ask(desk.store->plan(plan.id)).error().code == Errc::not_found);
  }
  SECTION("and it is not offered with other changes than it counts") {
    Plan wrong = plan;
    wrong.count = 2;
    CHECK(ask(desk.store->offer_plan(wrong)).error().code == Errc::invalid);
    CHECK(desk.live().empty());
  }
}

TEST_CASE("A plan is applied piece by piece, and ends once", "[store][plans]") {
  Desk desk;
  DirectoryCommit commit = pass({fate(3, "Lovelace"), fate(1, "Hopper"), fate(2, "King")});
  const auto changes = get(desk.store->preview(commit));
  Plan plan = offered(*desk.store, plan_named(desk.clock, "A"), changes);
  settle_all(*desk.store);
  DirectoryCommit settings = pass({});
  settings.run = plan.run;
  CHECK(ask(desk.store->apply_changes(plan.id, settings, 2)).error().code == Errc::refused);
  get(desk.store->set_plan_state(plan.id, PlanState::applying));
  CHECK(get(desk.store->count_people()).total == 0);

  auto progress = get(desk.store->apply_changes(plan.id, settings, 2));
  CHECK(progress.done == 2);
  CHECK(progress.count == 3);
  CHECK(progress.report.counts == SyncCounts{.added = 2});
  CHECK(progress.report.records.size() == 2);
  CHECK(get(desk.store->count_people()).total == 2);
  const PlanEnd end{.plan = plan.id,
                    .run = SyncRun{.id = plan.run,
                                   .integration = hq,
                                   .trigger = Trigger::first,
                                   .phase = "done",
                                   .outcome = "complete",
                                   .counts = {.seen = 3, .added = 3},
                                   .started = desk.clock.now(),
                                   .finished = desk.clock.now(),
                                   .detail = ""},
                    .mapping = 77,
                    .switched_off = {}};
  CHECK(ask(desk.store->end_plan(end)).error().code == Errc::refused);
  desk.reopen();
  CHECK(desk.live() == Names{"A"});
  CHECK(get(desk.store->plan(plan.id)).done == 2);
  progress = get(desk.store->apply_changes(plan.id, settings, 2));
  CHECK(progress.done == 3);
  CHECK(get(desk.store->apply_changes(plan.id, settings, 2)).done == 3);
  CHECK(get(desk.store->count_people()).total == 3);
  CHECK_FALSE(get(desk.store->last_mapping(hq)));

  get(desk.store->end_plan(end));
  get(desk.store->end_plan(end));
  CHECK(desk.state("A") == PlanState::applied);
  CHECK(desk.changes("A").empty());
  CHECK(get(desk.store->last_mapping(hq)) == 77);
  CHECK(get(desk.store->last_full_run(hq)) == end.run);
  auto types = told(*desk.store);
  CHECK(types.size() == 7);
  CHECK(types.back() == "gatehouse.sync.v1");
  CHECK(ask(desk.store->set_plan_state(plan.id, PlanState::discarded)).error().code == Errc::refused);
}

TEST_CASE("Why somebody goes is said when the plan is applied", "[store][plans]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace"), fate(8, "Hopper")})));
  DirectoryCommit commit = pass({});
  commit.gone = {{7, SkipReason::group_not_mapped}, {8, std::nullopt}};
  const Plan plan =
      offered(*desk.store, plan_named(desk.clock, "A", PlanKind::guard), get(desk.store->preview(commit)));
  settle_all(*desk.store);
  DirectoryCommit settings = pass({});
  settings.count_removals = false;
  apply_whole(*desk.store, plan.id, settings);
  const auto rows = get(desk.store->list_activity({}, std::nullopt, {"2", 10})).rows;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].reason == SkipReason::group_not_mapped);
  CHECK_FALSE(rows[1].reason);
  CHECK(told(*desk.store) == Names{"gatehouse.person.disabled.v1", "gatehouse.activity.v1 disabled",
                                   "gatehouse.person.disabled.v1", "gatehouse.activity.v1 disabled"});
  CHECK(member(waiting(*desk.store, Lane::people)[0].payload, "reason") == "removed_at_source");
  CHECK(get(desk.store->removals_since(hq, Instant{})) == 0);
}

TEST_CASE("Runs without an end are of a process that died, unless their plan goes on", "[store][plans]") {
  Desk desk;
  SyncRun run{.id = RunId("dead"),
              .integration = hq,
              .trigger = Trigger::manual,
              .phase = "importing",
              .outcome = std::nullopt,
              .counts = {},
              .started = desk.clock.now(),
              .finished = std::nullopt,
              .detail = ""};
  get(desk.store->save_run(run, false));
  const Plan plan = offered(*desk.store, plan_named(desk.clock, "A"), {});
  get(desk.store->set_plan_state(plan.id, PlanState::applying));
  run.id = plan.run;
  run.started += Duration{1};
  get(desk.store->save_run(run, false));
  desk.clock.ms += 1000;
  get(desk.store->end_interrupted_runs());
  auto runs = get(desk.store->list_runs(hq, 10));
  REQUIRE(runs.size() == 2);
  CHECK(runs[0] == run);
  CHECK(runs[1].outcome == "failed");
  CHECK(runs[1].detail == "interrupted");
  CHECK(runs[1].finished == desk.clock.now());
  const auto size = log_size(desk.directory.path);
  get(desk.store->end_interrupted_runs());
  CHECK(log_size(desk.directory.path) == size);
}
