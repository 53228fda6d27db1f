// What the daemon asks Net2, as an operator sees it.
#include <set>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE("S1-36, S1-37: log api shows the calls to Net2, and nothing of anybody", "[apilog]") {
  House house({.people = 5, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto answer = house.gateway.json({"log", "api"});
  const auto* calls = answer.if_contains("calls");
  REQUIRE(calls);
  std::set<std::string> seen;
  for (const auto& one : calls->as_array()) {
    const auto& call = one.as_object();
    INFO(json::serialize(call));
    seen.insert(text_at(call, "verb") + ' ' + text_at(call, "path"));
    CHECK(text_at(call, "integration") == "net2-hq");
    CHECK(text_at(call, "at").ends_with("Z"));
    if (text_at(call, "path") == "/api/v1/doors") CHECK(number_at(call, "bytes") > 50);
    CHECK(number_at(call, "status") == 200);
  }
  CHECK(seen.contains("POST /api/v1/authorization/tokens"));
  CHECK(seen.contains("GET /api/v1/doors"));
  CHECK(seen.contains("GET /api/v1/customquery/querydb?query"));
  CHECK(seen.contains("GET /api/v1/events?where&orderBy&rowCount"));

  for (const auto& said : {house.gateway.ask({"log", "api"}), house.gateway.ask({"log", "api", "--json"})}) {
    CHECK(said.status == 0);
    CHECK_THAT(said.out, Catch::Contains("/api/v1/doors"));
    const auto& site = house.gateway.site();
    for (const auto& word : {site.password, site.client_id, std::string("SELECT"), std::string("Bearer")})
      CHECK_THAT(said.out, !Catch::Contains(word));
  }
}

}  // namespace
}  // namespace gatehouse::whole
