// One of two Net2 servers is removed for good: who stays let in, and what is refused (features.md S0-55,
// S2-21).
#include <catch2/catch.hpp>

#include "tests/whole/two_servers.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE("S0-55, S2-21: a server that is removed locks out nobody whom the other one has", "[sync][match]") {
  TwoServers house;
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  const int alan = house.add({.first = "Alan", .last = "Turing", .email = "alan@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));
  house.add_there({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  const int same = house.add_there({.first = "Alan", .last = "Turing", .email = "alan@example.org"});
  const int only = house.add_there({.first = "Bob", .last = "Else", .email = "bob@example.org"});
  REQUIRE(house.told("person.upserted", 5));
  house.annex.remove_person(same);
  REQUIRE(house.told("person.disabled", 1));
  // Each is counted once, whatever their sources.
  CHECK(number_at(house.gateway.json({"status"}), "people") == 3);
  const auto refused = house.gateway.ask({"purge", "plan", "--integration", "nope"});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Catch::Contains("known: net2-annex, net2-hq"));
  CHECK(house.gateway.ask({"integration", "remove", "nope"}).status == 1);
  CHECK(house.plans().empty());

  const auto plan = house.gateway.json({"integration", "remove", "net2-annex"});
  CHECK(number_at(plan, "count") == 3);
  REQUIRE(house.apply(plan).status == 0);
  CHECK(house.becomes("disabled", "net2-annex"));
  REQUIRE(house.told("person.disabled", 2));  // Bob, whom nobody has any more
  for (const auto& id : {key_of(ada), key_of(alan)}) {
    INFO(text(house.person(id)));
    CHECK(flag_at(at(house.person(id), "access"), "effective"));
    CHECK(house.person(id).at("sources").as_array().size() == 1);
  }
  CHECK_FALSE(flag_at(at(house.person(there(only)), "access"), "effective"));

  // A pass that finds nothing new writes and tells nothing, and is the last sync all the same.
  house.pass();
  const auto told = house.tellings("person.upserted");
  const auto synced = text_at(house.person(key_of(ada)), "last_synced");
  CHECK(eventually(20s, [&] { return text_at(house.person(key_of(ada)), "last_synced") > synced; }));
  CHECK(house.tellings("person.upserted") == told);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
