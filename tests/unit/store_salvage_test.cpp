// What a damaged store loses, what it keeps, and what it does about doors meanwhile.
#include <fstream>

#include <sqlite3.h>

#include "daemon/store/mend.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/page_check.hpp"
#include "daemon/store/quarantine.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/unit/store_access.hpp"
#include "tests/unit/store_crash_child.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

namespace fs = std::filesystem;

void zero_page(const fs::path& file, std::uint32_t page) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>((page - 1) * store_page_size));
  const std::string zeros(store_page_size, '\0');
  out.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
}

/// Pages of a tree that have rows, in key order.
std::vector<std::uint32_t> leaves_of(const fs::path& file, const std::string& tree) {
  std::vector<std::uint32_t> pages;
  Database db(file);
  Statement row = db.use("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path");
  row.bind(tree);
  while (row.step()) pages.push_back(static_cast<std::uint32_t>(row.integer(0)));
  return pages;
}

struct House {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  fs::path file = directory.path / "gatehouse.db";

  void people(int count) {
    std::vector<RecordFate> fates;
    for (int i = 1; i <= count; ++i) fates.push_back(fate(i, "Person" + std::to_string(i)));
    get(store->apply(pass(std::move(fates))));
    get(store->save_proofs({{hq, clock.now()}}));
  }
  std::vector<PersonEntry> known() { return get(store->known_people(PersonId())); }
  PersonEntry one(const std::string& name) {
    for (auto& entry : known()) {
      if (entry.person.facts.last_name == name) return entry;
    }
    throw std::runtime_error("nobody is " + name);
  }
  void say(const PersonId& id, bool enabled) {
    PersonWord word;
    word.person = id;
    word.admin_enabled = enabled;
    get(store->set_person(word));
  }
  void close() { store.reset(); }
  void open() {
    clock.ms += 60'000;
    store = open_store(directory.path, clock);
  }
  /// As a kill would leave it.
  void copy_live(const fs::path& to) const {
    for (const auto* name : {"gatehouse.db", "gatehouse.db-wal", "gatehouse.db-seal"})
      fs::copy_file(directory.path / name, to / name);
  }
  std::string alert() {
    std::string found;
    for (const auto& row : waiting(*store, Lane::alarm)) {
      if (row.payload.find(R"("kind":"store")") != std::string::npos) found = row.payload;
    }
    return found;
  }
};

}  // namespace

TEST_CASE("A log that is gone locks every site until an operator accepts", "[store][salvage]") {
  House house;
  house.people(3);
  StoreDirectory copy;
  const auto id = house.one("Person1").person.id;
  house.say(id, false);
  const std::string stream = house.store->stream();
  house.copy_live(copy.path);
  SetClock later(1'000'000);
  later.ms = house.clock.ms + 1000;
  SECTION("with its log all is as it was") {
    auto store = open_store(copy.path, later);
    CHECK_FALSE(store->salvaged());
    CHECK_FALSE(get(store->person(id)).admin_enabled);
    CHECK(store->stream() == stream);
    CHECK(get(store->access_state()).proofs.size() == 1);
  }
  SECTION("without it nobody is let in") {
    const bool cut = GENERATE(false, true);
    if (cut) {
      fs::resize_file(copy.path / "gatehouse.db-wal", fs::file_size(copy.path / "gatehouse.db-wal") / 2);
    } else {
      fs::remove(copy.path / "gatehouse.db-wal");
    }
    auto store = open_store(copy.path, later);
    REQUIRE(store->salvaged());
    CHECK(store->salvaged()->why.find("commits are missing") != std::string::npos);
    CHECK(store->stream() != stream);
    const auto state = ask(store->access_state());
    REQUIRE_FALSE(state.ok());
    CHECK(state.error().detail.find("gatehouse salvage accept") != std::string::npos);
    const auto told = get(store->salvage_state());
    CHECK_FALSE(told.doubt.empty());
    CHECK(told.report.find("\"quarantine\"") != std::string::npos);
    store.reset();
    store = open_store(copy.path, later);  // a restart is no acceptance
    CHECK_FALSE(store->salvaged());
    CHECK_FALSE(ask(store->access_state()).ok());
    get(store->accept_salvage("uid 0 (root)"));
    const auto after = get(store->access_state());
    CHECK(after.proofs.empty());
    CHECK(get(store->command_floors()).contains("*"));
    CHECK(ask(store->accept_salvage("uid 0 (root)")).error().code == Errc::not_found);
    CHECK_FALSE(get(store->verify_audit()).first_broken);
  }
}

