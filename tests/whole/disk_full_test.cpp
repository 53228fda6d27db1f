// A full disk, on a real filesystem of its own.
#include <filesystem>
#include <fstream>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

/// An ext4 of some megabytes, mounted in the test's folder; unmounted at the end.
class SmallDisk {
 public:
  SmallDisk(const std::string& dir, int megabytes) : path_(dir + "/disk") {
    const auto image = dir + "/disk.img";
    std::ofstream(image).close();
    std::filesystem::resize_file(image, static_cast<std::uintmax_t>(megabytes) << 20);
    std::filesystem::create_directories(path_);
    if (run({"mkfs.ext4", "-q", "-m", "0", image}).status != 0) return;
    mounted_ = run({"mount", "-o", "loop", image, path_}).status == 0;
  }
  ~SmallDisk() {
    if (!mounted_) return;
    // The daemon of the test is gone before its disk; whatever still holds it lets go at its end.
    if (umount(path_.c_str()) != 0) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }
  void fill() const {
    std::ofstream out(path_ + "/ballast", std::ios::binary);
    const std::string block(65'536, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
    out.close();
    // The last crumbs too: what is left after the big blocks is room for a small transaction.
    std::ofstream crumbs(path_ + "/crumbs", std::ios::binary);
    while (crumbs.write(block.data(), 512).flush()) {
    }
  }
  void make_room() const {
    std::filesystem::remove(path_ + "/ballast");
    std::filesystem::remove(path_ + "/crumbs");
  }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST_CASE("A full disk: the daemon lives, alarms go out, and it goes on by itself when there is room",
          "[heavy][disk]") {
  const TempDir dir;
  const SmallDisk disk(dir.path(), 48);
  if (!disk.mounted()) {
    WARN("SKIPPED: a loop filesystem cannot be mounted here (root and /dev/loop are needed)");
    return;
  }
  House house({.people = 30, .doors = 4, .state_dir = disk.path() + "/state"});
  house.gateway.site().outbox = "{max_bytes: 32MiB, min_free: 4MiB}";
  house.gateway.write_config();
  house.start_and_import();
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(100);
  REQUIRE(house.all_events_out(15s, first));

  // Quiet first: what is written while the disk fills makes the daemon give up its reserve to the filler.
  REQUIRE(eventually(15s, [&] { return house.gateway.outbox("pending") == 0; }));
  disk.fill();
  house.net2.swipes(500);
  house.net2.act("event", R"({"event_type":93})");
  const auto alarms = [](const Ledger& ledger) { return ledger.count("alarm"); };
  const bool heard = house.recorder.wait(20s, [&](const Ledger& ledger) { return alarms(ledger) >= 1; });
  const auto space = std::filesystem::space(disk.path());
  INFO(house.gateway.log() << json::serialize(json::value(house.gateway.integration()))
                           << "\nfree bytes: " << space.available);
  CHECK(heard);
  CHECK(house.gateway.running());
  CHECK_FALSE(house.gateway.status().empty());

  SECTION("with the broker there") {}
  SECTION("and the broker away: what had to be dropped is named") {
    house.broker.stop();
    house.net2.swipes(2'000);
    house.net2.act("event", R"({"event_type":93})");
    CHECK(eventually(5s, [&] { return house.gateway.running(); }));
    house.broker.start();
  }
  disk.make_room();
  const auto after = house.net2.last_event() + 1;
  house.net2.swipes(50);
  INFO(house.gateway.log());
  CHECK(house.all_events_out(30s, after));
  CHECK(house.state_becomes("active", 30s));
  // Nothing is missing that no gap names: Net2 still had what could not be stored.
  CHECK(lines(house.recorder.ledger().broken()).empty());
  CHECK(house.gateway.stop(5s) == 0);
}

TEST_CASE("An outbox over its quota gives up its oldest, and says exactly what", "[disk][quota]") {
  House house({.people = 10, .doors = 2, .sim_arguments = {"--plain"}});
  house.gateway.site().outbox = "{max_bytes: 1MiB, min_free: 1MiB}";
  house.gateway.write_config();
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  house.broker.stop();
  house.net2.act("event", R"({"event_type":93})");  // an alarm, the oldest of all
  house.net2.swipes(8'000);
  REQUIRE(eventually(40s, [&] { return house.gateway.outbox("bytes") > 700'000; }));
  const auto last = house.net2.last_event();
  REQUIRE(eventually(40s, [&] {
    const auto events = house.gateway.json({"events"});
    return house.gateway.log().find("quota") != std::string::npos || !events.empty();
  }));
  house.broker.start();
  REQUIRE(house.recorder.wait(40s, [&](const Ledger& ledger) {
    const auto came = ledger.events("net2-hq");
    return std::ranges::find(came, last) != came.end();
  }));
  const auto ledger = house.recorder.ledger();
  CHECK(ledger.count("gap") > 0);
  CHECK(ledger.count("alarm") == 1);
  CHECK(ledger.events("net2-hq").size() < 8'001);
  CHECK(lines(ledger.broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
