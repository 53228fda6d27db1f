#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  Hearer hearer;

  Desk() { store->tell_changes(hearer); }
  PersonId person(const std::string& key) { return the_person(*store, key).id; }
};

std::vector<Grant> two_grants() {
  Grant by_door;
  by_door.id = "G1";
  by_door.door = front;
  by_door.hours = ScheduleId("office");
  by_door.until = noon;
  Grant by_site;
  by_site.id = "G0";
  by_site.site = SiteId("annex");
  by_site.from = noon;
  return {by_door, by_site};
}

Person with_grants(Store& store, const PersonId& id) {
  PersonWord word;
  word.person = id;
  word.grants = two_grants();
  return get(store.set_person(word));
}

EventCommit granted(std::int64_t id, std::int64_t user, Instant at) {
  EventCommit commit = events(id, id);
  commit.events[0].event.user = Net2UserId(user);
  commit.events[0].event.at = at;
  commit.presence = {{Net2DoorId(6203980), DoorPresence::onsite}, {Net2DoorId(7), DoorPresence::none}};
  return commit;
}

}  // namespace

TEST_CASE("Each commit that changes people tells them whole, before it answers", "[store][knowledge]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace"), fate(8, "Hopper")})));
  REQUIRE(desk.hearer.people.size() == 2);
  CHECK(desk.hearer.calls == 1);
  for (const auto& entry : desk.hearer.people) {
    CHECK(entry.person == get(desk.store->person(entry.person.id)));
  }
  desk.hearer.clear();

  get(desk.store->apply(pass({fate(7, "King", 2)}, {8})));
  CHECK(desk.hearer.people.size() == 2);
  desk.hearer.clear();
  const PersonId ada = desk.person("net2-hq/7");

  SECTION("a pass that changes nothing tells nothing") {
    get(desk.store->apply(pass({fate(7, "King", 3)})));
    CHECK(desk.hearer.calls == 0);
  }
  SECTION("decoupled, and coupled again by time") {
    get(desk.store->set_tracked(ada, false, "ours", desk.clock.now()));
    REQUIRE(desk.hearer.people.size() == 1);
    CHECK_FALSE(desk.hearer.people[0].person.tracked);
    CHECK(get(desk.store->couple_overdue(desk.clock.now())) == 1);
    REQUIRE(desk.hearer.people.size() == 2);
    CHECK(desk.hearer.people[1].person.tracked);
  }
  SECTION("what an administrator says") {
    const Person said = with_grants(*desk.store, ada);
    REQUIRE(desk.hearer.people.size() == 1);
    CHECK(desk.hearer.people[0].person == said);
    CHECK(desk.hearer.people[0].person.grants == two_grants());
  }
  SECTION("removed by a plan") {
    Plan plan = offered(*desk.store, plan_named(desk.clock, "purge", PlanKind::purge),
                        get(desk.store->purge_changes(std::nullopt, LeftPeople::erase)));
    apply_whole(*desk.store, plan.id, pass({}));
    CHECK(desk.hearer.people.empty());
    CHECK(desk.hearer.gone_people.size() == 2);
  }
  SECTION("a walk-in") {
    AccessBegin begin;
    begin.walk_in = WalkIn{PersonId("01J00000000000000000000WLK"), "Wanda", "Walker", site_hq};
    begin.presence =
        Presence{begin.walk_in->person, site_hq, true, noon, AccessPointId("a"), std::nullopt, "D"};
    get(desk.store->begin_access(begin));
    REQUIRE(desk.hearer.people.size() == 1);
    CHECK(desk.hearer.people[0].person.id == begin.walk_in->person);
    CHECK(desk.hearer.presence == std::vector{*begin.presence});
  }
}

TEST_CASE("What was rolled back is not told, then or later", "[store][knowledge]") {
  Desk desk;
  AccessBegin begin = begin_of("D1");
  begin.walk_in = WalkIn{PersonId("01J00000000000000000000WLK"), "Wanda", "Walker", site_hq};
  begin.messages.front().lane.reset();
  CHECK_FALSE(ask(desk.store->begin_access(begin)).ok());
  CHECK(desk.hearer.calls == 0);
  CHECK(desk.hearer.presence.empty());
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  CHECK(desk.hearer.people.size() == 1);
  CHECK(desk.hearer.gone_people.empty());
  CHECK(desk.hearer.presence.empty());
}

TEST_CASE("Nobody is told who does not listen", "[store][knowledge]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace")})));
  Hearer hearer;
  store->tell_changes(hearer);
  get(store->apply(pass({fate(8, "Hopper")})));
  CHECK(hearer.people.size() == 1);
}