TEST_CASE("Who was lost keeps the id, and is disabled until an operator accepts", "[store][salvage]") {
  House house;
  house.people(200);
  const auto before = house.known();
  const std::size_t lost = 100;
  for (const auto& entry : before) house.say(entry.person.id, entry.person.id != before[lost].person.id);
  get(house.store->settle({{rows_of(Lane::people).first, rows_of(Lane::people).last}}));
  house.close();
  const auto leaves = leaves_of(house.file, "person");
  REQUIRE(leaves.size() > 4);
  for (std::size_t i = 1; i + 1 < leaves.size(); ++i) zero_page(house.file, leaves[i]);
  house.open();
  REQUIRE(house.store->salvaged());
  CHECK(house.store->salvaged()->doubt.empty());
  CHECK(house.store->salvaged()->people_lost);
  CHECK(house.alert().find("damaged") != std::string::npos);
  auto after = house.known();
  REQUIRE(after.size() == before.size());
  std::size_t disabled = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].person.id == before[i].person.id);
    if (after[i].person.admin_enabled) CHECK(after[i].person.facts == before[i].person.facts);
    disabled += after[i].person.admin_enabled ? 0 : 1;
  }
  CHECK(disabled > 20);
  CHECK(disabled < before.size());
  CHECK_FALSE(after[lost].person.admin_enabled);
  const auto state = get(house.store->access_state());
  CHECK(state.people_lost);  // so that a walk-in's name may be a disabled person's
  CHECK(state.proofs.empty());
  CHECK(get(house.store->salvage_state()).doubted_people.size() == disabled);

  // The next complete read says who they are; whether they were disabled it does not.
  std::vector<RecordFate> fates;
  for (int i = 1; i <= 201; ++i) fates.push_back(fate(i, "Person" + std::to_string(i)));
  get(house.store->apply(pass(std::move(fates))));
  CHECK_FALSE(house.one("Person201").person.admin_enabled);
  after = house.known();
  CHECK(after.size() == before.size() + 1);
  for (const auto& entry : before) {
    const auto person = get(house.store->person(entry.person.id));
    CHECK(person.facts == entry.person.facts);
    CHECK(person.source_present());
  }
  // One of them is known to be disabled, says an operator: that stands.
  house.say(before[lost].person.id, true);
  house.say(before[lost].person.id, false);
  CHECK(get(house.store->accept_salvage("uid 0 (root)")).enabled == disabled);
  CHECK_FALSE(get(house.store->person(before[lost].person.id)).admin_enabled);
  CHECK(house.one("Person201").person.admin_enabled);
  CHECK_FALSE(get(house.store->access_state()).people_lost);
  get(house.store->apply(pass({fate(202, "Person202")})));
  CHECK(house.one("Person202").person.admin_enabled);
}

