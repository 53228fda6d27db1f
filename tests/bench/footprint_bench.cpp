#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/bench/measurements.hpp"
#include "tests/bench/notify_socket.hpp"
#include "tests/bench/tap.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::bench {
namespace {

using namespace whole;

constexpr int million = 1'000'000;
const char* const every_second = "{people: 1s, events: 1s, doors: 1s, live: true}";

std::string parts(const Memory& memory) {
  return "anonymous " + number(memory.anonymous) + ", pss " + number(memory.pss);
}

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Launches the daemon and gives the seconds until it says READY.
double start_until_ready(Gateway& gateway, const TempDir& dir) {
  NotifySocket socket(dir / "notify");
  gateway.env() = {{"NOTIFY_SOCKET", socket.path()}};
  const auto began = Clock::now();
  gateway.launch();
  if (!socket.hears("READY=1", 30s)) throw std::runtime_error("no READY:\n" + gateway.log());
  return since(began);
}

/// What a daemon without any network has in memory once that stays the same for a second.
Memory memory_without_network(Gateway& gateway, const TempDir& dir) {
  start_until_ready(gateway, dir);
  Memory memory;
  const auto settled = [&] {
    const auto before = std::exchange(memory, memory_of(gateway.process().pid()));
    return memory.rss == before.rss;
  };
  if (!eventually(30s, settled, 1s)) throw std::runtime_error("the memory does not settle");
  gateway.stop();
  return memory;
}

/// Seconds from a listening broker to the first message, the broker coming back that long after READY.
double first_message(Rig& rig, Millis away) {
  start_until_ready(rig.gateway, rig.dir);
  std::this_thread::sleep_for(away);
  rig.broker.start();
  const auto began = Clock::now();
  const Tap tap({.port = rig.broker.port(), .certificates = test_certificates()});
  if (!tap.wait_for(1, 90s)) throw std::runtime_error("no message came:\n" + rig.gateway.log());
  return std::chrono::duration<double>(tap.count().first - began).count();
}

}  // namespace

void measure_memory(Report& report) {
  report.begin("memory: idle, nobody in the directory, polls every second, broker connected");
  Rig rig({.people = 0, .poll = every_second});
  start_until_ready(rig.gateway, rig.dir);
  // Not by asking the daemon: its first answer loads what names users and groups.
  rig.need("the events were not polled", 40s, [&] { return rig.net2.asked("events") >= 20; });
  const auto memory = memory_of(rig.daemon());
  rig.need("the gateway was not well", 10s,
           [&] { return rig.gateway.state() == "active" && rig.waiting("pending") == 0; });
  const auto asked = memory_of(rig.daemon());
  const auto mosquitto = memory_of(child_with(rig.dir / "broker"));
  const auto beside = [](double ours, double theirs) {
    return number(theirs, "MB") + ", ratio " + number(theirs > 0 ? ours / theirs : 0);
  };
  report.at_most("peak since its start; beside it mosquitto's", memory.peak, 15, "MB",
                 beside(memory.peak, mosquitto.peak));
  report.told("the same with shared pages shared out (pss)", memory.pss, "MB",
              beside(memory.pss, mosquitto.pss));
  report.told("resident now", memory.rss, "MB", parts(memory));
  report.told("after the first question by D-Bus", asked.rss, "MB", parts(asked));
  report.told("mosquitto, with this one client", mosquitto.rss, "MB", parts(mosquitto));
  if (!rig.gateway.stop()) throw std::runtime_error("the daemon did not stop");
}

