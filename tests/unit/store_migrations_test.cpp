#include "daemon/store/fault.hpp"
#include "daemon/store/migrations.hpp"
#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr Migration first{1, "001_first",
                          "CREATE TABLE thing (name TEXT) STRICT; INSERT INTO thing VALUES ('old')"};
constexpr Migration second{2, "002_second", "ALTER TABLE thing ADD COLUMN age INTEGER"};
constexpr Migration broken{3, "003_broken", "UPDATE thing SET age = 1; CREATE TABLE thing (again TEXT)"};

std::string why_not(const std::filesystem::path& directory) {
  SetClock clock;
  auto store = Store::open({directory, "/gatehouse/acme/hq-01", unicode_fold(), small_reserve()}, clock);
  return store ? std::string() : store.error().detail;
}

}  // namespace

TEST_CASE("What is shipped is numbered from one", "[store][migrations]") {
  const auto all = shipped_migrations();
  REQUIRE_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].version == static_cast<std::int64_t>(i) + 1);
}

TEST_CASE("An older schema is brought up to date, and a copy of it kept", "[store][migrations]") {
  StoreDirectory directory;
  const auto file = directory.path / "thing.db";
  Database db(file);
  const std::vector<Migration> old{first};
  migrate(db, file, old);
  CHECK(db.pragma("user_version") == 1);
  CHECK_FALSE(std::filesystem::exists(file.string() + ".before-v1"));

  const std::vector<Migration> now{first, second};
  migrate(db, file, now);
  migrate(db, file, now);
  CHECK(db.pragma("user_version") == 2);
  Database copy(file.string() + ".before-v2");
  CHECK(copy.pragma("user_version") == 1);
  Statement kept = copy.use("SELECT name FROM thing");
  REQUIRE(kept.step());
  CHECK(kept.text(0) == "old");
}

TEST_CASE("A migration that fails leaves the file as it was", "[store][migrations]") {
  StoreDirectory directory;
  const auto file = directory.path / "thing.db";
  Database db(file);
  const std::vector<Migration> old{first};
  migrate(db, file, old);
  const std::vector<Migration> now{first, second, broken};
  CHECK_THROWS_AS(migrate(db, file, now), StoreFault);
  CHECK(db.pragma("user_version") == 1);
  CHECK(db.pragma("table_info(thing)") == 0);
  Statement columns = db.use("SELECT COUNT(*) FROM pragma_table_info('thing')");
  REQUIRE(columns.step());
  CHECK(columns.integer(0) == 1);
}

TEST_CASE("A store of a newer gatehouse is refused in plain words", "[store][migrations]") {
  StoreDirectory directory;
  CHECK(why_not(directory.path).empty());
  {
    Database db(directory.path / "gatehouse.db");
    db.script("PRAGMA user_version = 99");
  }
  CHECK(why_not(directory.path).find("made by a newer gatehouse") != std::string::npos);
}

TEST_CASE("A file that is no store is refused and left alone", "[store][migrations]") {
  StoreDirectory directory;
  SECTION("of another program") {
    Database db(directory.path / "gatehouse.db");
    db.script("CREATE TABLE other (x)");
  }
  SECTION("of no database at all") {
    FILE* file = std::fopen((directory.path / "gatehouse.db").c_str(), "w");
    REQUIRE(file != nullptr);
    for (int i = 0; i < 500; ++i) std::fputs("this is no database\n", file);
    std::fclose(file);
  }
  const auto size = std::filesystem::file_size(directory.path / "gatehouse.db");
  CHECK(why_not(directory.path).find("not a gatehouse store") != std::string::npos);
  CHECK(std::filesystem::file_size(directory.path / "gatehouse.db") == size);
}

TEST_CASE("A second daemon on the same directory is refused", "[store][migrations]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(why_not(directory.path).find("another gatehoused is using") != std::string::npos);
  store.reset();
  CHECK(why_not(directory.path).empty());
}

TEST_CASE("A directory that is not there is told by its name", "[store][migrations]") {
  StoreDirectory directory;
  CHECK(why_not(directory.path / "nowhere").find("nowhere") != std::string::npos);
}

