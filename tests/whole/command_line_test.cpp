// What the command line says where something is wrong, from outside: one document for programs, a name and
// what was meant for people; and that nobody is asked where nobody is.
#include <cstdlib>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

/// `error` of the one document that a failing verb prints with --json.
json::object error_of(const AccessHouse& house, Argv verb, int status) {
  verb.emplace_back("--json");
  const auto ran = house.gateway.ask(std::move(verb));
  INFO(ran.out << ran.err);
  CHECK(ran.status == status);
  CHECK_FALSE(ran.err.empty());
  json::error_code wrong;
  const auto document = json::parse(ran.out, wrong);
  if (wrong || !document.is_object() || !document.get_object().contains("error")) return {};
  return document.at("error").as_object();
}

std::string code_of(const AccessHouse& house, Argv verb, int status) {
  return text_at(error_of(house, std::move(verb), status), "code");
}

TEST_CASE("A verb that fails tells programs why, and people what there is", "[cli]") {
  AccessHouse house;
  const auto ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.com"});
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  REQUIRE(eventually(20s, [&] { return !house.person_id(ada).empty(); }));

  const std::string door = "net2-hq/6203980";
  REQUIRE(house.gateway.ask({"door", "mode", door, "blocked"}).status == 0);
  CHECK(code_of(house, {"door", "open", door, "--reason", "parcel"}, 1) == "door_blocked");
  REQUIRE(house.gateway.ask({"door", "mode", door, "config"}).status == 0);
  CHECK(code_of(house, {"plan", "apply", "01J8ZQ5R7M4Y9K3T2V6W1X0ABC", "--confirm", "1"}, 1) == "not_found");
  CHECK(code_of(house, {"people", "shwo"}, 2) == "usage");
  CHECK(code_of(house, {"plan", "apply"}, 2) == "usage");

  const auto told = [&](Argv verb) {
    const auto ran = house.gateway.ask(std::move(verb));
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK_THAT(told({"sync", "log", "net2-qh"}),
             Catch::Contains("no integration \"net2-qh\"") && Catch::Contains("did you mean 'net2-hq'?"));
  CHECK_THAT(told({"people", "list", "--integration", "net2-qh"}), Catch::Contains("there is net2-hq"));
  CHECK_THAT(told({"people", "list", "--site", "qh"}), Catch::Contains("no site \"qh\""));
  CHECK(house.gateway.ask({"people", "list", "--integration", "cloud"}).status == 0);
  CHECK(house.gateway.ask({"people", "list", "--site", "hq", "--type", "visitor"}).status == 0);
  CHECK(house.gateway.ask({"people", "list", "--type", "employe"}).status == 2);

  const auto grant = told({"people", "grant", "ada@example.com", "--site", "qh"});
  CHECK_THAT(grant, Catch::Contains("gatehouse config show") && !Catch::Contains("people list"));
  CHECK_THAT(told({"people", "revoke", "ada@example.com", "01J8ZQ5R7M4Y9K3T2V6W1X0ABC"}),
             Catch::Contains("gatehouse people show ada@example.com"));
  CHECK(house.gateway.ask({"events", "--since", "2026-01-01"}).status == 0);

  const auto checked = house.gateway.ask({"check"});  // the running daemon's file
  INFO(checked.out << checked.err);
  CHECK(checked.status == 0);
  CHECK_THAT(checked.out, Catch::StartsWith(house.gateway.config_path() + ": no faults"));
}

TEST_CASE("A file of command keys that cannot be used is a fault of the configuration", "[cli][config]") {
  AccessHouse house;
  house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.com"});
  house.start_and_import();
  const auto keys = house.dir / "command-keys.json";
  const auto refused = [&](const std::string& why) {
    const auto checked = house.gateway.ask({"check"});
    CHECK(checked.status == 1);
    CHECK_THAT(checked.err, Catch::StartsWith(keys + ": ") && Catch::Contains(why));
    const auto by_daemon =
        run({program("gatehoused"), "--config", house.gateway.config_path(), "--check"}, {}, 20s);
    CHECK(by_daemon.status == 78);
    CHECK_THAT(by_daemon.err, Catch::Contains(why));
    CHECK_THAT(house.gateway.ask({"config", "reload"}).err, Catch::Contains(why));
  };
  write_file(keys, "notjson");
  refused("JSON");
  house.write_keys(R"([{"cmd":"door.opn"}])");
  refused("door.opn");
  CHECK_THAT(house.gateway.ask({"check"}).err, Catch::Contains("cloud-1"));
  house.write_keys(R"([{"cmd":"door.open"}])");
  CHECK(house.gateway.ask({"check"}).status == 0);
  CHECK(house.gateway.ask({"config", "reload"}).status == 0);
}

}  // namespace
}  // namespace gatehouse::whole
