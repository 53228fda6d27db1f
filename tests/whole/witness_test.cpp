// An independent SignalR client, written by somebody else, is happy with the simulator: what our own client
// is tested against is not our own idea of the protocol.
#include <filesystem>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE("node-signalr subscribes to the simulator and hears every event", "[witness][sim]") {
  const auto folder = std::string(GATEHOUSE_SOURCE_DIR) + "/tests/sim/witness";
  if (!std::filesystem::exists(folder + "/node_modules") || run({"node", "--version"}).status != 0) {
    WARN("SKIPPED: node or tests/sim/witness/node_modules is missing; scripts/test installs both");
    return;
  }
  const TempDir dir;
  Simulator net2({.certificates = test_certificates(), .dir = dir.path(), .people = 5, .doors = 2});
  Process witness(
      {"node", folder + "/witness.mjs", "--url", "https://localhost:" + std::to_string(net2.port()),
       "--password", "secret", "--client-id", "gatehouse-licence", "--count", "5"},
      dir / "witness.log", {{"NODE_EXTRA_CA_CERTS", test_certificates() + "/ca.pem"}});
  INFO(witness.said());
  REQUIRE(eventually(15s, [&] { return witness.said().find("subscribed") != std::string::npos; }));
  for (int i = 0; i < 5; ++i) net2.act("event", R"({"event_type":20})");
  CHECK(witness.exit_status(15s) == 0);
  const auto said = witness.said();
  std::size_t events = 0;
  for (std::size_t at = 0; (at = said.find(R"("push":"liveEvents")", at)) != std::string::npos; ++at)
    ++events;
  CHECK(events == 5);
}

}  // namespace
}  // namespace gatehouse::whole