TEST_CASE("Nobody but the daemon may read the store", "[store][migrations]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->append({message(Lane::alarm, "a")}));
  using std::filesystem::perms;
  for (const auto* name : {"gatehouse.db", "gatehouse.db-wal", "gatehouse.lock"}) {
    const auto allowed = std::filesystem::status(directory.path / name).permissions();
    CHECK((allowed & (perms::group_all | perms::others_all)) == perms::none);
  }
}

namespace {

/// What the first version left: 7 is there, 8 was disabled, 9 was kept though gone, 10 was skipped.
constexpr const char* first_rows = R"sql(
INSERT INTO meta VALUES ('mapping/net2-hq', '99'), ('stream', '01J00000000000000000000STR');
INSERT INTO integration VALUES (1, 'net2-hq', 'Head office');
INSERT INTO record VALUES (1, 7, 42, 1, 'P7', NULL, 'Ada Lovelace'),
  (1, 8, 43, 0, 'P8', NULL, 'Grace Hopper'),
  (1, 9, 44, 0, 'P9', NULL, 'Stephen King'), (1, 10, 45, 1, NULL, 'invalid_email', 'Nobody');
INSERT INTO person VALUES
  ('P7', 'Ada', 'Lovelace', 'ada@example.com', '', 'employee', '', '["staff"]', 'hq', '["hq"]', 0, '[]',
   NULL, 1790000000000, 0, 1, '["vip"]', 1780000000000),
  ('P8', 'Grace', 'Hopper', '', '1', 'visitor', '', '[]', 'hq', '[]', 0, '[]', NULL, NULL, 1, 1, '[]',
   1780000000001),
  ('P9', 'Stephen', 'King', '', '', 'member', 'gold', '[]', '', '[]', 1, '["hq"]', 1, NULL, 1, 0, '[]',
   NULL);
INSERT INTO person_source VALUES ('P7', 1, '7', 1), ('P8', 1, '8', 0), ('P9', 1, '9', 1);
INSERT INTO run VALUES
  ('R1', 1, 1780000000000, 1780000000500, 'manual', 'done', 'complete', 4, 3, 0, 1, 0, 0, 0, 0, '');
INSERT INTO activity VALUES (1, 1780000000000, 'R1', 1, 7, 'Ada Lovelace', 'added', NULL, '[]');
INSERT INTO removal VALUES (1, 1780000000001, 'R1', 1);
INSERT INTO door VALUES (1, 5, 'Front');
INSERT INTO event_cursor VALUES (1, 3, 10, 12, NULL);
)sql";

void make_first_version(const std::filesystem::path& directory) {
  const auto file = directory / "gatehouse.db";
  Database db(file);
  migrate(db, file, shipped_migrations().first(1));
  db.script(first_rows);
}

}  // namespace

TEST_CASE("A store of the first version keeps all that it knew", "[store][migrations]") {
  StoreDirectory directory;
  make_first_version(directory.path);
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(store->stream() == "01J00000000000000000000STR");

  Person ada;
  ada.id = PersonId("P7");
  ada.facts.first_name = "Ada";
  ada.facts.last_name = "Lovelace";
  ada.facts.email = "ada@example.com";
  ada.facts.synced_tags = {"staff"};
  ada.facts.site = "hq";
  ada.facts.sites = {"hq"};
  ada.facts.valid_until = Instant{Duration{1'790'000'000'000}};
  ada.admin_enabled = false;
  ada.custom_tags = {"vip"};
  ada.last_synced = Instant{Duration{1'780'000'000'000}};
  ada.sources = {{.integration = hq,
                  .external_id = ExternalId("7"),
                  .badge = "Head office",
                  .present = true,
                  .kind = SourceKind::net2,
                  .rule = LinkRule::created,
                  .evidence = "",
                  .linked = std::nullopt}};
  CHECK(the_person(*store, "net2-hq/7") == ada);
  CHECK(ada.email_verified);
  CHECK_FALSE(the_person(*store, "P9").tracked);

  const auto index = get(store->load_index(hq));
  REQUIRE(index.size() == 4);
  for (const auto& record : index) {
    CHECK(record.fingerprint == 0);
    CHECK(record.keys == IdentityKeys{});
    CHECK(record.imported == (record.number != 10));
    CHECK(record.present == (record.number == 7 || record.number == 10));
  }
  CHECK(index[3].skip == SkipReason::invalid_email);
  // Disabled when it was last synced; the one that was kept has not gone from the registry's view.
  CHECK(get(store->gone_before(hq, clock.now())) == std::vector<std::int64_t>{8});
  CHECK(get(store->gone_before(hq, Instant{Duration{1'780'000'000'001}})).empty());
  CHECK(get(store->last_mapping(hq)) == 99);
  CHECK(get(store->last_full_run(hq)).value().counts.seen == 4);
  CHECK(get(store->removals_since(hq, Instant{})) == 1);
  CHECK(get(store->doors(hq)).size() == 1);
  CHECK(get(store->event_cursor(hq)).generation == 3);
  CHECK(get(store->switch_of(hq)) == Switch::on);
  const auto told = get(store->list_activity({}, std::nullopt, {})).rows;
  REQUIRE(told.size() == 1);
  CHECK(told[0].external_id == "7");

  // Looked at anew, what did not change makes no message.
  RecordFate same = fate(7, "Lovelace");
  same.facts = ada.facts;
  CHECK(get(store->apply(pass({same}))).counts == SyncCounts{});
  CHECK(get(store->load_index(hq))[0].fingerprint == same.fingerprint);
  CHECK(waiting(*store, Lane::people).empty());
}