TEST_CASE("Messages that are lost are named by gaps of their stream", "[store][salvage]") {
  House house;
  for (int i = 0; i < 300; ++i)
    get(house.store->append({message(Lane::telemetry, "m" + std::to_string(i), 200)}));
  const std::string stream = house.store->stream();
  house.close();
  const auto leaves = leaves_of(house.file, "outbox");
  REQUIRE(leaves.size() > 6);
  zero_page(house.file, leaves[0]);
  zero_page(house.file, leaves[3]);
  zero_page(house.file, leaves.back());
  house.open();
  REQUIRE(house.store->salvaged());
  CHECK(get(house.store->access_state()).lockdown.empty());  // no reason to lock anything
  std::vector<bool> named(301);
  std::size_t there = 0;
  for (const auto& row : waiting(*house.store, Lane::telemetry)) {
    CHECK(member(row.payload, "stream") == stream);
    named.at(row.sequence) = true;
    ++there;
  }
  CHECK(there > 200);
  CHECK(there < 300);
  for (const auto& row : waiting(*house.store, Lane::alarm)) {
    if (row.payload.find("gatehouse.gap.v1") == std::string::npos) continue;
    const std::string data = row.payload.substr(row.payload.find("\"data\":"));
    CHECK(member(data, "cause") == "salvage");
    CHECK(member(data, "stream") == stream);
  }
  for (const auto& [from, to] : gaps_of(*house.store, Lane::telemetry)) {
    for (auto sequence = from; sequence <= to; ++sequence) {
      CHECK_FALSE(named.at(sequence));
      named.at(sequence) = true;
    }
  }
  for (std::size_t sequence = 1; sequence <= 300; ++sequence) {
    INFO(sequence);
    CHECK(named.at(sequence));
  }
  get(house.store->append({message(Lane::telemetry, "new")}));
  const auto last = waiting(*house.store, Lane::telemetry).back();
  CHECK(last.sequence == 1);
  CHECK(member(last.payload, "stream") == house.store->stream());
  CHECK(house.store->stream() != stream);

  // What is dropped or parked of the old stream is named as its own.
  const auto first = waiting(*house.store, Lane::telemetry).front();
  get(house.store->park(first.row, "refused", "0x99"));
  const auto gap = waiting(*house.store, Lane::alarm);
  bool told = false;
  for (const auto& row : gap) {
    const auto data = row.payload.substr(row.payload.find("\"data\":"));
    told = told || (member(data, "cause") == "refused" && member(data, "stream") == stream);
  }
  CHECK(told);
}

TEST_CASE("Damage that shows while the daemon runs is salvaged at the next start", "[store][salvage]") {
  House house;
  house.people(50);
  house.close();
  house.open();
  zero_page(house.file, 3);
  CHECK_FALSE(house.store->damaged());
  CHECK_FALSE(ask(house.store->look_at_pages()).ok());
  CHECK(house.store->damaged());
  house.close();
  house.open();
  CHECK(house.store->salvaged());
  CHECK_FALSE(house.store->damaged());
  CHECK(get(house.store->look_at_pages()).pages > 0);
}