TEST_CASE("Everybody is read with sources, grants and visits, page by page", "[store][knowledge]") {
  Desk desk;
  std::vector<RecordFate> fates;
  for (int i = 1; i <= 2003; ++i) fates.push_back(fate(i, "L" + std::to_string(i)));
  get(desk.store->apply(pass(fates)));
  const PersonId ada = desk.person("net2-hq/2001");
  get(desk.store->apply(feed_pass({linked(
      feed_fate("e-1", "L1"),
      {.person = ada, .other_record = std::nullopt, .rule = LinkRule::merged, .evidence = "olga"})})));
  RosterCommit roster;
  roster.directory = roster_pass(
      {linked(feed_fate("c-1", "L1"),
              {.person = ada, .other_record = std::nullopt, .rule = LinkRule::email, .evidence = "a@b"}),
       feed_fate("c-2", "Walker")});
  roster.visits = {visit_of("c-1", "V2"), visit_of("c-1", "V1"), visit_of("c-3", "V3"),
                   visit_of("c-2", "V4")};
  get(desk.store->apply_roster(roster));
  with_grants(*desk.store, ada);

  std::vector<PersonEntry> everybody;
  for (PersonId after;;) {
    auto page = get(desk.store->known_people(after));
    CHECK(page.size() <= 2000);
    if (page.empty()) break;
    after = page.back().person.id;
    std::ranges::move(page, std::back_inserter(everybody));
  }
  REQUIRE(everybody.size() == 2004);
  CHECK(std::ranges::is_sorted(everybody, {}, [](const PersonEntry& entry) { return entry.person.id; }));
  for (std::size_t i = 0; i < everybody.size(); i += 97) {
    CHECK(everybody[i].person == get(desk.store->person(everybody[i].person.id)));
  }
  const auto found = std::ranges::find(everybody, ada, [](const auto& entry) { return entry.person.id; });
  REQUIRE(found != everybody.end());
  CHECK(found->person == get(desk.store->person(ada)));
  CHECK(found->person.sources.size() == 3);
  CHECK(found->person.grants == two_grants());
  REQUIRE(found->visits.size() == 2);
  CHECK(found->visits[0] == visit_of("c-1", "V1").visit);
  std::size_t visits = 0;
  for (const auto& entry : everybody) visits += entry.visits.size();
  CHECK(visits == 3);
}

TEST_CASE("Grants are kept by every pass, told with the person, and go with them", "[store][knowledge]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  const PersonId ada = desk.person("net2-hq/7");
  with_grants(*desk.store, ada);
  settle_all(*desk.store);
  get(desk.store->apply(pass({fate(7, "King", 2)})));
  CHECK(the_person(*desk.store, "net2-hq/7").grants == two_grants());
  const auto told_now = waiting(*desk.store, Lane::people);
  REQUIRE(told_now.size() == 2);
  CHECK(told_now[0].payload.find(R"("grants":[{"id":"G1","door":"net2-hq/6203980")") != std::string::npos);
  get(desk.store->apply(pass({}, {7})));
  CHECK(the_person(*desk.store, "net2-hq/7").grants == two_grants());
  CHECK(get(desk.store->list_people({}, {"", 10})).rows[0].grants == two_grants());

  AccessBegin begin;
  begin.presence = Presence{ada, site_hq, true, noon, AccessPointId("reception"), std::nullopt, "D1"};
  get(desk.store->begin_access(begin));
  DirectoryCommit erased = pass({});
  erased.on_removed = OnRemoved::erase;
  erased.erased = {7};
  get(desk.store->apply(erased));
  CHECK(desk.hearer.gone_people == std::vector{ada});
  CHECK(get(desk.store->access_state()).present.empty());
  // Somebody new of the same id has none of it.
  AccessBegin again;
  again.walk_in = WalkIn{ada, "Ada", "Again", site_hq};
  get(desk.store->begin_access(again));
  CHECK(get(desk.store->person(ada)).grants.empty());
}