namespace {

/// What the version before decisions left: a waiting message, a parked one, and somebody an administrator
/// disabled.
constexpr const char* fourth_rows = R"sql(
INSERT INTO meta VALUES ('stream', '01J00000000000000000000STR');
INSERT INTO integration (key, id, badge, kind, switch) VALUES (1, 'net2-hq', 'Head office', 'net2', 'paused');
INSERT INTO outbox VALUES (4503599627370497, 1, 7, 1780000000000, 'up/access', '{"a":1}');
INSERT INTO dead_letter VALUES
  (4503599627370498, 2, 7, 1780000000000, 'up/access', '{"a":2}', 'refused', '0x99', 1780000000001);
UPDATE lane SET next_sequence = 3, next_row = 3, pending = 1, bytes = 7 WHERE lane = 1;
INSERT INTO person (id, first_name, last_name, email, phone, person_type, membership_status, synced_tags,
  site, sites, roamer, roamer_sites, admin_enabled, tracked, custom_tags)
  VALUES ('P7', 'Ada', 'Lovelace', '', '', 'employee', '', '[]', 'hq', '[]', 0, '[]', 0, 1, '["vip"]');
INSERT INTO person_source (person, integration, external_id, present) VALUES ('P7', 1, '7', 1);
)sql";

}  // namespace

TEST_CASE("A store from before decisions keeps all that it knew and can decide", "[store][migrations]") {
  StoreDirectory directory;
  {
    const auto file = directory.path / "gatehouse.db";
    Database db(file);
    migrate(db, file, shipped_migrations().first(4));
    db.script(fourth_rows);
  }
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const auto version = std::to_string(shipped_migrations().size());
  CHECK(std::filesystem::exists(directory.path / ("gatehouse.db.before-v" + version)));
  const auto rows = waiting(*store, Lane::access);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].payload == R"({"a":1})");
  CHECK(rows[0].correlation.empty());
  CHECK(get(store->list_dead_letters(std::nullopt, {})).rows.size() == 1);
  CHECK(get(store->switch_of(hq)) == Switch::paused);

  const Person ada = the_person(*store, "net2-hq/7");
  CHECK_FALSE(ada.admin_enabled);
  CHECK(ada.custom_tags == std::vector<std::string>{"vip"});
  CHECK(ada.grants.empty());
  const auto known = get(store->known_people({}));
  REQUIRE(known.size() == 1);
  CHECK(known[0].person == ada);
  CHECK(get(store->access_state()).lockdown.empty());
  CHECK(get(store->audit_head()).number == 0);

  get(store->begin_access(begin_of("D1")));
  get(store->end_access(end_of(begin_of("D1"))));
  CHECK(get(store->audit_head()).number == 2);
  CHECK_FALSE(get(store->verify_audit()).first_broken);
  CHECK(waiting(*store, Lane::access).back().sequence == 4);
}
