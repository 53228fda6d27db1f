// Whose record it is: links across records and sources, and how they end.
#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);

  Person person(const std::string& key) { return the_person(*store, key); }
  /// Net2's 7 and the feed's a1, one person.
  Person ada() {
    get(store->apply(pass({fate(7, "Lovelace")})));
    const auto id = person("net2-hq/7").id;
    get(store->apply(feed_pass({linked(feed_fate("a1", "Lovelace"), {.person = id,
                                                                     .other_record = std::nullopt,
                                                                     .rule = LinkRule::email,
                                                                     .evidence = "ada@example.com"})})));
    settle_all(*store);
    return person("net2-hq/7");
  }
};

}  // namespace

TEST_CASE("A feed's record joins the person that it is linked to, and says why", "[store][links]") {
  Desk desk;
  const Person ada = desk.ada();
  CHECK(desk.person("hr/a1") == ada);
  REQUIRE(ada.sources.size() == 2);
  CHECK(ada.sources[1] == PersonSource{.integration = feed,
                                       .external_id = ExternalId("a1"),
                                       .badge = "Personnel",
                                       .present = true,
                                       .kind = SourceKind::feed,
                                       .rule = LinkRule::email,
                                       .evidence = "ada@example.com",
                                       .linked = desk.clock.now(),
                                       .says = PersonType::employee});
  const auto index = get(desk.store->load_index(feed));
  REQUIRE(index.size() == 1);
  CHECK(index[0].number == record_number("a1"));
  CHECK(index[0].imported);

  SECTION("both have to have the person for access") {
    get(desk.store->apply(pass({}, {7})));
    CHECK_FALSE(desk.person("hr/a1").effective());
  }
  SECTION("the links are told with what keeps a record out and what was put in its place") {
    get(desk.store->apply(feed_pass({[] {
      RecordFate out = feed_fate("a1", "Lovelace");
      out.facts.reset();
      out.skip = SkipReason::invalid_email;
      return out;
    }()})));
    get(desk.store->override_fields(feed, {{record_number("a1"), "email", "a@b.example"}}, "olga"));
    const auto links = get(desk.store->links_of(ada.id));
    REQUIRE(links.size() == 2);
    CHECK(links[0].source == ada.sources[0]);
    CHECK_FALSE(links[0].skip);
    CHECK(links[1].source == ada.sources[1]);
    CHECK(links[1].skip == SkipReason::invalid_email);
    CHECK(links[1].overrides == std::vector<FieldOverride>{{record_number("a1"), "email", "a@b.example"}});
    CHECK(ask(desk.store->links_of(PersonId("nobody"))).error().code == Errc::not_found);
  }
  SECTION(
      "long gone from one source, the person stays with both claims: access does not come back by itself") {
    DirectoryCommit commit = feed_pass({});
    commit.gone = {{.record = record_number("a1"), .why = std::nullopt}};
    get(desk.store->apply(commit));
    settle_all(*desk.store);
    commit.gone.clear();
    commit.erased = {record_number("a1")};
    const auto report = get(desk.store->apply(commit));
    CHECK(report.counts == SyncCounts{});
    CHECK(report.forgotten.empty());
    CHECK(desk.person("net2-hq/7").sources.size() == 2);
    CHECK_FALSE(desk.person("net2-hq/7").source_present());
    CHECK(told(*desk.store).empty());
    CHECK(get(desk.store->gone_before(feed, Instant::max())).empty());  // it is dealt with
  }
}

TEST_CASE("A used id that goes to somebody else leaves its former person", "[store][links]") {
  Desk desk;
  const Person ada = desk.ada();
  RecordFate grace = fate(7, "Hopper", 2);
  grace.stranger = true;
  get(desk.store->apply(pass({grace})));
  const Person now = desk.person("net2-hq/7");
  CHECK(now.id != ada.id);
  CHECK(now.facts.last_name == "Hopper");
  CHECK(desk.person("hr/a1").id == ada.id);
  REQUIRE(desk.person("hr/a1").sources.size() == 2);
  CHECK_FALSE(desk.person("hr/a1").source_present());
  CHECK(told(*desk.store) ==
        std::vector<std::string>{"gatehouse.person.disabled.v1", "gatehouse.activity.v1 disabled",
                                 "gatehouse.person.upserted.v1", "gatehouse.activity.v1 added"});
  CHECK(get(desk.store->removals_since(hq, Instant{})) == 0);  // an operator's word, or a plan
  settle_all(*desk.store);

  SECTION("who stays, denied, where nothing else speaks for them") {
    grace.facts->last_name = "King";
    get(desk.store->apply(pass({grace})));
    CHECK(get(desk.store->count_people()).total == 3);
    CHECK(told(*desk.store).at(0) == "gatehouse.person.disabled.v1");
  }
  SECTION("who is deleted after the time that on_removed: delete gives") {
    grace.facts->last_name = "King";
    get(desk.store->apply(pass({grace})));
    settle_all(*desk.store);
    DirectoryCommit commit = pass({});
    commit.on_removed = OnRemoved::erase;
    commit.erased = get(desk.store->gone_before(hq, Instant::max()));
    REQUIRE(commit.erased.size() == 2);
    get(desk.store->apply(commit));
    CHECK(get(desk.store->find_people(now.id.value())).empty());
    CHECK(desk.person("hr/a1").id == ada.id);  // whom another source has
    CHECK(desk.person("net2-hq/7").facts.last_name == "King");
  }
}

