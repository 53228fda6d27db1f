// What a purge, and the removal of an integration, take away and leave.
#include <algorithm>

#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
};

const IntegrationId annex{"net2-annex"};

/// 7 of two Net2 servers and a1 of the feed are one person; 8 is of one server, b2 of the feed.
void fill(Store& store) {
  get(store.apply(pass({fate(7, "Lovelace"), fate(8, "Hopper")})));
  const auto ada = the_person(store, "net2-hq/7").id;
  const auto to_ada = [&](RecordFate fate) {
    return linked(std::move(fate),
                  {.person = ada, .other_record = std::nullopt, .rule = LinkRule::merged, .evidence = ""});
  };
  DirectoryCommit there = pass({to_ada(fate(7, "Lovelace"))});
  there.integration = annex;
  there.badge = "Annex";
  get(store.apply(there));
  get(store.apply(feed_pass({to_ada(feed_fate("a1", "Lovelace")), feed_fate("b2", "King")})));
  settle_all(store);
}

Plan purge_of(Desk& desk, std::optional<IntegrationId> integration, PlanKind kind, LeftPeople people) {
  Plan plan = plan_named(desk.clock, "A", kind);
  plan.integration = integration;
  plan.people = people;
  return offered(*desk.store, plan, get(desk.store->purge_changes(integration, people)));
}

}  // namespace

TEST_CASE("A purge of all synced people removes each record and everybody with them", "[store][plans]") {
  Desk desk;
  fill(*desk.store);
  const auto changes = get(desk.store->purge_changes(std::nullopt, LeftPeople::erase));
  CHECK(changes.size() == 5);
  CHECK(std::ranges::count(changes, 7, &PlanChange::record) == 2);
  for (const auto& change : changes) CHECK(change.op == PlanOp::remove);
  const Plan plan = purge_of(desk, std::nullopt, PlanKind::purge, LeftPeople::erase);
  CHECK(plan.count == 5);
  settle_all(*desk.store);
  DirectoryCommit settings;
  settings.run = plan.run;
  settings.count_removals = false;
  settings.on_removed = OnRemoved::keep;
  apply_whole(*desk.store, plan.id, settings);
  PlanEnd end;
  end.plan = plan.id;
  end.switched_off = {hq, annex, feed};
  get(desk.store->end_plan(end));
  CHECK(get(desk.store->count_people()).total == 0);
  CHECK(get(desk.store->load_index(hq)).empty());
  CHECK(get(desk.store->load_index(annex)).empty());
  CHECK(get(desk.store->load_index(feed)).empty());
  CHECK(get(desk.store->switch_of(annex)) == Switch::off);
  const auto types = told(*desk.store);
  CHECK(std::ranges::count(types, "gatehouse.person.removed.v1") == 3);
  CHECK(std::ranges::count(types, "gatehouse.activity.v1 removed") == 5);
  for (const auto& row : waiting(*desk.store, Lane::people)) {
    if (member(row.payload, "type") == "gatehouse.person.removed.v1")
      CHECK(member(row.payload, "reason") == "purge");
  }
}

TEST_CASE("A purge rests on who is there", "[store][plans]") {
  Desk desk;
  fill(*desk.store);
  auto changes = get(desk.store->purge_changes(std::nullopt, LeftPeople::erase));
  DirectoryCommit gone = pass({});
  gone.erased = {8};
  get(desk.store->apply(gone));
  Plan plan = plan_named(desk.clock, "A", PlanKind::purge);
  plan.integration.reset();
  get(desk.store->begin_plan(plan));
  const auto refused = ask(desk.store->add_changes(plan.id, changes));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::refused);
}

TEST_CASE("What is left of an integration that is removed", "[store][plans]") {
  Desk desk;
  fill(*desk.store);
  get(desk.store->commit_events(events(1, 3)));
  get(desk.store->save_doors(hq, {{Net2DoorId(1), "Front"}}));
  get(desk.store->save_mapping(hq, 5));
  RecordChoice skip;
  skip.record = 7;
  get(desk.store->say(hq, skip, "olga"));
  get(desk.store->override_fields(hq, {{7, "email", "a@b.example"}}, "olga"));
  get(desk.store->set_issues(hq, {issue_about(7, IssueReason::duplicate)}, ""));
  get(desk.store->apply(pass({fate(9, "King")})));
  get(desk.store->apply(pass({}, {9})));
  offered(*desk.store, plan_named(desk.clock, "other", PlanKind::guard), {departure(8, "P8")});
  const auto people = GENERATE(LeftPeople::keep, LeftPeople::disable, LeftPeople::erase);
  const auto ada = the_person(*desk.store, "hr/a1").id;
  const Plan plan = purge_of(desk, hq, PlanKind::remove_integration, people);
  settle_all(*desk.store);
  DirectoryCommit settings = pass({});
  settings.run = plan.run;
  settings.count_removals = false;
  settings.on_removed = OnRemoved::keep;
  apply_whole(*desk.store, plan.id, settings);
  PlanEnd end;
  end.plan = plan.id;
  end.forget_integration = true;
  get(desk.store->end_plan(end));

  CHECK(get(desk.store->load_index(hq)).empty());
  CHECK_FALSE(get(desk.store->event_cursor(hq)).started);
  CHECK(get(desk.store->event_cursor(hq)).generation == 2);
  CHECK(get(desk.store->doors(hq)).empty());
  CHECK_FALSE(get(desk.store->last_mapping(hq)));
  CHECK(get(desk.store->operator_word(hq)) == OperatorWord{});
  CHECK(get(desk.store->list_issues({})).empty());
  CHECK(get(desk.store->removals_since(hq, Instant{})) == 0);
  CHECK(get(desk.store->switch_of(hq)) == Switch::removed);
  CHECK(get(desk.store->plan(PlanId("other"))).state == PlanState::superseded);
  CHECK(get(desk.store->load_index(feed)).size() == 2);
  const Person left = the_person(*desk.store, "hr/a1");
  CHECK(left.id == ada);

  DYNAMIC_SECTION("people: " << static_cast<int>(people)) {
    if (people == LeftPeople::erase) {
      CHECK(plan.count == 3);
      CHECK(left.sources.size() == 2);
      CHECK(left.effective());
      CHECK(get(desk.store->count_people()).total == 2);
      return;
    }
    CHECK(plan.count == (people == LeftPeople::keep ? 0 : 2));
    CHECK(left.effective());
    CHECK(left.sources.size() == (people == LeftPeople::keep ? 3 : 2));
    CHECK(the_person(*desk.store, "net2-hq/8").effective() == (people == LeftPeople::keep));
    CHECK(get(desk.store->count_people()).total == 4);

    // Back again, its records are those of the people who stayed.
    get(desk.store->set_switch(hq, Switch::on));
    auto back = fate(7, "Lovelace");
    if (people == LeftPeople::disable)
      back = linked(std::move(back),
                    {.person = ada, .other_record = {}, .rule = LinkRule::email, .evidence = ""});
    get(desk.store->apply(pass({std::move(back), fate(8, "Hopper")})));
    CHECK(the_person(*desk.store, "net2-hq/7").id == ada);
    CHECK(the_person(*desk.store, "net2-hq/8").effective());
    CHECK(get(desk.store->count_people()).total == 4);
    CHECK(get(desk.store->commit_events([] {
            EventCommit again = events(1, 3);
            again.after.generation = 2;
            return again;
          }())) == 3);
  }
}

