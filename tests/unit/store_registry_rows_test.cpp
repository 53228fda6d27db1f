// Whom the store finds in the registry by an ask, beside a look at everybody.
#include <random>

#include "daemon/store/mend.hpp"
#include "daemon/store/migrations.hpp"
#include "tests/unit/registry_wants.hpp"
#include "tests/unit/store_access.hpp"
#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::vector<RegistryRow> everybody(Store& store, const IntegrationId& integration) {
  std::vector<RegistryRow> all;
  for (;;) {
    auto page = get(store.registry_rows(integration, all.empty() ? PersonId() : all.back().id));
    if (page.empty()) return all;
    std::ranges::move(page, std::back_inserter(all));
  }
}

std::uint64_t name_key(const std::string& first, const std::string& last) {
  PersonFacts facts;
  facts.first_name = first;
  facts.last_name = last;
  return identity_keys(facts, unicode_fold()).name;
}

std::uint64_t email_key(const std::string& email) {
  PersonFacts facts;
  facts.email = email;
  return identity_keys(facts, unicode_fold()).email;
}

RegistryAsk by_key(std::uint64_t key) {
  RegistryAsk ask;
  ask.keys = {key};
  return ask;
}

std::vector<PersonId> found(Store& store, const RegistryAsk& ask, const IntegrationId& from = hq) {
  return get(store.registry_ids(from, ask));
}

}  // namespace

TEST_CASE("The store finds by its indexes whom a look at everybody finds", "[store][registry]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const std::vector<std::string> names{"Lovelace", "Hopper", "Curie", "Noether"};
  std::mt19937 random(20261123);
  const auto pick = [&](std::uint64_t below) { return static_cast<std::int64_t>(random() % below); };
  std::vector<RecordFate> fates;
  for (std::int64_t number = 1; number <= 60; ++number) {
    auto one = fate(number, names[static_cast<std::size_t>(pick(names.size()))] + std::to_string(pick(9)));
    one.keys = identity_keys(*one.facts, unicode_fold());
    fates.push_back(one);
  }
  get(store->apply(pass(fates)));
  std::vector<RecordFate> in_feed;
  const auto ids = everybody(*store, hq);
  for (int i = 0; i < 20; ++i) {
    auto one = feed_fate("a" + std::to_string(i), "Lovelace" + std::to_string(pick(9)));
    if (i % 3 == 0)
      one = linked(one, {.person = ids[static_cast<std::size_t>(pick(ids.size()))].id,
                         .other_record = std::nullopt,
                         .rule = LinkRule::email,
                         .evidence = ""});
    in_feed.push_back(one);
  }
  get(store->apply(feed_pass(in_feed)));
  AccessBegin walk = begin_of("D1");
  walk.walk_in = WalkIn{PersonId("01J00000000000000000000WLK"), "Ada", "Lovelace1", site_hq};
  get(store->begin_access(walk));

  int wanted = 0;
  for (int round = 0; round < 200; ++round) {
    const IntegrationId from = round % 2 == 0 ? hq : feed;
    RegistryAsk ask;
    for (int i = 0; i < 3; ++i) {
      const auto last = names[static_cast<std::size_t>(pick(names.size()))] + std::to_string(pick(9));
      if (pick(2) == 0) ask.keys.push_back(name_key("ADA", last));
      if (pick(2) == 0) ask.keys.push_back(email_key(last + "@EXAMPLE.com"));
      const bool of_feed = from == feed;
      const auto external_id = of_feed ? "a" + std::to_string(pick(25)) : std::to_string(pick(70));
      const auto number = of_feed ? record_number(external_id) : std::stoll(external_id);
      if (pick(3) == 0) ask.records.push_back(number);
      if (pick(3) == 0) {
        ask.records.push_back(number);
        ask.external_ids.push_back(external_id);
      }
      if (pick(4) == 0) ask.people.push_back(ids[static_cast<std::size_t>(pick(ids.size()))].id);
    }
    std::vector<RegistryRow> expected;
    for (const auto& row : everybody(*store, from)) {
      if (wants(ask, registry_entry(row, unicode_fold()))) expected.push_back(row);
    }
    wanted += static_cast<int>(expected.size());
    REQUIRE(get(store->registry_rows_of(from, found(*store, ask, from))) == expected);
  }
  CHECK(wanted > 500);
  CHECK(found(*store, {}).empty());
  CHECK(get(store->registry_rows_of(hq, {PersonId("nobody"), walk.walk_in->person})).empty());
}