TEST_CASE("Somebody made anew at the source keeps their person, and the old id is let go", "[store][links]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  const auto id = desk.person("net2-hq/7").id;
  get(desk.store->apply(pass({}, {7})));
  const auto report = get(desk.store->apply(
      pass({linked(fate(9, "Lovelace"),
                   {.person = id, .other_record = 7, .rule = LinkRule::relinked, .evidence = "7"})})));
  CHECK(report.forgotten == std::vector<std::int64_t>{7});
  const Person ada = desk.person("net2-hq/9");
  CHECK(ada.id == id);
  CHECK(ada.sources.size() == 1);
  CHECK(ada.effective());
  CHECK(get(desk.store->find_people("net2-hq/7")).empty());
  get(desk.store->apply(pass({}, {7})));
  CHECK(desk.person("net2-hq/9") == ada);
}

TEST_CASE("Those gone for long are found while they are in the registry", "[store][links]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace"), fate(8, "Hopper"), fate(9, "King")})));
  get(desk.store->apply(pass({}, {7, 9})));
  const auto gone = desk.clock.now();
  desk.clock.ms += 1;
  get(desk.store->apply(pass({}, {8})));
  CHECK(get(desk.store->gone_before(hq, gone)).empty());
  CHECK(get(desk.store->gone_before(hq, desk.clock.now())) == std::vector<std::int64_t>{7, 9});
  get(desk.store->set_tracked(desk.person("net2-hq/9").id, false, "ours", std::nullopt));
  CHECK(get(desk.store->gone_before(hq, desk.clock.now())) == std::vector<std::int64_t>{7});
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  CHECK(get(desk.store->gone_before(hq, desk.clock.now())).empty());
  CHECK(get(desk.store->gone_before(feed, desk.clock.now())).empty());
}

TEST_CASE("What the guard holds back stays, and is told once", "[store][links]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  settle_all(*desk.store);
  DirectoryCommit commit = pass({});
  commit.withheld = {7, 99};
  CHECK(get(desk.store->preview(commit)).empty());
  CHECK(get(desk.store->apply(commit)).counts == SyncCounts{.skipped = 1});
  CHECK(get(desk.store->apply(commit)).counts == SyncCounts{});
  CHECK(desk.person("net2-hq/7").effective());
  CHECK(get(desk.store->load_index(hq)).at(0).skip == SkipReason::guard_withheld);
  CHECK(get(desk.store->removals_since(hq, Instant{})) == 0);
}

TEST_CASE("Removals that somebody has confirmed do not count for the guard", "[store][links]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace"), fate(8, "Hopper")})));
  DirectoryCommit commit = pass({}, {7});
  commit.count_removals = false;
  get(desk.store->apply(commit));
  CHECK(get(desk.store->removals_since(hq, Instant{})) == 0);
  RecordFate leaver = skipped(8, SkipReason::group_not_mapped, 2);
  leaver.leaves = true;
  CHECK(get(desk.store->apply(pass({leaver}))).counts == SyncCounts{.disabled = 1});
  CHECK(get(desk.store->removals_since(hq, Instant{})) == 1);
}

