// A name server that takes questions and never answers: whoever waits for it waits alone.
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

constexpr int skipped = 77;  ///< in-dead-dns: not possible here

TEST_CASE("A dead DNS server holds up nothing but what needs it, and no exit", "[dns]") {
  const auto* inside = GENERATE("the broker has a name", "one of two Net2 servers has a name");
  DYNAMIC_SECTION(inside) {
    const auto here = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto outcome = run({std::string(GATEHOUSE_SOURCE_DIR) + "/tests/whole/in-dead-dns", here,
                              std::string("In dead DNS: ") + inside},
                             {}, 120s);
    if (outcome.status == skipped) {
      WARN("skipped: " << outcome.out);
      return;
    }
    INFO(outcome.out << outcome.err);
    CHECK(outcome.status == 0);
    CHECK(outcome.out.find("All tests passed") != std::string::npos);
  }
}

// --- started by the above, in a network of their own
// ----------------------------------------------------------

/// The silent server holds questions that nobody has read (proc_net_udp: local address, then rx_queue).
bool dns_was_asked() {
  std::ifstream in("/proc/self/net/udp");
  for (std::string line; std::getline(in, line);) {
    if (line.find(" 0100007F:0035 ") == std::string::npos) continue;
    const auto queues = line.find(':', line.find("07 ") + 3);
    return queues != std::string::npos && line.substr(queues + 1, 8) != "00000000";
  }
  return false;
}

/// The command line gets its answer at once, again and again.
void answers_at_once(const House& house) {
  for (int i = 0; i < 5; ++i) {
    const auto began = Clock::now();
    CHECK(house.gateway.ask({"status"}, 5s).status != 4);
    CHECK(Clock::now() - began < 2s);
  }
}

void ends_in_time(House& house) {
  CHECK(dns_was_asked());
  const auto began = Clock::now();
  const auto status = house.gateway.stop(10s);
  INFO(std::chrono::duration<double>(Clock::now() - began).count() << " s\n" << house.gateway.log());
  CHECK(status == 0);
  CHECK(Clock::now() - began < 3s);
}

TEST_CASE("In dead DNS: the broker has a name", "[.dead-dns]") {
  House house({.people = 20, .doors = 2, .sim_arguments = {"--plain"}});
  house.gateway.site().broker_host = "broker.gatehouse.test";
  house.gateway.site().net2_host = "localhost";
  house.gateway.write_config();
  house.gateway.start();
  REQUIRE(eventually(10s, dns_was_asked));
  // Net2 is read and everything is kept.
  REQUIRE(house.state_becomes("active"));
  const auto waiting = house.gateway.outbox("pending");
  house.net2.swipes(30);
  CHECK(eventually(10s, [&] { return house.gateway.outbox("pending") >= waiting + 30; }));
  answers_at_once(house);
  ends_in_time(house);
}

TEST_CASE("In dead DNS: one of two Net2 servers has a name", "[.dead-dns]") {
  House house({.people = 20, .doors = 2, .sim_arguments = {"--plain"}});
  auto& site = house.gateway.site();
  site.net2_host = "localhost";  // found without the server, but by the same resolver
  const auto& secrets = house.dir / "gateway";
  site.sync_more =
      "\n  - id: net2-far\n    name: Far away\n    kind: net2\n    enabled: true\n    sites: [hq]\n"
      "    url: https://net2.gatehouse.test\n    username: Gateway Service\n    password: {file: " +
      secrets + "/password}\n    client_id: {file: " + secrets +
      "/client_id}\n    timezone: Europe/London\n    tls: {ca: " + test_certificates() +
      "/ca.pem}\n    sync: {first: auto, groups: {Staff: employee}, "
      "fields: {first_name: firstName, last_name: lastName, email: \"custom:Email\"}}\n";
  house.gateway.write_config();
  house.start_and_import();
  REQUIRE(eventually(10s, dns_was_asked));
  REQUIRE(house.state_becomes("active"));
  // New connections, while the other server's name is still being looked up.
  house.net2.fault(R"({"kind":"close_connections"})");
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(30);
  CHECK(house.all_events_out(8s, first));
  CHECK(house.gateway.state("net2-far") != "active");
  answers_at_once(house);
  ends_in_time(house);
}

}  // namespace
}  // namespace gatehouse::whole
