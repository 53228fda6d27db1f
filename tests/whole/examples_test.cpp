// The examples that the cloud's people copy from (packaging/examples): they work as they stand.
#include <algorithm>
#include <csignal>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

const std::string examples = std::string(GATEHOUSE_SOURCE_DIR) + "/packaging/examples/";
constexpr auto root = "gatehouse/v1/acme/hq-01";

/// How an example finds the broker: as a client of its own, with the certificate of the tests' watcher.
Argv with_broker(const std::string& example, int port) {
  const auto& made = test_certificates();
  return {examples + example,
          "--host",
          "localhost",
          "--port",
          std::to_string(port),
          "--ca",
          made + "/ca.pem",
          "--cert",
          made + "/watcher.pem",
          "--key",
          made + "/watcher.key",
          "--root",
          root};
}

TEST_CASE("The example consumer keeps every fact once over kill -9, and sees a hole", "[examples]") {
  House house({.people = 60, .doors = 4});
  const auto store = house.dir / "facts.sqlite", log = house.dir / "consumer.log";
  auto argv = with_broker("consumer.py", house.broker.port());
  argv.insert(argv.end(), {"--store", store});
  const auto heard = [&](std::size_t times) {
    return eventually(20s, [&] {
      const auto said = read_file(log);
      std::size_t found = 0;
      for (auto at = said.find("listening"); at != std::string::npos; at = said.find("listening", at + 1))
        ++found;
      return found >= times;
    });
  };
  const auto ask = [&](const std::string& sql) { return run({"sqlite3", store, sql}).out; };
  auto consumer = std::make_unique<Process>(argv, log);
  REQUIRE(heard(1));
  house.gateway.start();
  // In the middle of the first import it dies; what comes meanwhile waits at the broker.
  REQUIRE(eventually(20s, [&] { return std::stoi("0" + ask("SELECT count(*) FROM fact")) >= 5; }));
  consumer->kill();
  REQUIRE(house.state_becomes("active"));
  house.net2.swipes(40);
  REQUIRE(house.all_events_out(20s));
  consumer = std::make_unique<Process>(argv, log);
  REQUIRE(heard(2));
  std::uint64_t published = 0;
  for (const auto& fact : house.recorder.ledger().facts())
    if (fact.lane == "access") published = std::max(published, fact.sequence);
  REQUIRE(published >= 40);
  INFO(read_file(log));
  CHECK(eventually(20s, [&] {
    return ask("SELECT count(*), max(sequence) FROM fact WHERE lane = 'access'") ==
           std::to_string(published) + "|" + std::to_string(published) + "\n";
  }));
  consumer->signal(SIGTERM);
  CHECK(consumer->exit_status(10s) == 0);
  const auto whole = run({examples + "consumer.py", "--report", "--store", store});
  INFO(whole.out << whole.err);
  CHECK(whole.status == 0);
  CHECK(whole.out.find("none missing") != std::string::npos);
  // It says so when one is missing, and not any more when a gap names it.
  ask("DELETE FROM fact WHERE lane = 'access' AND sequence = 3");
  const auto holed = run({examples + "consumer.py", "--report", "--store", store});
  CHECK(holed.status == 3);
  CHECK(holed.out.find("MISSING 3 to 3") != std::string::npos);
  ask("INSERT INTO gap SELECT source, stream, lane, 3, 3, 'test' FROM fact WHERE lane = 'access' LIMIT 1");
  CHECK(run({examples + "consumer.py", "--report", "--store", store}).status == 0);
}

TEST_CASE("The example command makes a key, opens a door once, and tells a refusal", "[examples]") {
  AccessHouse house;
  house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  const auto key = house.dir / "signing.json";
  const auto made = run({examples + "command.py", "--new-key", "example", "--scopes",
                         R"([{"cmd":"door.open","doors":["net2-hq/6203980"]},{"cmd":"status.get"}])",
                         "--signing-key", key});
  INFO(made.err);
  REQUIRE(made.status == 0);
  write_file(house.dir / "command-keys.json", made.out);
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  const auto command = [&](const std::string& name, const std::string& args) {
    auto argv = with_broker("command.py", house.broker.port());
    argv.insert(argv.end(), {"--signing-key", key, name, args});
    return run(argv, {}, 60s);
  };
  const auto before = house.opens();
  const auto opened = command("door.open", R"({"door":"net2-hq/6203980","reason":"example"})");
  INFO(opened.out << opened.err << house.gateway.log());
  CHECK(opened.status == 0);
  CHECK(flag_at(json::parse(opened.out).as_object(), "ok"));
  CHECK(house.opens() == before + 1);
  const auto refused = command("door.close", R"({"door":"net2-hq/6203980","reason":"example"})");
  CHECK(refused.status == 1);
  CHECK(deep(json::parse(refused.out).as_object(), "error.code") == "out_of_scope");
  CHECK(command("status.get", "{}").status == 0);
}

}  // namespace
}  // namespace gatehouse::whole
