// The state as a file, from outside: damaged and salvaged, copied and brought back (issue 5, point 7;
// reliability D10, decisions/0010).
#include <filesystem>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

constexpr std::uintmax_t page = 4096;

struct Kept : AccessHouse {
  Kept() {
    ada = add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
    start_and_import();
    REQUIRE(becomes("active"));
    REQUIRE(told("person.upserted", 1));
    REQUIRE(comes_up());
    id = person_id(ada);
  }
  std::string epoch() const {
    return deep(recorder.ask([](const Ledger& l) { return l.last("/up/state"); }), "data.epoch");
  }
  bool comes_up() {
    return recorder.wait(15s,
                         [](const Ledger& l) { return !deep(l.last("/up/state"), "data.epoch").empty(); });
  }
  /// Started anew, and told to the cloud.
  void begin() {
    const auto before = epoch();
    gateway.start();
    REQUIRE(eventually(15s, [&] { return !epoch().empty() && epoch() != before; }));
  }
  /// Events at the doors, all of which the cloud has when this returns.
  void swipes(int count) {
    const auto first = net2.last_event() + 1;
    net2.swipes(count);
    REQUIRE(all_events_out(30s, first));
  }
  /// What waits to be accepted. The command says so by its exit status.
  json::object salvage() const {
    CHECK(gateway.ask({"salvage", "show"}).status == 3);
    return gateway.json({"salvage", "show"});
  }
  std::string reason() {
    const auto answer = call("access.sign_in", sign_in({{"id", id}}));
    const auto why = deep(answer, "result.decision.reason");
    return why.empty() ? text(answer) : why;
  }
  std::string database() const { return gateway.state_dir() + "/gatehouse.db"; }
  std::set<std::string> streams() const {
    return recorder.ask([](const Ledger& ledger) {
      std::set<std::string> found;
      for (const auto& fact : ledger.facts()) {
        if (!fact.stream.empty()) found.insert(fact.stream);
      }
      return found;
    });
  }
  int ada = 0;
  std::string id;
};

/// Bytes that no program has written, some way into a page (from 0).
void scratch(const std::string& path, std::uintmax_t number) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(number * page + 1000));
  file.write("scratched by a test", 19);
  REQUIRE(file.good());
}

TEST_CASE("D10: a damaged store is salvaged, and no door opens until somebody has accepted it",
          "[state][access]") {
  Kept house;
  REQUIRE(house.reason() == "employee");
  const auto opened = house.opens();
  house.swipes(20);
  const auto streams = house.streams();
  REQUIRE(house.gateway.stop() == 0);

  // The first page holds where all tables begin.
  scratch(house.database(), 0);
  house.begin();
  const auto report = house.salvage();
  INFO(text(report) << house.gateway.log());
  REQUIRE(report.at("salvage").is_object());
  CHECK(std::filesystem::is_directory(text_at(report.at("salvage").as_object(), "quarantine")));
  CHECK_FALSE(text_at(report, "locked_down").empty());
  CHECK(house.person(key_of(house.ada)).at("first_name") == "Ada");
  REQUIRE(house.becomes("active"));
  // For some seconds commands are refused that may have been issued before: which were used up is forgotten.
  CHECK(eventually(15s, [&] { return house.reason() == "lockdown"; }));
  const auto door = house.call("door.open", {{"door", front_door}, {"reason", "a parcel"}});
  CHECK_FALSE(flag_at(door, "ok"));
  CHECK(house.opens() == opened);
  CHECK(house.alerts("store", "raised") == 1);

  // Killed before anybody has looked, it is as shut as before.
  house.gateway.kill();
  house.begin();
  CHECK(house.reason() == "lockdown");

  const auto accepted = house.gateway.ask({"salvage", "accept"});
  INFO(accepted.err);
  REQUIRE(accepted.status == 0);
  CHECK(house.gateway.ask({"salvage", "show"}).status == 0);
  CHECK(eventually(30s, [&] { return house.reason() == "employee"; }));
  CHECK(house.opens() > opened);
  CHECK(eventually(15s, [&] { return house.alerts("store", "over") >= 1; }));
  // The numbering is another one, and each is whole in itself.
  CHECK(house.streams().size() == streams.size() + 1);
  CHECK(lines(house.recorder.ledger().broken()) == "");
  CHECK(lines(house.recorder.ledger().faults()) == "");
}

TEST_CASE("D10: what is damaged beside the doors costs rows and no lockdown", "[state][access]") {
  Kept house;
  house.swipes(2000);
  REQUIRE(house.gateway.stop() == 0);
  // The last pages are the youngest: history.
  const auto pages = std::filesystem::file_size(house.database()) / page;
  scratch(house.database(), pages - 3);
  house.begin();
  const auto report = house.salvage();
  INFO(text(report) << house.gateway.log());
  REQUIRE(report.at("salvage").is_object());
  CHECK(report.at("locked_down").is_null());
  REQUIRE(house.becomes("active"));
  CHECK(eventually(30s, [&] { return house.reason() == "employee"; }));
  // What has not come is named, or came before; the cloud can prove that nothing is missing.
  CHECK(lines(house.recorder.ledger().broken()) == "");
}

TEST_CASE("A backup brings the state back, and lets nobody in before Net2 was read anew", "[state][access]") {
  Kept house;
  const std::string file = house.dir / "gatehouse.backup";
  const auto made = house.gateway.ask({"backup", file});
  INFO(made.err);
  REQUIRE(made.status == 0);
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(house.gateway.ask({"backup", file}).status == 1);  // never over another file
  const auto places = [&](Argv verb) {
    verb.insert(verb.end(),
                {"--config", house.gateway.config_path(), "--state-dir", house.gateway.state_dir()});
    return house.gateway.ask(verb);
  };
  CHECK(places({"restore", file}).status == 1);  // while the daemon runs

  house.swipes(50);
  const auto streams = house.streams();
  const auto events = house.recorder.ledger().events("net2-hq").size();
  REQUIRE(house.gateway.stop() == 0);
  // The disk is new.
  for (const auto& entry : std::filesystem::directory_iterator(house.gateway.state_dir()))
    std::filesystem::remove_all(entry.path());
  const auto restored = places({"restore", file});
  INFO(restored.out << restored.err);
  REQUIRE(restored.status == 0);

  const auto net2_port = house.gateway.site().net2_port;
  house.gateway.site().net2_port = free_port();
  house.configure();
  house.begin();
  CHECK(house.person_id(house.ada) == house.id);
  CHECK(house.reason() != "employee");
  house.gateway.site().net2_port = net2_port;
  CHECK(house.reload().empty());
  CHECK(eventually(60s, [&] { return house.reason() == "employee"; }));
  CHECK(house.gateway.ask({"salvage", "accept"}).status == 0);
  // Events since the backup are told again, as the facts that they are, under another numbering.
  CHECK(eventually(15s, [&] { return house.streams().size() == streams.size() + 1; }));
  CHECK(eventually(15s, [&] { return house.recorder.ledger().events("net2-hq").size() > events; }));  // Ada's
  const auto faults = house.recorder.ask([](const Ledger& ledger) { return ledger.faults(); });
  for (const auto& fault : faults) {
    INFO(fault);
    CHECK(fault.ends_with("this id came before with another content"));  // its number and stream
  }
}

}  // namespace
}  // namespace gatehouse::whole
