// The cloud is away, slow, or comes and goes.
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

/// Resident memory of a process in KiB.
std::int64_t resident(pid_t pid) {
  std::istringstream status(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string word; status >> word;) {
    std::int64_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return -1;
}

void live_through_an_outage(int events) {
  House house({.people = 50, .doors = 6});
  house.start_and_import();
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(100);
  REQUIRE(house.all_events_out(15s, first));
  const auto memory_before = resident(house.gateway.process().pid());

  house.broker.stop();
  REQUIRE(eventually(20s, [&] {
    const auto status = house.gateway.status();
    const auto* cloud = status.if_contains("cloud");
    return cloud && !cloud->as_object().at("connected").as_bool();
  }));
  house.net2.swipes(events);
  REQUIRE(eventually(120s, [&] { return house.gateway.outbox("pending") >= events; }));
  const auto memory_queued = resident(house.gateway.process().pid());
  CHECK(house.gateway.state() == "active");

  house.broker.start();
  REQUIRE(house.all_events_out(120s, first));
  const auto ledger = house.recorder.ledger();
  CHECK(ledger.event_count("net2-hq", first) == static_cast<std::size_t>(events) + 100);
  CHECK(lines(ledger.broken()).empty());
  REQUIRE(eventually(10s, [&] { return house.gateway.outbox("pending") == 0; }));
  std::printf("%d events queued: %lld KiB before, %lld KiB while the broker was away\n", events,
              static_cast<long long>(memory_before), static_cast<long long>(memory_queued));
  CHECK(memory_queued - memory_before <= 24'576);  // they wait on disk, not in memory
}

TEST_CASE("Events of an outage wait on disk and come in order when the broker is back", "[heavy][outage]") {
  live_through_an_outage(rounds(10'000));
}

TEST_CASE("A day without the broker: 200,000 events", "[.long][outage]") {
  live_through_an_outage(200'000);
}

TEST_CASE("A broker that comes and goes loses nothing", "[outage]") {
  House house({.people = 30, .doors = 4});
  house.start_and_import();
  const auto first = house.net2.last_event() + 1;
  house.net2.traffic(200);
  for (int i = 0; i < rounds(4); ++i) {
    const auto now = house.net2.event_ids().size();
    REQUIRE(eventually(10s, [&] { return house.net2.event_ids().size() > now + 100; }));
    house.broker.stop();
    const auto away = house.net2.event_ids().size();
    REQUIRE(eventually(10s, [&] { return house.net2.event_ids().size() > away + 100; }));
    house.broker.start();
    // Live again: the newest of now is out, whatever was still waiting.
    const auto newest = static_cast<std::size_t>(house.net2.last_event() - first + 1);
    REQUIRE(house.recorder.wait(
        40s, [&](const Ledger& ledger) { return ledger.event_count("net2-hq", first) >= newest; }));
  }
  house.net2.traffic(0);
  REQUIRE(house.all_events_out(40s, first));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("A broker that takes one message at a time gets everything, one at a time", "[outage]") {
  House house({.people = 30, .doors = 4, .inflight = 1});
  house.start_and_import();
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(1'000);
  REQUIRE(house.all_events_out(60s, first));
  const auto ledger = house.recorder.ledger();
  CHECK(ledger.repeated() == 0);
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("A broker of TLS 1.3 alone and one of TLS 1.2 alone are both served", "[outage][tls]") {
  const auto* least = GENERATE("tlsv1.2", "tlsv1.3");
  DYNAMIC_SECTION(least) {
    House house({.people = 5, .doors = 2, .broker_more = std::string("tls_version ") + least + "\n"});
    house.start_and_import();
    CHECK(house.recorder.ask([](const Ledger& ledger) { return ledger.count("person.upserted"); }) > 0);
  }
}

TEST_CASE("A daemon that the broker does not know says so, and is served once it is known", "[outage][tls]") {
  House house({.people = 5, .doors = 2});
  house.gateway.site().more = "";
  // Its client certificate is from somebody else's authority.
  const auto genuine = read_file(house.gateway.config_path());
  auto forged = genuine;
  for (const auto* name : {"/gateway.pem", "/gateway.key"}) {
    const auto at = forged.find(name);
    REQUIRE(at != std::string::npos);
    forged.replace(at, 8, "/stranger");
  }
  write_file(house.gateway.config_path(), forged);
  house.gateway.start();
  REQUIRE(eventually(20s, [&] { return house.gateway.state() == "active"; }));
  const auto cloud = house.gateway.status().at("cloud").as_object();
  CHECK_FALSE(cloud.at("connected").as_bool());
  write_file(house.gateway.config_path(), genuine);
  CHECK(house.gateway.stop() == 0);
  house.start_and_import();
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
