// A backup is made while others write, and comes back with what has changed since forgotten, and no door
// opened by that.
#include <fstream>

#include "daemon/offline/state_copy.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

namespace fs = std::filesystem;

struct Kept {
  StoreDirectory directory, elsewhere;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  fs::path backup = elsewhere.path / "state.backup";
  StatePlace place{.directory = directory.path.string(), .source = "/gatehouse/acme/hq-01"};

  Kept() {
    get(store->apply(pass({fate(1, "Lovelace"), fate(2, "Hopper")})));
    get(store->save_proofs({{hq, clock.now()}}));
    get(store->commit_events(events(1, 50)));
    AccessBegin locked;
    locked.lockdown = {site_hq, true};
    get(store->begin_access(locked));
  }
  void reopen() {
    clock.ms += 60'000;
    store = open_store(directory.path, clock);
  }
};

}  // namespace

TEST_CASE("A backup that is made while the store is used is whole", "[store][backup]") {
  Kept kept;
  const auto path = get(kept.store->make_backup());
  CHECK((fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  CHECK_FALSE(fs::exists(path + "-wal"));
  CHECK_FALSE(fs::exists(path + "-seal"));
  fs::copy_file(path, kept.backup);
  const std::string stream = kept.store->stream();
  const auto ada = the_person(*kept.store, "Lovelace@example.com");
  PersonWord word;
  word.person = ada.id;
  word.admin_enabled = false;
  get(kept.store->set_person(word));
  get(kept.store->commit_events(events(51, 60)));

  SECTION("it is refused while a daemon runs") {
    const auto refused = restore_state(kept.backup.string(), kept.place, kept.clock.now());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::busy);
    CHECK(refused.error().detail.find("systemctl stop") != std::string::npos);
  }
  SECTION("restored, it is of its own time and opens nothing") {
    kept.store.reset();
    fs::permissions(kept.backup, fs::perms::owner_read);  // as one that is kept with care
    const auto restored = restore_state(kept.backup.string(), kept.place, kept.clock.now());
    REQUIRE(restored.ok());
    CHECK(fs::status(kept.directory.path / "gatehouse.db").permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(restored->source == kept.place.source);
    CHECK(fs::exists(fs::path(restored->aside) / "gatehouse.db"));
    kept.reopen();
    CHECK_FALSE(kept.store->salvaged());
    CHECK(kept.store->stream() != stream);
    CHECK(the_person(*kept.store, "Lovelace@example.com").admin_enabled);  // that was said later
    const auto state = get(kept.store->access_state());
    CHECK(state.lockdown == std::set<SiteId>{site_hq});
    CHECK(state.proofs.empty());
    CHECK(get(kept.store->command_floors()).at("*") * 1000 >= kept.clock.ms - 60'000);
    CHECK(get(kept.store->event_cursor(hq)).high == Net2EventId(50));
    CHECK_FALSE(get(kept.store->verify_audit()).first_broken);
    std::size_t old_ones = 0;
    for (const auto& row : waiting(*kept.store, Lane::access))
      old_ones += member(row.payload, "stream") == stream ? 1 : 0;
    CHECK(old_ones == 50);  // sent again as they were
    CHECK(get(kept.store->salvage_state()).report.find("made") != std::string::npos);
    const auto after = kept.store->stream();
    kept.store.reset();
    kept.reopen();
    CHECK(kept.store->stream() == after);
  }
  SECTION("nothing but a whole backup of this gateway is put in place") {
    kept.store.reset();
    const std::string what = GENERATE(values<std::string>({"cut", "flipped", "other", "live", "text"}));
    if (what == "cut") fs::resize_file(kept.backup, fs::file_size(kept.backup) / 2);
    if (what == "flipped") {
      std::fstream out(kept.backup, std::ios::in | std::ios::out | std::ios::binary);
      out.seekp(static_cast<std::streamoff>(fs::file_size(kept.backup) / 2 + 77));
      out.put('\x7f');
      out.put('\x11');
    }
    if (what == "other") kept.place.source = "/gatehouse/acme/annex";
    if (what == "live")
      fs::copy_file(kept.directory.path / "gatehouse.db", kept.backup, fs::copy_options::overwrite_existing);
    if (what == "text") std::ofstream(kept.backup, std::ios::trunc) << "no database";
    INFO(what);
    const auto refused = restore_state(kept.backup.string(), kept.place, kept.clock.now());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().detail.find("cannot be restored") != std::string::npos);
    CHECK_FALSE(fs::exists(kept.directory.path / "quarantine"));
    kept.reopen();
    CHECK(kept.store->stream() == stream);
    CHECK_FALSE(the_person(*kept.store, "Lovelace@example.com").admin_enabled);
  }
}

TEST_CASE("Without a daemon the state is copied, unless it is damaged", "[store][backup]") {
  Kept kept;
  CHECK(copy_state(kept.place, kept.backup.string(), kept.clock.now()).error().code == Errc::busy);
  kept.store.reset();
  REQUIRE(copy_state(kept.place, kept.backup.string(), kept.clock.now()).ok());
  CHECK_FALSE(copy_state(kept.place, kept.backup.string(), kept.clock.now()).ok());  // never over another
  kept.reopen();
  CHECK_FALSE(kept.store->salvaged());
  kept.store.reset();
  REQUIRE(restore_state(kept.backup.string(), kept.place, kept.clock.now()).ok());
  kept.reopen();
  CHECK(the_person(*kept.store, "Hopper@example.com").admin_enabled);
  kept.store.reset();
  fs::resize_file(kept.directory.path / "gatehouse.db",
                  fs::file_size(kept.directory.path / "gatehouse.db") / 2);
  const auto refused = copy_state(kept.place, (kept.elsewhere.path / "second").string(), kept.clock.now());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().detail.find("start gatehouse") != std::string::npos);
}
