// The daemon as systemd and an operator meet it: start, stop, reload, refusal.
#include <fstream>

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/whole/house.hpp"
#include "tests/whole/notify_socket.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE("gatehoused --check tells a good configuration from a bad one by its exit status",
          "[life][config]") {
  House house({.people = 1, .doors = 1});
  const auto check = [&] {
    return run({program("gatehoused"), "--check", "--config", house.gateway.config_path(), "--state-dir",
                house.gateway.state_dir()});
  };
  const auto good = check();
  INFO(good.err << good.out);
  CHECK(good.status == 0);

  const auto text = read_file(house.gateway.config_path());
  write_file(house.gateway.config_path(),
             text + "gatway: {}\nretention: {evnts: 90d, decisions: 5 parsecs}\n");
  const auto bad = check();
  CHECK(bad.status == 78);
  const auto said = bad.err + bad.out;
  for (const auto* word : {"gatway", "gateway", "evnts", "events", "parsecs"}) {
    INFO(said);
    CHECK(said.find(word) != std::string::npos);
  }
  house.gateway.launch();
  CHECK(house.gateway.process().exit_status(5s) == 78);
}

TEST_CASE("A reload takes a good file and keeps the last good one against a bad one", "[life][config]") {
  House house({.people = 5, .doors = 1});
  house.start_and_import();
  const auto config = [&] { return house.gateway.status().at("config").as_object(); };
  const auto revision = text_at(config(), "revision");
  const auto good = read_file(house.gateway.config_path());

  write_file(house.gateway.config_path(), good + "nonsense: 1\n");
  const auto refused = house.gateway.ask({"config", "reload"});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("nonsense") != std::string::npos);
  CHECK(text_at(config(), "revision") == revision);
  CHECK_FALSE(config().at("reload_error").is_null());
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(5);
  CHECK(house.all_events_out(10s, first));

  write_file(house.gateway.config_path(), good + "retention: {events: 30d}\n");
  house.gateway.process().signal(SIGHUP);
  CHECK(eventually(10s, [&] { return text_at(config(), "revision") != revision; }));
  CHECK(config().at("reload_error").is_null());
  const auto shown = house.gateway.ask({"config", "show", "--effective"});
  CHECK(shown.status == 0);
  CHECK(shown.out.find("30d") != std::string::npos);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("No state leaves out an integration, not even the first", "[life]") {
  House house({.people = 5, .doors = 1});
  house.start_and_import();
  REQUIRE(house.recorder.wait(10s, [](const Ledger& ledger) { return ledger.count("state") >= 2; }));
  for (const auto& fact : house.recorder.ledger().of("state")) {
    CHECK(fact.data().at("integrations").as_array().size() == 1);
  }
}

TEST_CASE("SIGTERM ends the daemon within three seconds, with a farewell", "[life]") {
  House house({.people = 20, .doors = 2});
  house.start_and_import();
  SECTION("when all is well") {
    CHECK(house.gateway.stop(3s) == 0);
    CHECK(house.recorder.wait(5s, [](const Ledger& ledger) {
      const auto state = ledger.last("/up/state");
      return state.contains("data") && !state.at("data").as_object().at("online").as_bool();
    }));
  }
  SECTION("when the broker is away and Net2 is silent") {
    house.broker.stop();
    house.net2.fault(R"({"kind":"silence"})");
    house.net2.fault(R"({"kind":"black_hole"})");
    REQUIRE(house.state_becomes("unreachable"));
    CHECK(house.gateway.stop(3s) == 0);
  }
}

