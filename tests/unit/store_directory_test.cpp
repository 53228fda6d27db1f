#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("A new record becomes a person, a mirror row and two messages", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const auto report = get(store->apply(pass({fate(7, "Lovelace", 42)})));
  CHECK(report.counts == SyncCounts{.added = 1});
  CHECK(told(*store) ==
        std::vector<std::string>{"gatehouse.person.upserted.v1", "gatehouse.activity.v1 added"});

  const auto found = get(store->find_people("net2-hq/7"));
  REQUIRE(found.size() == 1);
  const Person& person = found[0];
  CHECK(person.facts == *fate(7, "Lovelace").facts);
  REQUIRE(person.sources.size() == 1);
  CHECK(person.sources[0] == PersonSource{.integration = hq,
                                          .external_id = ExternalId("7"),
                                          .badge = "Head office",
                                          .present = true,
                                          .kind = SourceKind::net2,
                                          .rule = LinkRule::created,
                                          .evidence = "",
                                          .linked = clock.now(),
                                          .says = PersonType::employee});
  CHECK(person.last_synced == clock.now());
  const IndexedRecord indexed{.number = 7,
                              .fingerprint = 42,
                              .keys = {.name = 142, .email = 200, .phone = 0},
                              .skip = std::nullopt,
                              .present = true,
                              .imported = true,
                              .unsettled = false};
  CHECK(report.records == std::vector<IndexedRecord>{indexed});
  CHECK(get(store->load_index(hq)) == std::vector<IndexedRecord>{indexed});
}

TEST_CASE("A changed record changes the person, and a like one changes nothing", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace", 1)})));
  const auto before = get(store->find_people("net2-hq/7")).at(0);
  settle_all(*store);

  SECTION("other facts") {
    CHECK(get(store->apply(pass({fate(7, "King", 2)}))).counts == SyncCounts{.updated = 1});
    const auto after = get(store->find_people("net2-hq/7")).at(0);
    CHECK(after.id == before.id);
    CHECK(after.facts.last_name == "King");
    const auto rows = waiting(*store, Lane::people);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].payload.find(R"("changed":["last_name","email"])") != std::string::npos);
    CHECK(rows[0].sequence == 3);
  }
  SECTION("another fingerprint and the same facts") {
    clock.ms += 1000;
    CHECK(get(store->apply(pass({fate(7, "Lovelace", 2)}))).counts == SyncCounts{});
    CHECK(waiting(*store, Lane::people).empty());
    CHECK(get(store->load_index(hq)).at(0).fingerprint == 2);
    CHECK(get(store->find_people("net2-hq/7")).at(0) == before);
  }
}

TEST_CASE("A skip is told when its reason changes", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(get(store->apply(pass({skipped(7, SkipReason::invalid_email)}))).counts == SyncCounts{.skipped = 1});
  CHECK(get(store->apply(pass({skipped(7, SkipReason::invalid_email, 2)}))).counts == SyncCounts{});
  CHECK(get(store->apply(pass({skipped(7, SkipReason::no_site, 3)}))).counts == SyncCounts{.skipped = 1});
  const auto rows = waiting(*store, Lane::people);
  REQUIRE(rows.size() == 2);
  CHECK(member(rows[0].payload, "reason") == "invalid_email");
  CHECK(member(rows[1].payload, "reason") == "no_site");
  const auto index = get(store->load_index(hq));
  REQUIRE(index.size() == 1);
  CHECK(index[0].skip == SkipReason::no_site);
  CHECK(index[0].fingerprint == 3);
  CHECK_FALSE(index[0].imported);

  SECTION("gone without a person, it is forgotten and nobody hears of it") {
    CHECK(get(store->apply(pass({}, {7, 8}))).counts == SyncCounts{});
    CHECK(waiting(*store, Lane::people).size() == 2);
    CHECK(get(store->load_index(hq)).empty());
  }
}

TEST_CASE("A person who is gone at the source is disabled, and comes back the same", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace"), fate(8, "Hopper")})));
  settle_all(*store);
  const auto id = get(store->find_people("net2-hq/7")).at(0).id;

  CHECK(get(store->apply(pass({}, {7}))).counts == SyncCounts{.disabled = 1});
  CHECK(get(store->apply(pass({}, {7}))).counts == SyncCounts{});
  CHECK_FALSE(get(store->find_people("net2-hq/7")).at(0).effective());
  CHECK(get(store->find_people("net2-hq/8")).at(0).effective());
  auto rows = waiting(*store, Lane::people);
  REQUIRE(rows.size() == 2);
  CHECK(member(rows[0].payload, "type") == "gatehouse.person.disabled.v1");
  CHECK(member(rows[0].payload, "reason") == "removed_at_source");
  CHECK(member(rows[1].payload, "outcome") == "disabled");
  CHECK(get(store->removals_since(hq, clock.now())) == 1);
  clock.ms += 1;
  CHECK(get(store->removals_since(hq, clock.now())) == 0);
  settle_all(*store);

  CHECK(get(store->apply(pass({fate(7, "Lovelace")}))).counts == SyncCounts{.updated = 1});
  const auto back = get(store->find_people("net2-hq/7")).at(0);
  CHECK(back.id == id);
  CHECK(back.effective());
  CHECK(waiting(*store, Lane::people).at(0).payload.find(R"("changed":["access"])") != std::string::npos);
}

