// What an installer sets before anybody is synced, and what is refused (features.md S0.1, S0.2, S2.1).
#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE(
    "S0-3, S0-11, S0-48, S0-49, S1-7, S2-6: until the credentials are right an integration says so, and has "
    "never run",
    "[sync][settings]") {
  SyncHouse house;
  house.add_staff(2);
  house.gateway.site().password = "not the password";
  house.configure();
  house.gateway.start();
  REQUIRE(house.becomes("unauthenticated"));
  const auto shown = house.gateway.json({"integration", "show", "net2-hq"});
  const auto entry = shown.contains("id") ? shown : at(shown, "integration");
  INFO(text(shown));
  CHECK(entry.at("last_run").is_null());
  CHECK(entry.at("last_full").is_null());
  CHECK(number_at(entry, "people", -1) == 0);
  CHECK_FALSE(text_at(entry, "hint").empty());
  CHECK_THAT(house.gateway.ask({"integration", "show", "net2-hq"}).out, Catch::Contains("never"));
  const auto checked = house.gateway.ask({"integration", "check", "net2-hq"});
  CHECK(checked.status == 3);
  CHECK_THAT(checked.out, Catch::Contains("password"));
  const auto run = house.gateway.ask({"sync", "run", "net2-hq", "--wait"});
  CHECK(run.status == 1);
  CHECK_FALSE(run.err.empty());

  house.gateway.site().password = "secret";
  REQUIRE(house.reload().empty());
  REQUIRE(house.told("person.upserted", 2));
  CHECK(house.becomes("active"));
  CHECK(house.gateway.ask({"integration", "check", "net2-hq"}).status == 0);
  CHECK(text_at(at(house.gateway.integration(), "last_run"), "outcome") == "complete");
}

TEST_CASE(
    "S0-5, S0-7, S0-9, S2-56: a mapping that contradicts itself is refused with its place, and a reload "
    "keeps the "
    "last good one",
    "[sync][settings]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));
  std::string wanted;
  SECTION("two fields for one target") {
    house.edit("last_name: lastName", "last_name: lastName, first_name: middleName");
    wanted = "first_name";
  }
  SECTION("one group for two types") {
    house.gateway.site().groups = "{Staff: employee, Staff: contractor}";
    wanted = "Staff";
  }
  SECTION("two integrations that read one group of one server") {
    house.gateway.site().integrations =
        "  - id: again\n    kind: net2\n    enabled: true\n    sites: [hq]\n    url: https://127.0.0.1:" +
        std::to_string(house.net2.port()) +
        "\n    username: Gateway Service\n    password: {file: " + house.dir.path() +
        "/gateway/password}\n    client_id: {file: " + house.dir.path() +
        "/gateway/client_id}\n    timezone: Europe/London\n    sync: {groups: {Staff: visitor}, fields: "
        "{first_name: "
        "firstName, last_name: lastName}}\n";
    wanted = "same server";
  }
  house.configure();
  const auto checked = house.gateway.ask({"check", house.gateway.config_path()});
  CHECK(checked.status == 1);
  const auto said = checked.out + checked.err;
  CHECK_THAT(said, Catch::Contains(wanted));
  CHECK_THAT(said, Catch::Contains("gatehouse.yaml:"));
  CHECK(house.gateway.ask({"config", "reload"}).status == 1);
  house.net2.change_person(house.staff().at(0), R"({"telephone":"+44 1632 960123"})");
  CHECK(house.told("person.upserted", 3));
  CHECK(house.becomes("active"));
}

TEST_CASE("S2-8..S2-12: which identifiers a person must have is the installer's to say", "[sync][settings]") {
  SyncHouse house;
  house.gateway.site().net2_more = "    automatic: false\n";
  const int mail = house.add({.first = "Has", .last = "Mail", .email = "mail@example.org"});
  const int phone = house.add({.first = "Has", .last = "Phone", .phone = "+44 1632 960001"});
  const int both =
      house.add({.first = "Has", .last = "Both", .email = "both@example.org", .phone = "01632 960002"});
  const int none = house.add({.first = "Has", .last = "Neither"});
  house.configure();
  house.gateway.start();
  REQUIRE(house.becomes("paused"));
  const std::map<std::string, std::vector<int>> wanted{{"email_or_phone", {mail, phone, both}},
                                                       {"email", {mail, both}},
                                                       {"phone", {phone, both}},
                                                       {"both", {both}},
                                                       {"none", {mail, phone, both, none}}};
  for (const auto& [rule, people] : wanted) {
    INFO(rule);
    house.gateway.site().require_identifier = rule;
    REQUIRE(house.reload().empty());
    const auto runs = house.list({"sync", "run", "net2-hq", "--dry-run"}, "runs");
    REQUIRE(runs.size() == 1);
    std::vector<int> added;
    for (const auto& change : runs.at(0).as_object().at("changes").as_array())
      added.push_back(std::stoi(text_at(change.as_object(), "external_id")));
    std::ranges::sort(added);
    CHECK(added == people);
  }
}

}  // namespace
}  // namespace gatehouse::whole
