// Health tells the truth (reliability.md S7): each loop and each thread frozen, and what looks like it and is
// not. The daemon of a test build stands still where GATEHOUSE_FREEZE_AT says (core/crash_point.hpp), and
// says when it begins.

#include <filesystem>
#include <fstream>
#include <list>
#include <regex>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <signal.h>

#include "tests/whole/house.hpp"
#include "tests/whole/loopback_http.hpp"
#include "tests/whole/notify_socket.hpp"

namespace gatehouse::whole {
namespace {

namespace json = boost::json;

/// A daemon that systemd would watch, beside others with the same Net2 server and broker.
class Watched {
 public:
  Watched(House& house, std::string frozen, int number)
      : frozen_(std::move(frozen)),
        folder_(house.dir / ("gateway" + std::to_string(number))),
        port_(free_port()),
        gateway_({.site = site(house, number), .dir = folder_}),
        socket_(folder_ + "/notify") {
    gateway_.env() = {{"NOTIFY_SOCKET", socket_.path()}, {"WATCHDOG_USEC", "30000000"}};
    if (!frozen_.empty()) gateway_.env().emplace_back("GATEHOUSE_FREEZE_AT", frozen_);
    gateway_.launch();
  }

  Gateway& gateway() { return gateway_; }
  std::string frozen() const { return frozen_.substr(0, frozen_.find(':')); }
  bool ready() { return socket_.said().find("\nREADY=1") != std::string::npos; }
  bool has_frozen() const { return gateway_.log().find("frozen: ") != std::string::npos; }
  HttpReply health() const { return http_get(port_, "/health", 1s); }
  void listen() { socket_.listen(MSG_DONTWAIT); }

  std::optional<Clock::time_point> frozen_at, ill_at;
  std::string late;  ///< when it was found ill
  Clock::time_point fed() const { return socket_.fed(); }

 private:
  Site site(House& house, int number) const {
    std::filesystem::create_directories(folder_ + "/feed");
    Site site = house.gateway.site();
    site.bus = "none";
    site.cloud_more = "  client_id: acme.frozen-" + std::to_string(number) + "\n";
    site.integrations =
        "  - id: cctv\n    name: CCTV\n    kind: feed\n    enabled: true\n    directory: " + folder_ +
        "/feed\n    sync: {groups: {identified: member}, fields: {first_name: first_name, last_name: "
        "last_name, "
        "email: email}}\n";
    site.more = "metrics: {listen: \"127.0.0.1:" + std::to_string(port_) + "\"}\n";
    return site;
  }

