#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

RecordFate fate(std::int64_t number, std::string last_name, std::uint64_t fingerprint = 1) {
  RecordFate made;
  made.number = number;
  made.fingerprint = fingerprint;
  made.name = "Ada " + last_name;
  made.facts.emplace();
  made.facts->first_name = "Ada";
  made.facts->last_name = last_name;
  made.facts->email = last_name + "@example.com";
  made.facts->site = "hq";
  made.facts->sites = {"hq", "annex \"B\""};
  made.facts->valid_until = Instant{Duration{1'790'000'000'000}};
  return made;
}

RecordFate skipped(std::int64_t number, SkipReason reason, std::uint64_t fingerprint = 1) {
  RecordFate made;
  made.number = number;
  made.fingerprint = fingerprint;
  made.skip = reason;
  return made;
}

DirectoryCommit pass(std::vector<RecordFate> fates, std::vector<std::int64_t> gone = {}) {
  DirectoryCommit commit;
  commit.integration = hq;
  commit.badge = "Head office";
  commit.run = RunId("run-1");
  commit.fates = std::move(fates);
  commit.gone = std::move(gone);
  return commit;
}

std::vector<std::string> told(Store& store) {
  std::vector<std::string> types;
  for (const auto& row : waiting(store, Lane::people)) {
    std::string type = member(row.payload, "type");
    if (type == "gatehouse.activity.v1") type += " " + member(row.payload, "outcome");
    types.push_back(type);
  }
  return types;
}

void settle_all(Store& store) {
  const auto rows = waiting(store, Lane::people);
  if (!rows.empty()) get(store.settle({{rows.front().row, rows.back().row}}));
}

}  // namespace

TEST_CASE("A new record becomes a person, a mirror row and two messages", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const auto counts = get(store->apply(pass({fate(7, "Lovelace", 42)})));
  CHECK(counts == SyncCounts{.added = 1});
  CHECK(told(*store) ==
        std::vector<std::string>{"gatehouse.person.upserted.v1", "gatehouse.activity.v1 added"});

  const auto found = get(store->find_people("net2-hq/7"));
  REQUIRE(found.size() == 1);
  const Person& person = found[0];
  CHECK(person.facts == *fate(7, "Lovelace").facts);
  REQUIRE(person.sources.size() == 1);
  CHECK(person.sources[0] == PersonSource{hq, ExternalId("7"), "Head office", true});
  CHECK(person.last_synced == clock.now());
  const auto name_hash = static_cast<std::uint32_t>(hash_text("Ada Lovelace"));
  CHECK(get(store->load_index(hq)) == std::vector<IndexedRecord>{{7, 42, name_hash, true, true}});
}

TEST_CASE("A changed record changes the person, and a like one changes nothing", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace", 1)})));
  const auto before = get(store->find_people("net2-hq/7")).at(0);
  settle_all(*store);

  SECTION("other facts") {
    CHECK(get(store->apply(pass({fate(7, "King", 2)}))) == SyncCounts{.updated = 1});
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
    CHECK(get(store->apply(pass({fate(7, "Lovelace", 2)}))) == SyncCounts{});
    CHECK(waiting(*store, Lane::people).empty());
    CHECK(get(store->load_index(hq)).at(0).fingerprint == 2);
    CHECK(get(store->find_people("net2-hq/7")).at(0) == before);
  }
}

TEST_CASE("A skip is told when its reason changes", "[store][directory]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(get(store->apply(pass({skipped(7, SkipReason::invalid_email)}))) == SyncCounts{.skipped = 1});
  CHECK(get(store->apply(pass({skipped(7, SkipReason::invalid_email, 2)}))) == SyncCounts{});
  CHECK(get(store->apply(pass({skipped(7, SkipReason::no_site, 3)}))) == SyncCounts{.skipped = 1});
  const auto rows = waiting(*store, Lane::people);
  REQUIRE(rows.size() == 2);
  CHECK(member(rows[0].payload, "reason") == "invalid_email");
  CHECK(member(rows[1].payload, "reason") == "no_site");
  CHECK(get(store->load_index(hq)) ==
        std::vector<IndexedRecord>{{7, 3, static_cast<std::uint32_t>(hash_text("")), true, false}});

  SECTION("gone without a person, it is forgotten and nobody hears of it") {
    CHECK(get(store->apply(pass({}, {7, 8}))) == SyncCounts{});
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

  CHECK(get(store->apply(pass({}, {7}))) == SyncCounts{.disabled = 1});
  CHECK(get(store->apply(pass({}, {7}))) == SyncCounts{});
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

  CHECK(get(store->apply(pass({fate(7, "Lovelace")}))) == SyncCounts{.updated = 1});
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
  CHECK(get(store->apply(commit)) == SyncCounts{});
  CHECK(waiting(*store, Lane::people).empty());
  CHECK(get(store->find_people("net2-hq/7")).at(0).effective());
  CHECK_FALSE(get(store->load_index(hq)).at(0).present);
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