TEST_CASE("S1-H4: a granted event at a door that says so changes who is on site", "[store][knowledge]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  const PersonId ada = desk.person("net2-hq/7");
  EventCommit commit = granted(1, 7, noon);
  commit.presence_sites = {{Net2DoorId(6203980), SiteId("annex")}};
  SECTION("at the door's site") {}
  SECTION("at the person's home, where the door has none") {
    commit.presence_sites.clear();
  }
  const SiteId site(commit.presence_sites.empty() ? "hq" : "annex");
  get(desk.store->commit_events(commit));
  const Presence seen{ada, site, true, noon, std::nullopt, front, "net2-hq/1/1"};
  CHECK(desk.hearer.presence == std::vector{seen});
  CHECK(get(desk.store->access_state()).present == std::vector{seen});
  const auto rows = waiting(*desk.store, Lane::access);
  REQUIRE(rows.size() == 2);
  CHECK(member(rows[1].payload, "type") == "gatehouse.presence.v1");
  CHECK(member(rows[1].payload, "evidence") == "net2-hq/1/1");
  CHECK(member(rows[1].payload, "presence") == "onsite");
  CHECK(member(rows[1].payload, "outcome") == "allow");

  // Told once, however often Net2 gives the event.
  get(desk.store->commit_events(commit));
  CHECK(desk.hearer.presence.size() == 1);

  EventCommit older = granted(2, 7, noon - Duration{1});
  older.presence = {{Net2DoorId(6203980), DoorPresence::offsite}};
  get(desk.store->commit_events(older));
  CHECK(desk.hearer.presence.size() == 1);
  CHECK(get(desk.store->access_state()).present == std::vector{seen});
  CHECK(waiting(*desk.store, Lane::access).size() == 3);

  older.events[0].event.id = Net2EventId(3);
  older.events[0].event.at = noon + Duration{1};
  older.after.low = older.after.high = Net2EventId(3);
  get(desk.store->commit_events(older));
  CHECK(get(desk.store->access_state()).present.empty());
  CHECK_FALSE(desk.hearer.presence.back().on_site);
}

TEST_CASE("Events that say nothing of presence change none", "[store][knowledge]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  EventCommit commit = granted(1, 7, noon);
  SECTION("denied") {
    commit.events[0].event.type = 23;
  }
  SECTION("a door that does not say so") {
    commit.presence[0].second = DoorPresence::none;
  }
  SECTION("another door") {
    commit.events[0].event.door = Net2DoorId(9);
  }
  SECTION("nobody known") {
    commit.events[0].event.user = Net2UserId(99);
  }
  SECTION("no time that can be told") {
    commit.events[0].event.at_known = false;
  }
  SECTION("numbers that may be other people's") {
    commit.nameless = true;
  }
  get(desk.store->commit_events(commit));
  CHECK(desk.hearer.presence.empty());
  CHECK(waiting(*desk.store, Lane::access).size() == 1);
}

TEST_CASE("Net2's own lockdown is kept by its events, in their order", "[store][knowledge]") {
  Desk desk;
  const auto event = [&](std::int64_t id, int type, std::int64_t generation = 1) {
    EventCommit commit = events(id, id, type);
    commit.after.generation = generation;
    get(desk.store->commit_events(commit));
  };
  const auto [on, off] = GENERATE(table<int, int>({{300, 301}, {590, 591}, {120, 121}}));
  DYNAMIC_SECTION(on) {
    event(5, on);
    CHECK(get(desk.store->access_state()).net2_lockdown == std::set{hq});
    event(6, on);
    CHECK(desk.hearer.lockdown == std::vector<std::pair<IntegrationId, bool>>{{hq, true}});
    desk.store.reset();
    desk.store = open_store(desk.directory.path, desk.clock);
    desk.store->tell_changes(desk.hearer);
    CHECK(get(desk.store->access_state()).net2_lockdown == std::set{hq});
    event(9, off);
    CHECK(get(desk.store->access_state()).net2_lockdown.empty());
    CHECK(desk.hearer.lockdown.back() == std::pair(hq, false));
    // One that was missing between the two comes late.
    event(8, on);
    CHECK(get(desk.store->access_state()).net2_lockdown.empty());
    // Net2's numbering starts over.
    event(1, on, 2);
    CHECK(get(desk.store->access_state()).net2_lockdown == std::set{hq});
  }
}

TEST_CASE("An integration that is removed takes its lockdown and its proof along", "[store][knowledge]") {
  Desk desk;
  get(desk.store->commit_events(events(1, 1, 300)));
  get(desk.store->save_proofs({{hq, noon}}));
  Plan plan = offered(*desk.store, plan_named(desk.clock, "gone", PlanKind::remove_integration), {});
  apply_whole(*desk.store, plan.id, pass({}));
  PlanEnd end;
  end.plan = plan.id;
  end.forget_integration = true;
  get(desk.store->end_plan(end));
  CHECK(get(desk.store->access_state()).net2_lockdown.empty());
  CHECK(get(desk.store->access_state()).proofs.empty());
  CHECK(desk.hearer.lockdown.back() == std::pair(hq, false));
}

TEST_CASE("An answer that comes after the store has gone tells nobody", "[store][knowledge]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  auto hearer = std::make_unique<Hearer>();
  store->tell_changes(*hearer);
  boost::asio::io_context io;
  bool answered = false;
  auto wait = [&](Task<Result<DirectoryReport>> call) -> Task<void> {
    const auto report = co_await std::move(call);
    answered = report.ok();
  };
  boost::asio::co_spawn(io, wait(store->apply(pass({fate(7, "Lovelace")}))), [](std::exception_ptr) {});
  io.poll();  // the call is under way
  store.reset();
  hearer.reset();
  io.run();
  CHECK(answered);
}