  std::string frozen_;
  std::string folder_;
  int port_;
  Gateway gateway_;
  NotifySocket socket_;
};

std::string late_loops(const HttpReply& health) {
  if (health.body.empty()) return "no answer";
  return json::serialize(json::parse(health.body).at("late_loops"));
}

/// Runs them all beside each other until each was found ill, or the time is over.
void freeze(House& house, std::list<Watched>& daemons) {
  const auto end = deadline(75s);
  const auto all_ill = [&] {
    return std::ranges::all_of(daemons, [](const Watched& one) { return one.ill_at.has_value(); });
  };
  while (!all_ill() && Clock::now() < end) {
    for (auto& one : daemons) {
      one.listen();
      if (one.ill_at || !one.ready()) continue;
      if (!one.frozen_at) {
        if (one.has_frozen()) one.frozen_at = Clock::now();
        // What makes these go on to where they freeze.
        if (!one.frozen_at && one.frozen() == "signals") one.gateway().process().signal(SIGHUP);
        if (!one.frozen_at && one.frozen() == "net2-hq live") house.net2.fault(R"({"kind":"close_sockets"})");
        continue;
      }
      const auto health = one.health();
      if (health.status == 200) continue;
      one.ill_at = Clock::now();
      one.late = late_loops(health);
    }
  }
  // Nobody is fed any more; the well ones were fed every three seconds.
  const auto more = Clock::now() + 7s;
  while (Clock::now() < more) {
    for (auto& one : daemons) one.listen();
  }
}

void check(std::list<Watched>& daemons) {
  for (auto& one : daemons) {
    INFO(one.frozen() << ": late " << one.late << "\n" << one.gateway().log());
    CHECK(one.frozen_at.has_value());
    CHECK(one.ill_at.has_value());
    if (!one.frozen_at || !one.ill_at) continue;
    CHECK(*one.ill_at - *one.frozen_at <= 10s);
    CHECK(one.fed() <= *one.frozen_at + 10s);
    CHECK(one.health().status != 200);
  }
}

const std::vector<std::string> loops{
    "signals:1",       "reloads:1",      "store:2",           "state:3",          "health:1",
    "changes:2",       "watchdog:2",     "forwarder:3",       "settler:2",        "doors:1",
    "commands:1",      "lan:1",          "roster:1",          "metrics:1",        "privacy:1",
    "store pages:1",   "certificates:1", "config:1",          "net2-hq people:1", "net2-hq events:3",
    "net2-hq doors:3", "net2-hq live:1", "net2-hq contact:1", "cctv people:1",    "cctv inlet:1"};

TEST_CASE("S7: no loop is left out of the test that freezes each", "[health]") {
  std::set<std::string> known;
  for (const auto& one : loops) {
    const auto name = one.substr(0, one.find(':'));
    known.insert(name);
    known.insert(name.substr(name.find(' ') == std::string::npos ? 0 : name.find(' ') + 1));
  }
  const std::regex start(R"re(loops_?(?:\.|->)start\([^;\[]*"\s?([a-z_ ]+)")re");
  std::size_t found = 0;
  for (const char* folder : {"/daemon", "/daemon/app"}) {
    for (const auto& file : std::filesystem::directory_iterator(std::string(GATEHOUSE_SOURCE_DIR) + folder)) {
      if (file.path().extension() != ".cpp") continue;
      std::ifstream in(file.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      for (std::sregex_iterator at(text.begin(), text.end(), start), end; at != end; ++at) {
        ++found;
        INFO(file.path() << " starts the loop " << (*at)[1].str());
        CHECK(known.contains((*at)[1].str()));
      }
    }
  }
  CHECK(found >= 20);
}

TEST_CASE("S7: each loop that is frozen makes health false within 10 s, and the watchdog is fed no more",
          "[health][frozen][heavy]") {
  House house({.people = 5, .doors = 1});
  std::list<Watched> daemons;
  int number = 0;
  for (const auto& loop : loops) daemons.emplace_back(house, loop, ++number);
  freeze(house, daemons);
  check(daemons);
  for (auto& one : daemons) {
    INFO(one.frozen() << ": late " << one.late);
    CHECK(one.late.find('"' + one.frozen() + '"') != std::string::npos);
  }
}

TEST_CASE("S7: each thread that is frozen makes health false within 10 s, and the watchdog is fed no more",
          "[health][frozen][heavy]") {
  House house({.people = 5, .doors = 1});
  std::list<Watched> daemons;
  int number = 0;
  for (const auto* thread : {"thread store:3", "thread worker:3", "thread mqtt:3", "thread io:3"})
    daemons.emplace_back(house, thread, ++number);
  freeze(house, daemons);
  check(daemons);
  for (auto& one : daemons) {
    INFO(one.frozen() << ": late " << one.late);
    CHECK(one.late.find(one.frozen() == "thread io" ? "no answer" : one.frozen()) != std::string::npos);
  }
}

TEST_CASE(
    "S7: a Net2 that takes 12 s, a broker that is away and a hold-up of the whole process are no standing "
    "still",
    "[health][frozen][heavy]") {
  House house({.people = 2000, .doors = 1});
  Watched daemon(house, "", 1);
  REQUIRE(eventually(10s, [&] {
    daemon.listen();
    return daemon.ready() && daemon.health().status == 200;
  }));
  house.net2.fault(R"({"kind":"slow","delay":"12s"})");
  house.broker.stop();
  const auto began = Clock::now();
  std::string ill;
  while (Clock::now() - began < 30s && ill.empty()) {
    daemon.listen();
    const auto health = daemon.health();
    if (health.status != 200) ill = late_loops(health);
  }
  INFO(daemon.gateway().log());
  CHECK(ill == "");
  CHECK(Clock::now() - daemon.fed() < 5s);

  // As a virtual machine that is saved and goes on.
  kill(daemon.gateway().process().pid(), SIGSTOP);
  const auto stopped = Clock::now();
  while (Clock::now() - stopped < 15s) daemon.listen();
  kill(daemon.gateway().process().pid(), SIGCONT);
  CHECK(eventually(10s, [&] {
    daemon.listen();
    return daemon.fed() > stopped + 15s;
  }));
  CHECK(daemon.health().status == 200);
  CHECK(daemon.gateway().log().find("stands still") == std::string::npos);
}

}  // namespace
}  // namespace gatehouse::whole