void measure_million(Report& report) {
  report.begin("1 000 000 rows queued, no network");
  auto backlog = make_backlog(million, 400s);
  auto& rig = *backlog.rig;
  rig.net2.kill();
  report.told("queued by polling, a second", backlog.rate, "/s",
              "peak memory " + number(backlog.memory.peak, "MB"));
  report.told("slowest answer to \"gatehouse status\" meanwhile", backlog.slowest_answer, "s");

  Gateway empty({.site = rig.gateway.site(), .dir = rig.dir / "empty"});
  empty.site().bus = "none";
  empty.write_config();
  const auto without = memory_without_network(empty, rig.dir);
  const auto with = memory_without_network(rig.gateway, rig.dir);
  report.at_most("resident beyond an empty store's", with.rss - without.rss, 8, "MB",
                 number(with.rss) + " - " + number(without.rss));
  report.told("of that allocated", with.anonymous - without.anonymous, "MB");

  std::vector<double> starts;
  for (int i = 0; i < 3; ++i) {
    starts.push_back(start_until_ready(rig.gateway, rig.dir));
    rig.gateway.kill();  // the next start finds a log to recover, as after a power cut
  }
  report.at_most("exec to READY, slowest of 3, after kill -9", *std::ranges::max_element(starts), 0.5, "s");

  report.at_most("broker listens to the first message, back at once", first_message(rig, 0ms), 2, "s");
  rig.need(
      "the drain does not go on", 60s,
      [&] {
        const auto left = rig.waiting("pending");
        return left >= 0 && left < million / 2;
      },
      100ms);
  const auto draining = memory_of(rig.daemon());
  report.told("peak memory in the drain", draining.peak, "MB", parts(draining));
  rig.gateway.kill();
  rig.broker.stop();
  report.told("broker listens to the first message, back after 20 s", first_message(rig, 20s), "s");
  report.note("The wait between attempts grows from 1 s to 90 s, each drawn between half and all of it.");
  rig.gateway.kill();
}

namespace {

struct IdleSecond {
  double share = 0;         ///< of a core, %
  double broker_share = 0;  ///< mosquitto's
  std::uint64_t written = 0;
  double asked = 0;            ///< requests to Net2, a second
  double switches = 0;         ///< voluntary, of all threads, a second
  double broker_switches = 0;  ///< mosquitto's
};

/// Everything polled every second, live feed, broker connected, for 30 s in which nothing happens.
IdleSecond watch_idle(int people) {
  Rig rig({.people = people, .poll = every_second});
  {
    // The health message of each minute is news, and is written: measure between the first and the second.
    const Tap health({.port = rig.broker.port(),
                      .certificates = test_certificates(),
                      .topics = {"gatehouse/v1/+/+/up/health"}});
    rig.gateway.start();
    rig.need("the gateway did not settle down", 30s,
             [&] { return rig.gateway.state() == "active" && rig.waiting("pending") == 0; });
    if (!health.wait_for(1, 90s)) throw std::runtime_error("no health message:\n" + rig.gateway.log());
  }
  rig.need("that message did not leave", 10s, [&] { return rig.waiting("pending") == 0; });
  const pid_t pid = rig.daemon();
  const pid_t mosquitto = child_with(rig.dir / "broker");
  const double cpu = cpu_seconds(pid), broker_cpu = cpu_seconds(mosquitto);
  const auto written = written_bytes(pid);
  const auto switches = voluntary_switches(pid), broker_switches = voluntary_switches(mosquitto);
  const auto polls = rig.net2.asked("");
  const auto start = Clock::now();
  std::this_thread::sleep_for(30s);
  const double took = since(start);
  const IdleSecond seen{
      .share = (cpu_seconds(pid) - cpu) / took * 100,
      .broker_share = (cpu_seconds(mosquitto) - broker_cpu) / took * 100,
      .written = written_bytes(pid) - written,
      .asked = static_cast<double>(rig.net2.asked("") - polls) / took,
      .switches = static_cast<double>(voluntary_switches(pid) - switches) / took,
      .broker_switches = static_cast<double>(voluntary_switches(mosquitto) - broker_switches) / took};
  // What runs it through another program wants to see its end (scripts/order-functions).
  if (!rig.gateway.stop(60s)) throw std::runtime_error("the daemon did not stop");
  return seen;
}

}  // namespace

void measure_idle(Report& report) {
  report.begin("idle: 4 doors, all polls every second, live feed, broker connected, 30 s");
  const auto nobody = watch_idle(0);
  report.at_most("of a core, nobody in the directory", nobody.share, 0.3, "%",
                 "mosquitto " + number(nobody.broker_share, "%"));
  report.at_most("written to disk", static_cast<double>(nobody.written), 0, "bytes");
  const auto people = watch_idle(500);
  report.at_most("of a core, 500 people read every second", people.share, 0.3, "%",
                 "mosquitto " + number(people.broker_share, "%"));
  report.at_most("written to disk", static_cast<double>(people.written), 0, "bytes");
  report.told("requests to Net2", people.asked, "/s");
  report.told("voluntary context switches, all threads", people.switches, "/s",
              "mosquitto " + number(people.broker_switches, "/s"));
}

}  // namespace gatehouse::bench