TEST_CASE("Kept removals leave the person as it is", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace")})));
  settle_all(*store);
  DirectoryCommit commit = pass({}, {7});
  commit.on_removed = OnRemoved::keep;
  CHECK(get(store->apply(commit)).counts == SyncCounts{});
  CHECK(waiting(*store, Lane::people).empty());
  CHECK(get(store->find_people("net2-hq/7")).at(0).effective());
  // Present still, so that each pass finds it gone and says so.
  CHECK(get(store->load_index(hq)).at(0).present);
  CHECK(get(store->removals_since(hq, Instant{})) == 0);
}

TEST_CASE("The newest complete run is found, and a failed one is not it", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK_FALSE(get(store->last_complete_run(hq)));
  SyncRun good{.id = RunId("a"),
               .integration = hq,
               .trigger = Trigger::manual,
               .phase = "done",
               .outcome = "complete",
               .counts = {.seen = 3, .added = 2},
               .started = clock.now(),
               .finished = clock.now(),
               .detail = ""};
  SyncRun failed = good;
  failed.id = RunId("b");
  failed.started += Duration{5000};
  failed.outcome = "failed";
  failed.detail = "refused";
  get(store->save_run(good, true));
  get(store->save_run(failed, false));
  CHECK(get(store->last_complete_run(hq)) == good);
  CHECK(get(store->list_runs(hq, 10)) == std::vector<SyncRun>{failed, good});
  CHECK(told(*store) == std::vector<std::string>{"gatehouse.sync.v1"});

  SECTION("the newest over all records is another question") {
    SyncRun continuous = good;
    continuous.id = RunId("c");
    continuous.trigger = Trigger::continuous;
    continuous.started += Duration{9000};
    SyncRun draft = good;
    draft.id = RunId("d");
    draft.trigger = Trigger::first;
    draft.outcome = "draft";
    draft.started += Duration{9500};
    get(store->save_run(continuous, false));
    get(store->save_run(draft, false));
    CHECK(get(store->last_complete_run(hq)) == continuous);
    CHECK(get(store->last_full_run(hq)) == good);
    clock.ms += 100'000'000;
    get(store->prune_activity(clock.now(), 100));
    CHECK(get(store->last_complete_run(hq)) == continuous);
    CHECK(get(store->last_full_run(hq)) == good);
    CHECK_FALSE(get(store->last_full_run(IntegrationId("other"))));
  }
  SECTION("retention leaves it") {
    clock.ms += 100'000'000;
    CHECK(get(store->prune_activity(clock.now(), 100)) == 0);
    CHECK(get(store->last_complete_run(hq)) == good);
  }
}

TEST_CASE("Doors are added and renamed, and stay when they are not listed", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->save_doors(hq, {{Net2DoorId(2), "Back"}, {Net2DoorId(1), "Front"}}));
  const auto size = std::filesystem::file_size(directory.path / "gatehouse.db-wal");
  get(store->save_doors(hq, {{Net2DoorId(2), "Back"}}));
  CHECK(std::filesystem::file_size(directory.path / "gatehouse.db-wal") == size);
  get(store->save_doors(hq, {{Net2DoorId(2), "Garden"}}));
  CHECK(get(store->doors(hq)) ==
        std::vector<DoorRow>{{hq, Net2DoorId(1), "Front"}, {hq, Net2DoorId(2), "Garden"}});
  CHECK(get(store->doors(IntegrationId("other"))).empty());
}

TEST_CASE("Doors that are taken over are known in place of the former", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->save_doors(hq, {{Net2DoorId(1), "Front"}}));
  get(store->save_doors(IntegrationId("annex"), {{Net2DoorId(1), "Gate"}}));
  get(store->take_over_doors(hq, {{Net2DoorId(3), "Side"}}));
  CHECK(get(store->doors(hq)) == std::vector<DoorRow>{{hq, Net2DoorId(3), "Side"}});
  CHECK(get(store->doors(IntegrationId("annex"))).size() == 1);
}