TEST_CASE("Somebody is found by the name and the address that they have now", "[store][registry]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace")})));
  const PersonId ada = the_person(*store, "net2-hq/7").id;
  CHECK(found(*store, by_key(name_key("ada", "LOVELACE"))) == std::vector{ada});
  CHECK(found(*store, by_key(email_key("lovelace@example.com"))) == std::vector{ada});

  get(store->apply(pass({fate(7, "King", 2)})));
  CHECK(found(*store, by_key(name_key("Ada", "Lovelace"))).empty());
  CHECK(found(*store, by_key(email_key("lovelace@example.com"))).empty());
  CHECK(found(*store, by_key(name_key("Ada", "King"))) == std::vector{ada});
  CHECK(found(*store, by_key(email_key("King@example.com"))) == std::vector{ada});
  CHECK(found(*store, by_key(0)).empty());

  store.reset();
  store = open_store(directory.path, clock);
  CHECK(found(*store, by_key(name_key("Ada", "King"))) == std::vector{ada});

  DirectoryCommit erased = pass({});
  erased.erased = {7};
  get(store->apply(erased));
  CHECK(found(*store, by_key(name_key("Ada", "King"))).empty());
}

TEST_CASE("A newcomer is known by the id of the source where the mirror has lost the record",
          "[store][registry]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace")})));
  get(store->apply(feed_pass({feed_fate("a1", "Hopper")})));
  const PersonId ada = the_person(*store, "net2-hq/7").id;
  const PersonId grace = the_person(*store, "hr/a1").id;
  store.reset();
  {
    Database db(directory.path / "gatehouse.db");
    db.script("DELETE FROM record");
  }
  store = open_store(directory.path, clock);
  RegistryAsk ask;
  ask.external_ids = {"7"};
  CHECK(found(*store, ask) == std::vector{ada});
  ask.external_ids = {"a1"};
  CHECK(found(*store, ask, feed) == std::vector{grace});
  CHECK(found(*store, ask, hq).empty());
}

TEST_CASE("Who was rescued is found by name, from however old a page", "[store][registry][salvage]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace")})));
  const PersonId ada = the_person(*store, "net2-hq/7").id;
  store.reset();
  {
    Database db(directory.path / "gatehouse.db");
    db.script("UPDATE person SET name_key = 0, email_key = 0");
    leave_restored(db, "{}", "");
  }
  store = open_store(directory.path, clock);
  CHECK(found(*store, by_key(name_key("Ada", "Lovelace"))) == std::vector{ada});
}

TEST_CASE("Keys of people whose making was cut off are made from there on", "[store][registry]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->apply(pass({fate(7, "Lovelace"), fate(8, "Hopper")})));
  std::vector people{the_person(*store, "net2-hq/7").id, the_person(*store, "net2-hq/8").id};
  std::ranges::sort(people);
  store.reset();
  {
    Database db(directory.path / "gatehouse.db");
    db.script("UPDATE person SET name_key = 0, email_key = 0");
    db.use("UPDATE meta SET value = '1 ' || ? WHERE key = 'identity_keys'").bind(people[0].value()).run();
  }
  store = open_store(directory.path, clock);
  RegistryAsk both = by_key(name_key("Ada", "Lovelace"));
  both.keys.push_back(name_key("Ada", "Hopper"));
  CHECK(found(*store, both) == std::vector{people[1]});
}

TEST_CASE("People of an older version are found by their names", "[store][registry][migrations]") {
  StoreDirectory directory;
  {
    const auto file = directory.path / "gatehouse.db";
    Database db(file);
    migrate(db, file, shipped_migrations().first(10));
    for (int i = 0; i < 2500; ++i) {
      db.use(
            "INSERT INTO person (id, first_name, last_name, email, phone, person_type, membership_status,"
            " synced_tags, site, sites, roamer, roamer_sites, admin_enabled, tracked, custom_tags)"
            " VALUES (?, 'Zoë', ?, ?, '', 'employee', '', '[]', 'hq', '[]', 0, '[]', 1, 1, '[]')")
          .bind("P" + std::to_string(10000 + i), "Nr" + std::to_string(i),
                i % 2 == 0 ? "" : std::to_string(i) + "@example.com")
          .run();
    }
  }
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(found(*store, by_key(name_key("ZOË", "nr0"))) == std::vector{PersonId("P10000")});
  CHECK(found(*store, by_key(name_key("zoe\u0308", "Nr2499"))) == std::vector{PersonId("P12499")});
  CHECK(found(*store, by_key(email_key("1@example.com"))) == std::vector{PersonId("P10001")});
  CHECK(found(*store, by_key(email_key(""))).empty());
}
