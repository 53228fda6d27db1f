// A disk with an end: SQLite's own writes go through a layer that refuses to let the directory grow beyond a
// size, as a file system does.
#include <map>

#include <sqlite3.h>

#include "daemon/store/sqlite.hpp"
#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::filesystem::path small_disk;
std::atomic<std::uint64_t> capacity{0};

std::uint64_t used() {
  std::uint64_t bytes = 0;
  std::error_code gone;
  for (const auto& file : std::filesystem::directory_iterator(small_disk)) {
    const auto size = file.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

sqlite3_vfs* real = nullptr;
sqlite3_vfs bounded;
/// A database and its log have different ones; the writing is the same in both.
std::map<const sqlite3_io_methods*, sqlite3_io_methods> bounded_methods;
int (*real_write)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;

int write_if_room(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  sqlite3_int64 size = 0;
  file->pMethods->xFileSize(file, &size);
  const sqlite3_int64 growth = std::max<sqlite3_int64>(0, at + count - size);
  if (growth > 0 && used() + static_cast<std::uint64_t>(growth) > capacity) return SQLITE_FULL;
  return real_write(file, bytes, count, at);
}

int open_bounded(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out) {
  const int code = real->xOpen(real, name, file, flags, out);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  auto& methods = bounded_methods[file->pMethods];
  methods = *file->pMethods;
  real_write = methods.xWrite;
  methods.xWrite = write_if_room;
  file->pMethods = &methods;
  return code;
}

class SmallDisk {
 public:
  explicit SmallDisk(std::uint64_t bytes) {
    small_disk = directory.path;
    capacity = bytes;
    real = sqlite3_vfs_find(nullptr);
    bounded = *real;
    bounded.zName = "bounded";
    bounded.xOpen = open_bounded;
    sqlite3_vfs_register(&bounded, 1);
  }
  ~SmallDisk() {
    sqlite3_vfs_unregister(&bounded);
    sqlite3_vfs_register(real, 1);
  }
  StoreDirectory directory;
};

}  // namespace

TEST_CASE("On a full disk events wait in Net2, alarms go through, and all goes on by itself",
          "[store][full]") {
  constexpr std::uint64_t small = 3 << 20;
  SmallDisk disk(small);
  SetClock clock;
  SpaceOptions space;
  space.reserve = 512 * 1024;
  space.floor = 128 * 1024;
  SECTION("seen before it hurts") {
    space.free_bytes = [](const std::filesystem::path&) {
      const auto taken = used();
      return taken < capacity ? capacity - taken : 0;
    };
  }
  SECTION("noticed by a failed write") {
    space.floor = 0;
    space.free_bytes = [](const std::filesystem::path&) { return std::uint64_t{1} << 40; };
  }
  auto store = open_store(disk.directory.path, clock, space);

  std::int64_t last = 0;
  Result<std::size_t> answer{std::size_t{0}};
  for (; last < 100'000; last += 50) {
    answer = ask(store->commit_events(events(last + 1, last + 50)));
    if (!answer) break;
  }
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == Errc::storage_full);
  CHECK(get(store->event_cursor(hq)).high.value() == last);
  CHECK(get(store->outbox_report()).pending[1] == static_cast<std::uint64_t>(last));

  // What only we know of goes into the reserve; what can be had again does not.
  CHECK(ask(store->append({message(Lane::alarm, "a")})).ok());
  CHECK(ask(store->append({message(Lane::telemetry, "t", 100'000)})).ok() == false);
  const auto rows = get(store->read_outbox(Lane::access, 0, 10, 1 << 20));
  REQUIRE(rows.size() == 10);
  CHECK(ask(store->settle({{rows[0].row, rows[8].row}})).ok());
  CHECK(ask(store->park(rows[9].row, "refused", "")).ok());

  // An alarm among the events is told; the cursor stays, so that the others are read again.
  EventCommit mixed = events(last + 1, last + 400);
  mixed.events[100].event.type = door_forced_event;
  const auto refused = ask(store->commit_events(mixed));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::storage_full);
  CHECK(get(store->event_cursor(hq)).high.value() == last);
  const auto alarms = waiting(*store, Lane::alarm);
  REQUIRE(alarms.size() == 4);  // the alert, the parked row's gap and alert, the door
  CHECK(member(alarms.back().payload, "kind") == "door_forced");

  // Room again: the same events come, and the alarm is not told twice.
  capacity = 64ULL << 20;
  CHECK(get(store->commit_events(mixed)) == 399);
  CHECK(waiting(*store, Lane::alarm).size() == 4);
  CHECK(std::filesystem::file_size(disk.directory.path / "reserve") == space.reserve);
  const auto all = waiting(*store, Lane::access);
  CHECK(all.front().sequence == 11);
  CHECK(all.back().sequence == static_cast<std::uint64_t>(last) + 399);
  CHECK(all.size() == static_cast<std::size_t>(last) + 399 - 10);
}

TEST_CASE("On a full disk a thousand sign-ins are kept before their doors are moved", "[store][full]") {
  constexpr std::uint64_t small = 20 << 20;
  SmallDisk disk(small);
  SetClock clock;
  SpaceOptions space;  // the reserve that is shipped
  space.free_bytes = [](const std::filesystem::path&) {
    const auto taken = used();
    return taken < capacity ? capacity - taken : 0;
  };
  bool seen = true;
  SECTION("seen before it hurts") {}
  SECTION("noticed by a failed write") {
    seen = false;
    space.floor = 0;
    space.free_bytes = [](const std::filesystem::path&) { return std::uint64_t{1} << 40; };
  }
  auto store = open_store(disk.directory.path, clock, space);
  Result<void> filled;
  for (int i = 0; filled.ok(); ++i) {
    filled = ask(store->append({message(Lane::telemetry, "t" + std::to_string(i), 20'000)}));
  }
  REQUIRE(filled.error().code == Errc::storage_full);
  const auto waiting_before = get(store->outbox_report()).pending[index_of(Lane::telemetry)];

  // As large as they are: a visitor with a trace of every check, two doors, and the facts behind it.
  const auto sign_in = [](int number) {
    AccessBegin begin = begin_of("D" + std::to_string(10'000 + number));
    begin.decision->trace = "[" + std::string(900, ' ') + "]";
    begin.basis = std::string(400, 'b');
    begin.intents.push_back(begin.intents[0]);
    begin.intents.back().door = back;
    begin.audit[0].detail = "{" + std::string(200, ' ') + "}";
    begin.messages = {message(Lane::access, begin.decision->id, 1500)};
    return begin;
  };
  constexpr int promised = 1000;
  int kept = 0;
  while (kept < promised && ask(store->begin_access(sign_in(kept))).ok()) ++kept;
  CHECK(kept == promised);
  CHECK(get(store->open_intents()).size() == 2 * static_cast<std::size_t>(promised));
  CHECK(get(store->decisions(Instant{}, "D10500")).size() == 499);
  CHECK_FALSE(get(store->verify_audit()).first_broken);
  CHECK(get(store->outbox_report()).pending[index_of(Lane::access)] == static_cast<std::uint64_t>(promised));
  CHECK(get(store->outbox_report()).pending[index_of(Lane::telemetry)] <= waiting_before);
  // How they went can be kept as well.
  AccessEnd end = end_of(sign_in(0));
  end.doors = {front, back};
  CHECK(ask(store->end_access(end)).ok());
  if (seen) {  // what can wait is refused all the while
    CHECK_FALSE(ask(store->note({audit_entry("config.reload")}, {})).ok());
    CHECK_FALSE(ask(store->append({message(Lane::telemetry, "t", 20'000)})).ok());
  }

  capacity = 256ULL << 20;
  CHECK(ask(store->note({audit_entry("config.reload")}, {})).ok());
  CHECK(std::filesystem::file_size(disk.directory.path / "reserve") == space.reserve);
}

TEST_CASE("On a full disk Net2's own lockdown is heard of at once", "[store][full]") {
  constexpr std::uint64_t small = 3 << 20;
  SmallDisk disk(small);
  SetClock clock;
  SpaceOptions space;
  space.reserve = 512 * 1024;
  space.floor = 128 * 1024;
  space.free_bytes = [](const std::filesystem::path&) {
    const auto taken = used();
    return taken < capacity ? capacity - taken : 0;
  };
  auto store = open_store(disk.directory.path, clock, space);
  Hearer hearer;
  store->tell_changes(hearer);
  std::int64_t last = 0;
  while (ask(store->commit_events(events(last + 1, last + 50)))) last += 50;
  EventCommit mixed = events(last + 1, last + 50);
  mixed.events[7].event.type = 590;
  const auto refused = ask(store->commit_events(mixed));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::storage_full);
  CHECK(hearer.lockdown == std::vector<std::pair<IntegrationId, bool>>{{hq, true}});
  CHECK(get(store->access_state()).net2_lockdown == std::set{hq});
  CHECK(get(store->event_cursor(hq)).high.value() == last);
}

TEST_CASE("On a full disk a store whose people have no keys yet opens, and asks for everybody",
          "[store][full][registry]") {
  SmallDisk disk(256 << 20);
  SetClock clock;
  SpaceOptions space;
  space.reserve = 512 * 1024;
  space.floor = 0;
  space.free_bytes = [](const std::filesystem::path&) { return std::uint64_t{1} << 40; };
  auto store = open_store(disk.directory.path, clock, space);
  std::vector<RecordFate> fates;
  for (int number = 1; number <= 300; ++number)
    fates.push_back(fate(number, "Person" + std::to_string(number)));
  get(store->apply(pass(std::move(fates))));
  RegistryAsk ask;
  ask.keys = {identity_keys(*fate(7, "Person7").facts, unicode_fold()).name};
  REQUIRE(get(store->registry_ids(hq, ask)).size() == 1);
  store.reset();
  {
    Database db(disk.directory.path / "gatehouse.db");
    db.script("UPDATE person SET name_key = 0, email_key = 0; DELETE FROM meta WHERE key = 'identity_keys'");
  }
  capacity = used();
  store = open_store(disk.directory.path, clock, space);
  CHECK(get(store->registry_ids(hq, ask)).size() == 300);
  store.reset();

  capacity = 256 << 20;
  store = open_store(disk.directory.path, clock, space);
  CHECK(get(store->registry_ids(hq, ask)).size() == 1);
}
