// What an operator must mend is told once, however often the daemon dies in between.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

/// Alerts of a kind with that state, as the broker's subscriber has them.
std::ptrdiff_t told(const Ledger& ledger, const std::string& kind, const std::string& state) {
  const auto alerts = ledger.of("alert");
  return std::ranges::count_if(alerts, [&](const Fact& fact) {
    return text_at(fact.data(), "kind") == kind && text_at(fact.data(), "state") == state;
  });
}

TEST_CASE("An alert is told once and over once, with kills in between", "[alerts][kills]") {
  House house({.people = 10, .doors = 2, .sim_arguments = {"--plain"}});
  house.gateway.site().password = "not the password";
  house.gateway.write_config();
  house.gateway.start();
  REQUIRE(house.recorder.wait(
      20s, [](const Ledger& ledger) { return told(ledger, "integration", "raised") == 1; }));

  // Still wrong after a kill: nothing new.
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.state_becomes("unauthenticated"));

  // Mended while it was down: over, and nothing else.
  house.gateway.kill();
  house.gateway.site().password = "secret";
  house.gateway.write_config();
  house.gateway.start();
  INFO(house.gateway.log());
  REQUIRE(house.recorder.wait(20s,
                              [](const Ledger& ledger) { return told(ledger, "integration", "over") >= 1; }));

  // And after one more start all of it is past.
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.state_becomes("active"));
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(5);
  REQUIRE(house.all_events_out(15s, first));
  CHECK(house.gateway.stop(5s) == 0);
  const auto ledger = house.recorder.ledger();
  CHECK(told(ledger, "integration", "raised") == 1);
  CHECK(told(ledger, "integration", "over") == 1);
  CHECK(ledger.of("alert").size() == 2);
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("An alert about an integration that is taken out is over", "[alerts][config]") {
  House house({.people = 5, .doors = 1});
  house.gateway.site().password = "not the password";
  house.gateway.write_config();
  house.gateway.start();
  REQUIRE(house.recorder.wait(
      20s, [](const Ledger& ledger) { return told(ledger, "integration", "raised") == 1; }));
  house.gateway.kill();
  auto text = read_file(house.gateway.config_path());
  const auto begin = text.find("integrations:"), end = text.find("cloud:");
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  write_file(house.gateway.config_path(), text.erase(begin, end - begin));
  house.gateway.start();
  INFO(house.gateway.log());
  CHECK(house.recorder.wait(20s,
                            [](const Ledger& ledger) { return told(ledger, "integration", "over") == 1; }));
}

}  // namespace
}  // namespace gatehouse::whole
