// A mapping that is changed after the import, names, sites and groups that come and go (features.md S0-25,
// S0-54, S1-5, S1-9, S1-10, B.2-6).
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

std::string type_of(const SyncHouse& house, int id) {
  return text_at(house.person(key_of(id)), "person_type");
}

TEST_CASE(
    "S0-8, S0-16, S0-17, S0-25, B.2-6: a changed mapping waits for its plan, and everything stays as it was "
    "until "
    "then",
    "[sync][mapping]") {
  SyncHouse house;
  house.add_staff(3);
  const int sales =
      house.add({.first = "Sally", .last = "Sales", .email = "sally@example.org", .department = "Sales"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 4));
  const auto former = house.gateway.site().groups;
  house.gateway.site().groups = "{Staff: contractor, Sales: employee}";
  REQUIRE(house.reload().empty());
  REQUIRE(house.becomes("reimport_pending"));
  const auto plan = house.plan_of_kind("mapping_change");
  REQUIRE(number_at(plan, "count") == 3);
  for (const auto& change : house.changes(plan)) {
    CHECK(text_at(change, "op") == "update");
    CHECK(text_at(at(change, "fields"), "person_type") == "contractor");
  }
  // Nobody new meanwhile, and nobody lost.
  const int late = house.add({.first = "Late", .last = "Comer", .email = "late@example.org"});
  REQUIRE(house.polled(2));
  CHECK(house.tellings("person.upserted") == 4);
  CHECK(house.person(key_of(late)).empty());
  for (const int id : house.staff()) CHECK(type_of(house, id) == "employee");
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("reimport_pending"));

  SECTION("applied: all under the new one") {
    CHECK(house.apply(plan).status == 1);  // somebody has come since
    auto fresh = house.plan_of_kind("mapping_change");
    REQUIRE(number_at(fresh, "count") == 4);
    REQUIRE(house.refusal({"plan", "apply", text_at(fresh, "plan"), "--confirm", "4"}).empty());
    REQUIRE(house.told("person.upserted", 8));
    for (const int id : house.staff()) CHECK(type_of(house, id) == "contractor");
    CHECK(type_of(house, sales) == "employee");
    CHECK(type_of(house, late) == "contractor");
  }
  SECTION("taken back: the plan goes, and runs go on") {
    house.gateway.site().groups = former;
    REQUIRE(house.reload().empty());
    REQUIRE(house.told("person.upserted", 5));
    CHECK(house.no_plan("mapping_change"));
    for (const int id : house.staff()) CHECK(type_of(house, id) == "employee");
  }
  CHECK(house.becomes("active"));
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-25: a mapping under which records fail waits, and so does all that it would change",
          "[sync][mapping]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const auto& staff = house.staff();
  const auto former = house.person(key_of(staff.at(0)));
  const auto live_in = [&](const auto& town_of) {
    for (const int id : staff)
      house.net2.change_person(id, R"({"customFields":[{"id":3,"value":")" + town_of(id) + R"("}]})");
  };
  live_in([](int) { return std::string("London"); });
  house.edit("custom:Email", "custom:Town");
  REQUIRE(house.reload().empty());
  REQUIRE(house.becomes("reimport_pending"));
  CHECK_FALSE(house.issues().empty());
  CHECK(house.no_plan("mapping_change"));
  live_in([](int id) { return "town" + std::to_string(id) + "@example.org"; });
  const auto plan = house.plan_of_kind("mapping_change");
  CHECK(number_at(plan, "count") == 3);
  CHECK(text_at(house.person(key_of(staff.at(0))), "email") == text_at(former, "email"));
  CHECK(house.tellings("person.upserted") == 3);
  REQUIRE(house.refusal({"plan", "apply", text_at(plan, "plan"), "--confirm", "3"}).empty());
  REQUIRE(house.told("person.upserted", 6));
  CHECK(house.becomes("active"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-12, S1-9: another name of the integration changes the badge and nothing else",
          "[sync][mapping]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));
  const auto before = house.person(key_of(house.staff().at(0)));
  house.edit("name: Head office Net2", "name: Main building");
  REQUIRE(house.reload().empty());
  REQUIRE(house.polled(1));
  CHECK(house.plans().empty());
  CHECK(house.becomes("active"));
  CHECK(text_at(house.gateway.integration(), "name") == "Main building");
  CHECK(text_at(house.pass(), "outcome") == "complete");
  const auto now = house.person(key_of(house.staff().at(0)));
  CHECK(now.at("id") == before.at("id"));
  house.net2.change_person(house.staff().at(0), R"({"telephone":"+44 1632 960999"})");
  REQUIRE(eventually(20s, [&] {
    const auto person = house.person(key_of(house.staff().at(0)));
    return text_at(person.at("sources").as_array().at(0).as_object(), "badge") == "Main building";
  }));
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-13, S1-5, S1-10, S1-27..S1-29: a site taken out of an integration's scope removes nobody",
          "[sync][mapping]") {
  SyncHouse house;
  house.edit("sites: [hq]", "sites: [hq, annex]");                                        // of the gateway
  house.edit("enabled: true\n    sites: [hq]", "enabled: true\n    sites: [hq, annex]");  // of net2-hq
  house.edit("site: {default: hq}", "site: {default: hq, rules: [{department: \"Sal*\", site: annex}]}");
  house.configure();
  house.add_staff(2);
  const int sally =
      house.add({.first = "Sally", .last = "Sales", .email = "sally@example.org", .department = "Sales"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  CHECK(text_at(house.person(key_of(sally)), "site") == "annex");
  CHECK(text_at(house.person(key_of(house.staff().at(0))), "site") == "hq");

  house.edit("enabled: true\n    sites: [hq, annex]", "enabled: true\n    sites: [hq]");
  REQUIRE(house.reload().empty());
  REQUIRE(house.polled(2));
  for (const auto& plan : house.plans()) {
    for (const auto& change : house.changes(plan.as_object())) CHECK(text_at(change, "op") != "disable");
  }
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(flag_at(at(house.person(key_of(sally)), "access"), "source_present"));
  CHECK(house.activity({"--reason", "out_of_scope", "--search", "Sally"}).size() == 1);
  CHECK(house.people().size() == 3);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-6, B.2-5: who moves to a group that is not mapped leaves, and many of them only past the guard",
          "[sync][guard]") {
  SyncHouse house;
  house.gateway.site().groups = "{Staff: employee}";
  house.gateway.site().sync_more = "      guard: {removals: {count: 2, percent: 100, window: 24h}}\n";
  house.configure();
  house.add_staff(6);
  const int never =
      house.add({.first = "Never", .last = "In", .email = "never@example.org", .department = "Sales"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 6));
  CHECK(house.activity({"--reason", "group_not_mapped"}).size() == 1);
  CHECK(house.person(key_of(never)).empty());
  house.net2.change_person(house.staff().at(0), R"({"department":"Sales"})");
  REQUIRE(house.told("person.disabled", 1));
  CHECK_FALSE(flag_at(at(house.person(key_of(house.staff().at(0))), "access"), "effective"));
  for (const int i : {1, 2, 3}) house.net2.change_person(house.staff().at(i), R"({"department":"Sales"})");
  REQUIRE(house.becomes("guarded"));
  auto plan = house.plan_of_kind("guard");
  REQUIRE(eventually(20s, [&] {
    plan = house.plan_of_kind("guard");
    return number_at(plan, "count") + static_cast<std::int64_t>(house.tellings("person.disabled")) == 4;
  }));
  REQUIRE(house.apply(plan).status == 0);
  REQUIRE(house.told("person.disabled", 4));
  CHECK(house.becomes("active"));
  house.net2.change_person(house.staff().at(0), R"({"department":"Staff"})");
  REQUIRE(house.told("person.upserted", 7));
  CHECK(flag_at(at(house.person(key_of(house.staff().at(0))), "access"), "effective"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