TEST_CASE("The registry is read page by page from one integration's view", "[store][links]") {
  Desk desk;
  std::vector<RecordFate> fates;
  for (std::int64_t number = 1; number <= 2001; ++number) fates.push_back(fate(number, "L"));
  get(desk.store->apply(pass(fates)));
  const Person ada = desk.ada();
  const auto first = get(desk.store->registry_rows(hq, {}));
  CHECK(first.size() == 2000);
  const auto rest = get(desk.store->registry_rows(hq, first.back().id));
  REQUIRE(rest.size() == 1);
  const auto seen = std::ranges::find(first, ada.id, &RegistryRow::id);
  REQUIRE(seen != first.end());
  CHECK(*seen == RegistryRow{.id = ada.id,
                             .first_name = "Ada",
                             .last_name = "Lovelace",
                             .email = "Lovelace@example.com",
                             .phone = "",
                             .email_verified = true,
                             .record_here = 7,
                             .external_id_here = "7",
                             .also_here = {}});
  const auto in_feed = get(desk.store->registry_rows(feed, {}));
  const auto there = std::ranges::find(in_feed, ada.id, &RegistryRow::id);
  REQUIRE(there != in_feed.end());
  CHECK(there->record_here == record_number("a1"));
  CHECK(there->external_id_here == "a1");
  CHECK_FALSE(in_feed.back().record_here);
}

TEST_CASE("The registry's revision grows with what a match looks at", "[store][links]") {
  Desk desk;
  get(desk.store->apply(pass({fate(7, "Lovelace")})));
  auto last = desk.store->registry_revision();
  const auto grown = [&] { return std::exchange(last, desk.store->registry_revision()) != last; };
  RecordFate later = fate(7, "Lovelace", 2);
  later.facts->valid_until.reset();
  get(desk.store->apply(pass({later})));
  CHECK_FALSE(grown());
  get(desk.store->apply(pass({}, {7})));
  CHECK_FALSE(grown());
  get(desk.store->apply(pass({fate(7, "King", 3)})));
  CHECK(grown());
  RecordFate stranger = fate(7, "King", 3);
  stranger.stranger = true;
  get(desk.store->apply(pass({stranger})));
  CHECK(grown());
  DirectoryCommit erased = pass({});
  erased.erased = {7};
  get(desk.store->apply(erased));
  CHECK(grown());
}

TEST_CASE("Somebody decoupled is left alone until the time is over", "[store][links]") {
  Desk desk;
  Person ada = desk.ada();
  const auto until = desk.clock.now() + std::chrono::hours{1};
  ada = get(desk.store->set_tracked(ada.id, false, "works from home", until));
  CHECK_FALSE(ada.tracked);
  CHECK(desk.person("net2-hq/7") == ada);
  CHECK(ada.decoupled_reason == "works from home");
  CHECK(ada.decoupled_until == until);
  auto rows = waiting(*desk.store, Lane::people);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].payload.find(R"("changed":["tracked"])") != std::string::npos);
  CHECK(get(desk.store->apply(pass({fate(7, "King", 2)}))).counts == SyncCounts{.skipped = 1});
  settle_all(*desk.store);

  SECTION("another reason is kept, and nobody need hear of it") {
    get(desk.store->set_tracked(ada.id, false, "on leave", std::nullopt));
    CHECK(desk.person("net2-hq/7").decoupled_reason == "on leave");
    CHECK_FALSE(desk.person("net2-hq/7").decoupled_until);
    CHECK(waiting(*desk.store, Lane::people).empty());
    CHECK(get(desk.store->couple_overdue(until)) == 0);
  }
  SECTION("the same again writes nothing") {
    const auto size = log_size(desk.directory.path);
    get(desk.store->set_tracked(ada.id, false, "works from home", until));
    CHECK(get(desk.store->couple_overdue(until - Duration{1})) == 0);
    CHECK(log_size(desk.directory.path) == size);
  }
  SECTION("over, the record is looked at anew") {
    CHECK(get(desk.store->couple_overdue(until)) == 1);
    CHECK(desk.person("net2-hq/7").tracked);
    CHECK(desk.person("net2-hq/7").decoupled_reason.empty());
    CHECK(waiting(*desk.store, Lane::people).size() == 1);
    CHECK(get(desk.store->load_index(hq)).at(0).fingerprint == 0);
    CHECK(get(desk.store->couple_overdue(until)) == 0);
  }
  CHECK(ask(desk.store->set_tracked(PersonId("nobody"), true, "", std::nullopt)).error().code ==
        Errc::not_found);
}

TEST_CASE("An integration's switch is kept, and on where it is unknown", "[store][links]") {
  Desk desk;
  CHECK(get(desk.store->switch_of(hq)) == Switch::on);
  for (const auto state : {Switch::paused, Switch::off, Switch::removed, Switch::on}) {
    get(desk.store->set_switch(hq, state));
    CHECK(get(desk.store->switch_of(hq)) == state);
  }
  const auto size = log_size(desk.directory.path);
  get(desk.store->set_switch(hq, Switch::on));
  CHECK(log_size(desk.directory.path) == size);
}