TEST_CASE("At most five quarantines are kept", "[store][salvage]") {
  House house;
  house.people(3);
  fs::path first;
  for (std::size_t i = 0; i < quarantines_kept + 3; ++i) {
    house.close();
    zero_page(house.file, 2);
    house.open();
    REQUIRE(house.store->salvaged());
    if (i == 0) first = fs::directory_iterator(house.directory.path / "quarantine")->path();
  }
  CHECK(fs::exists(first));  // the fullest of all
  std::size_t kept = 0;
  for (const auto& entry : fs::directory_iterator(house.directory.path / "quarantine")) {
    ++kept;
    CHECK(fs::exists(entry.path() / "gatehouse.db"));
    CHECK((fs::status(entry.path()).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
          fs::perms::none);
  }
  CHECK(kept == quarantines_kept);
}

TEST_CASE("A store of a version without checks gets them, and its damage leaves doubt", "[store][salvage]") {
  StoreDirectory directory;
  const auto file = directory.path / "gatehouse.db";
  House house;
  house.people(200);
  house.close();
  {
    // As SQLite alone writes it.
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    std::string script = "ATTACH '" + house.file.string() + "' AS house;";
    for (const auto& migration : shipped_migrations()) script += std::string(migration.sql) + ';';
    for (const auto* table : {"person", "person_source", "integration", "record"})
      script += "INSERT INTO main." + std::string(table) + " SELECT * FROM house." + table + ';';
    script += "PRAGMA main.user_version = " + std::to_string(shipped_migrations().size());
    REQUIRE(sqlite3_exec(db, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }
  const bool damaged = GENERATE(false, true);
  if (damaged) {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(20 * static_cast<std::streamoff>(store_page_size));
    out.write("\x0d nonsense", 10);
  }
  SetClock clock(1'000'000);
  auto store = open_store(directory.path, clock);
  CHECK(get(store->look_at_pages()).pages > 0);
  CHECK(store->salvaged().has_value() == damaged);
  CHECK(ask(store->access_state()).ok() == !damaged);
  if (!damaged) CHECK(get(store->known_people(PersonId())).size() == 200);
  store.reset();
  store = open_store(directory.path, clock);
  CHECK_FALSE(store->salvaged());
}

TEST_CASE("D11: a copy from before the checks can be put back beside the newer seal", "[store][salvage]") {
  StoreDirectory directory;
  const auto file = directory.path / "gatehouse.db";
  const auto filler = "SELECT COUNT(*) FROM meta WHERE key LIKE 'filler/%' AND length(value) = 4000";
  {
    // As the version before the checks has written it; larger than SQLite's cache.
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    std::string script = "BEGIN;";
    for (const auto& migration : shipped_migrations().first(5)) script += std::string(migration.sql) + ';';
    script +=
        "PRAGMA user_version = 5; INSERT INTO meta VALUES ('stream', '01J00000000000000000000STR');"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
        " INSERT INTO meta SELECT 'filler/' || i, substr(hex(zeroblob(2000)), 1, 4000) FROM n; COMMIT";
    REQUIRE(sqlite3_exec(db, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }
  SetClock clock(1'000'000);
  auto store = open_store(directory.path, clock);
  CHECK_FALSE(store->salvaged());
  CHECK(get(store->look_at_pages()).pages > 4000);
  const auto version = std::to_string(shipped_migrations().size());
  store.reset();
  for (int life = 0; life < 2; ++life) {
    fs::copy_file(file.string() + ".before-v" + version, file, fs::copy_options::overwrite_existing);
    fs::remove(file.string() + "-wal");
    REQUIRE(fs::exists(file.string() + "-seal"));
    store = open_store(directory.path, clock);
    CHECK_FALSE(store->salvaged());
    CHECK(store->stream() == "01J00000000000000000000STR");
    CHECK(get(store->access_state()).lockdown.empty());
    store.reset();
    Database db(file);
    Statement count = db.use(filler);
    REQUIRE(count.step());
    CHECK(count.integer(0) == 4000);
  }
}

namespace {
constexpr const char* crash_directory = "GATEHOUSE_SALVAGE_CRASH";
}

TEST_CASE("salvage killed on the way", "[.crash-child]") {
  const char* where = std::getenv(crash_directory);
  REQUIRE(where != nullptr);
  SetClock clock(2'000'000);
  open_store(where, clock);
}

TEST_CASE("A salvage that is cut short is finished by the next start", "[store][salvage][crash]") {
  const std::string label = GENERATE(values<std::string>(
      {"store.salvage.made", "store.salvage.between", "store.mend.before", "store.mend.after"}));
  DYNAMIC_SECTION(label) {
    House house;
    house.people(200);
    const auto before = house.known();
    house.close();
    zero_page(house.file, leaves_of(house.file, "person").at(2));
    REQUIRE(killed_at(label, {"salvage killed on the way", crash_directory}, house.directory.path));
    house.open();
    CHECK(house.known().size() == before.size());
    CHECK_FALSE(house.alert().empty());
    CHECK(get(house.store->access_state()).people_lost);
    CHECK_FALSE(fs::exists(house.file.string() + ".salvaged"));
  }
}
