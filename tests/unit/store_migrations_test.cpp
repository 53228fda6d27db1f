#include "daemon/store/fault.hpp"
#include "daemon/store/migrations.hpp"
#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr Migration first{1, "001_first",
                          "CREATE TABLE thing (name TEXT) STRICT; INSERT INTO thing VALUES ('old')"};
constexpr Migration second{2, "002_second", "ALTER TABLE thing ADD COLUMN age INTEGER"};
constexpr Migration broken{3, "003_broken", "UPDATE thing SET age = 1; CREATE TABLE thing (again TEXT)"};

std::string why_not(const std::filesystem::path& directory) {
  SetClock clock;
  auto store = Store::open({directory, "/gatehouse/acme/hq-01", small_reserve()}, clock);
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