TEST_CASE("A removed integration denies nobody whom another one has", "[store][plans]") {
  Desk desk;
  fill(*desk.store);
  settle_all(*desk.store);
  const auto removed = [&](LeftPeople people) {
    const Plan plan = purge_of(desk, annex, PlanKind::remove_integration, people);
    DirectoryCommit settings = pass({});
    settings.integration = annex;
    settings.run = plan.run;
    apply_whole(*desk.store, plan.id, settings);
    PlanEnd end;
    end.plan = plan.id;
    end.forget_integration = true;
    get(desk.store->end_plan(end));
    return plan;
  };
  DirectoryCommit gone = pass({}, {7});
  gone.integration = annex;

  SECTION("also not where it had denied them before") {
    get(desk.store->apply(gone));
    REQUIRE_FALSE(the_person(*desk.store, "net2-hq/7").effective());
    settle_all(*desk.store);
    const auto people = GENERATE(LeftPeople::keep, LeftPeople::disable);
    CHECK(removed(people).count == 1);
    CHECK(the_person(*desk.store, "net2-hq/7").effective());
    CHECK(the_person(*desk.store, "net2-hq/7").sources.size() == 2);
    const auto types = told(*desk.store);
    CHECK(std::ranges::count(types, "gatehouse.person.upserted.v1") == 1);
    CHECK(std::ranges::count(types, "gatehouse.person.disabled.v1") == 0);
  }
  SECTION("nor whom another one gets only afterwards") {
    DirectoryCommit there = pass({fate(30, "Turing")});
    there.integration = annex;
    get(desk.store->apply(there));
    const auto alan = the_person(*desk.store, "net2-annex/30").id;
    CHECK(removed(LeftPeople::disable).count == 2);
    REQUIRE_FALSE(the_person(*desk.store, "net2-annex/30").effective());
    get(desk.store->apply(
        pass({linked(fate(31, "Turing"),
                     {.person = alan, .other_record = {}, .rule = LinkRule::email, .evidence = ""})})));
    const Person now = the_person(*desk.store, "net2-hq/31");
    CHECK(now.id == alan);
    CHECK(now.effective());
    CHECK(now.sources.size() == 1);
    for (const auto& entry : get(desk.store->known_people(PersonId()))) {
      if (entry.person.id == alan) CHECK(entry.person.effective());
    }
    PeopleFilter let_in;
    let_in.search = "Turing";
    let_in.access = "yes";
    CHECK(get(desk.store->list_people(let_in, {})).rows.size() == 1);
  }
  SECTION("and one that stays may still deny them") {
    get(desk.store->apply(pass({}, {7})));
    CHECK(removed(LeftPeople::disable).count == 1);
    CHECK_FALSE(the_person(*desk.store, "net2-hq/7").effective());
  }
}

TEST_CASE("Those whom a removed integration left are removed by a purge of all", "[store][plans]") {
  Desk desk;
  fill(*desk.store);
  const Plan removal = purge_of(desk, feed, PlanKind::remove_integration, LeftPeople::keep);
  apply_whole(*desk.store, removal.id, feed_pass({}));
  PlanEnd end;
  end.plan = removal.id;
  end.forget_integration = true;
  get(desk.store->end_plan(end));
  CHECK(the_person(*desk.store, "hr/b2").effective());
  Plan all = plan_named(desk.clock, "B", PlanKind::purge);
  all.integration.reset();
  const auto people = GENERATE(LeftPeople::disable, LeftPeople::erase);
  all = offered(*desk.store, all, get(desk.store->purge_changes(std::nullopt, people)));
  CHECK(all.count == 5);
  apply_whole(*desk.store, all.id, {});
  if (people == LeftPeople::erase) {
    CHECK(get(desk.store->count_people()).total == 0);
  } else {
    CHECK(get(desk.store->count_people()).total == 3);
    for (const auto& person : get(desk.store->list_people({}, {})).rows) CHECK_FALSE(person.effective());
    CHECK(get(desk.store->purge_changes(std::nullopt, people)).empty());
  }
}