TEST_CASE("The last will says that a killed daemon is offline", "[life]") {
  House house({.people = 5, .doors = 1});
  house.start_and_import();
  house.gateway.kill();
  CHECK(house.recorder.wait(15s, [](const Ledger& ledger) {
    const auto state = ledger.last("/up/state");
    return state.contains("data") && !state.at("data").as_object().at("online").as_bool();
  }));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("systemd hears READY, STATUS, WATCHDOG, RELOADING and STOPPING", "[life][systemd]") {
  House house({.people = 5, .doors = 1});
  NotifySocket socket(house.dir / "notify");
  house.broker.stop();
  house.net2.fault(R"({"kind":"stop_listening"})");
  house.gateway.env() = {{"NOTIFY_SOCKET", socket.path()}, {"WATCHDOG_USEC", "1000000"}};
  house.gateway.launch();
  // Ready is the store and the settings, not the network.
  CHECK(socket.hears("READY=1", 5s));
  CHECK(socket.hears("WATCHDOG=1", 3s));
  CHECK(socket.hears("WATCHDOG=1", 3s));
  CHECK(socket.said().find("STATUS=") != std::string::npos);
  house.gateway.process().signal(SIGHUP);
  CHECK(socket.hears("RELOADING=1", 5s));
  CHECK(socket.hears("READY=1", 5s));
  house.gateway.process().signal(SIGTERM);
  CHECK(socket.hears("STOPPING=1", 3s));
  CHECK(house.gateway.process().exit_status(5s) == 0);
}

TEST_CASE("A second daemon on the same store is refused in plain words", "[life]") {
  House house({.people = 5, .doors = 1});
  house.start_and_import();
  Gateway second(
      {.site = house.gateway.site(), .dir = house.dir / "second", .state_dir = house.gateway.state_dir()});
  second.site().bus = "none";
  second.write_config();
  second.launch();
  const auto status = second.process().exit_status(10s);
  REQUIRE(status);
  CHECK(*status != 0);
  INFO(second.log());
  CHECK(second.log().find(house.gateway.state_dir()) != std::string::npos);
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(5);
  CHECK(house.all_events_out(10s, first));
}

TEST_CASE("Normal running logs no warning", "[life]") {
  House house({.people = 50, .doors = 4, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(200);
  house.net2.add_people(2);
  REQUIRE(house.all_events_out(15s, first));
  house.gateway.process().signal(SIGHUP);
  REQUIRE(eventually(10s, [&] { return !house.gateway.status().empty(); }));
  CHECK(house.gateway.stop(3s) == 0);
  const auto log = house.gateway.log();
  INFO(log);
  for (const auto* word : {"warning", "WARNING", "error:", "ERROR", "<3>", "<4>"})
    CHECK(log.find(word) == std::string::npos);
}

TEST_CASE("The command line answers with the exit statuses of the contract", "[life][cli]") {
  House house({.people = 30, .doors = 3, .sim_arguments = {"--plain"}});
  CHECK(house.gateway.ask({"status"}).status == 4);
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  for (const Argv& verb :
       {Argv{"status"}, Argv{"integration", "list"}, Argv{"integration", "show", "net2-hq"},
        Argv{"people", "list"}, Argv{"door", "list"}, Argv{"events"}, Argv{"outbox", "list"},
        Argv{"config", "show", "--effective"}}) {
    const auto readable = house.gateway.ask(verb);
    INFO(lines(verb) << readable.err);
    CHECK(readable.status == 0);
    CHECK_FALSE(readable.out.empty());
    auto as_json = verb;
    as_json.push_back("--json");
    const auto machine = house.gateway.ask(as_json);
    CHECK(machine.status == 0);
    CHECK_FALSE(house.gateway.json(verb).empty());
  }
  const auto people = house.gateway.json({"people", "list"}).at("people").as_array();
  CHECK(people.size() == 30);
  const auto id = text_at(people.at(0).as_object(), "id");
  CHECK(house.gateway.ask({"people", "show", id}).status == 0);
  CHECK(house.gateway.ask({"people", "show", "nobody"}).status == 1);
  CHECK(house.gateway.ask({"integration", "show", "nowhere"}).status == 1);
  CHECK(house.gateway.ask({"frobnicate"}).status == 2);
  CHECK(house.gateway.ask({"check", house.gateway.config_path()}).status == 0);
  write_file(house.dir / "bad.yaml", "gateway: {id: Nope Nope}\n");
  CHECK(house.gateway.ask({"check", house.dir / "bad.yaml"}).status == 1);
  CHECK(house.gateway.json({"door", "list"}).at("doors").as_array().size() == 3);
}

}  // namespace
}  // namespace gatehouse::whole
