// `gatehouse watch` before a person: on a real terminal, and without one.

#include <algorithm>
#include <cstdlib>
#include <set>

#include <catch2/catch.hpp>
#include <signal.h>

#include "tests/whole/house.hpp"
#include "tests/whole/temp_dir.hpp"
#include "tests/whole/terminal.hpp"

namespace gatehouse::whole {
namespace {

const std::string id_is = "\"event_id\":\"";

std::string watch(const House& house) {
  return program("gatehouse") + " watch --bus " + house.bus.address();
}

std::size_t lines_of(const std::string& screen) {
  return static_cast<std::size_t>(std::ranges::count(screen, '\n'));
}

TEST_CASE("Watch shows the gateway on 80x24, follows what happens, and gives the terminal back", "[watch]") {
  House house({.people = 20, .doors = 2});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const RealTerminal terminal(house.dir.path());
  terminal.type("stty -a > before; clear; echo here I was");
  REQUIRE(terminal.shows("here I was"));

  terminal.type(watch(house));
  REQUIRE(terminal.shows("q quits"));
  CHECK(terminal.says("alternate_on") == "1");
  CHECK(terminal.says("cursor_flag") == "0");
  CHECK(terminal.shows("All is well."));
  CHECK(terminal.shows("net2-hq  active"));
  CHECK(terminal.shows("0 messages waiting"));
  CHECK(lines_of(terminal.screen()) == 24);
  CHECK(terminal.screen().find("here I was") == std::string::npos);

  // Newer than a second, without a key.
  house.net2.swipes(1);
  const auto swiped = Clock::now();
  CHECK(terminal.shows("net2-hq/6203980", 5s));
  CHECK(Clock::now() - swiped < 3s);  // the poll and tmux have their share
  house.broker.stop();
  CHECK(terminal.shows("! the cloud is not connected"));
  CHECK(terminal.shows("NOT connected"));

  terminal.resize(130, 40);
  CHECK(eventually(
      5s, [&] { return lines_of(terminal.screen()) == 40 && terminal.screen().find("q quits") > 80; }));
  terminal.resize(50, 12);
  CHECK(eventually(5s, [&] {
    const auto now = terminal.screen();
    return lines_of(now) == 12 && now.find("q quits") != std::string::npos && now.find("q quits") < 50;
  }));
  terminal.resize(80, 24);

  // The daemon goes and comes back; the screen stays.
  house.gateway.stop();
  CHECK(terminal.shows("! gatehoused is not on the bus"));
  house.gateway.launch();
  CHECK(terminal.shows("! the cloud is not connected", 15s));

  const std::string end = GENERATE("q", "C-c", "TERM");
  if (end == "TERM") {
    const auto shell = terminal.says("pane_pid");
    auto child = read_file("/proc/" + shell + "/task/" + shell + "/children");
    REQUIRE(std::atoi(child.c_str()) > 0);
    kill(std::atoi(child.c_str()), SIGTERM);
  } else {
    terminal.press(end);
  }
  CHECK(terminal.shows("here I was"));
  CHECK(terminal.says("alternate_on") == "0");
  CHECK(terminal.says("cursor_flag") == "1");
  terminal.type("stty -a > after; cmp before after && echo just as it was");
  CHECK(terminal.shows("\njust as it was"));
}

TEST_CASE("Status with ten integrations fits a screen of 80x24, trouble first", "[watch][status]") {
  House house({.people = 5, .doors = 1});
  auto& more = house.gateway.site().integrations;
  for (int i = 1; i < 10; ++i) {
    const auto id = "net2-x" + std::to_string(i);
    more += "  - id: " + id + "\n    name: Site number " + std::to_string(i) +
            "\n    kind: net2\n    enabled: true\n    url: https://127.0.0.1:" + std::to_string(i) +
            "\n    username: u\n    password: "
            "{file: " +
            house.dir.path() + "/gateway/password}\n    client_id: {file: " + house.dir.path() +
            "/gateway/client_id}\n    timezone: Europe/London\n    tls: {ca: " + test_certificates() +
            "/ca.pem}\n    sync: {groups: {Staff: employee}, site: {default: hq}}\n";
  }
  house.gateway.write_config();
  house.gateway.start();
  REQUIRE(eventually(20s, [&] { return house.gateway.state("net2-x9") == "unreachable"; }));
  const RealTerminal terminal(house.dir.path());
  terminal.type("clear; " + program("gatehouse") + " status --bus " + house.bus.address());
  REQUIRE(terminal.shows("net2-x9  "));
  const auto screen = terminal.screen();
  INFO(screen);
  CHECK(screen.starts_with("Gatehouse "));  // nothing has scrolled away
  const auto trouble = screen.find("\n! ");
  const auto cure = screen.find("\n  → ");
  CHECK(trouble < cure);
  CHECK(cure < screen.find("\nCloud "));
  CHECK(screen.find("more: gatehouse doctor") != std::string::npos);
  for (int i = 1; i < 10; ++i) CHECK(screen.find("\nnet2-x" + std::to_string(i)) != std::string::npos);
}

TEST_CASE("Watch without a terminal says each change in a line, and once as a document", "[watch]") {
  House house({.people = 5, .doors = 1});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto document = house.gateway.json({"watch"});
  CHECK(text_at(document.at("status").as_object(), "gateway") == "acme/hq-01");
  for (const auto* list : {"events", "decisions", "issues"}) CHECK(document.at(list).is_array());

  Process follower({program("gatehouse"), "watch", "--bus", house.bus.address()}, house.dir / "watch.log");
  const auto said = [&](const std::string& words) {
    return eventually(10s, [&] { return follower.said().find(words) != std::string::npos; });
  };
  CHECK(said("acme/hq-01: cloud connected, 0 waiting, net2-hq active\n"));
  house.broker.stop();
  CHECK(said("acme/hq-01: cloud NOT connected"));
  house.gateway.stop();
  CHECK(said("gatehoused is not on the bus"));
  CHECK(follower.said().find('\x1b') == std::string::npos);
  follower.signal(SIGTERM);
  CHECK(follower.exit_status(5s) == 128 + SIGTERM);
  CHECK(house.gateway.ask({"watch"}).status == 4);
}

TEST_CASE("Following hears of news within a second, and goes on when the daemon is back", "[watch][cli]") {
  House house({.people = 5, .doors = 1});
  house.start_and_import();
  Process follower({program("gatehouse"), "events", "--follow", "--json", "--bus", house.bus.address()},
                   house.dir / "follow.log");
  const auto ids = [&] {
    const auto said = follower.said();
    std::vector<std::string> found;
    for (auto at = said.find(id_is); at != std::string::npos; at = said.find(id_is, at + 1)) {
      const auto from = at + id_is.size();
      found.push_back(said.substr(from, said.find('"', from) - from));
    }
    return found;
  };
  const auto count = [&] { return ids().size(); };
  house.net2.swipes(1);
  REQUIRE(eventually(10s, [&] { return count() >= 1; }));
  // From here on it waits for the daemon's word. The live feed is part of the way.
  for (int i = 0; i < 5; ++i) {
    const auto before = count();
    house.net2.swipes(1);
    const auto swiped = Clock::now();
    REQUIRE(eventually(5s, [&] { return count() > before; }));
    CHECK(Clock::now() - swiped < 1s);
  }
  const auto before = count();
  const auto first = house.net2.last_event() + 1;
  house.gateway.kill();
  CHECK(
      eventually(10s, [&] { return follower.said().find("waiting until it is back") != std::string::npos; }));
  house.net2.swipes(3);
  house.gateway.start();
  // Those that happened meanwhile, and the new daemon's own sign-in to Net2.
  const auto has = [&](std::int64_t event) {
    return std::ranges::count(ids(), "net2-hq/1/" + std::to_string(event)) == 1;
  };
  CHECK(eventually(15s, [&] { return has(first) && has(first + 1) && has(first + 2); }));
  house.net2.swipes(1);
  const auto last = house.net2.last_event();
  CHECK(eventually(5s, [&] { return has(last); }));
  const auto all = ids();
  CHECK(std::set(all.begin(), all.end()).size() == all.size());
  CHECK(all.size() >= before + 4);
  CHECK(follower.running());
}

}  // namespace
}  // namespace gatehouse::whole
