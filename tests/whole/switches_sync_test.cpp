// Paused, off, removed, purged: four things that are not the same (features.md S0-46, S0-47, S0-55, S2-2,
// S2-7, S2-48..S2-54, B.2-7).
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

struct Started : SyncHouse {
  explicit Started(int people) {
    add_staff(people);
    start_and_import();
    became_active = becomes("active") && told("person.upserted", static_cast<std::size_t>(people));
  }
  bool became_active = false;
};

TEST_CASE("S0-42, S0-46, S0-47, S0-51, S1-6: paused means only by hand, and a restart does not forget it",
          "[sync][switches]") {
  Started house(2);
  REQUIRE(house.became_active);
  CHECK(house.refusal({"integration", "pause", "net2-hq"}).empty());
  CHECK(house.becomes("paused"));
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("paused"));
  const int late = house.add({.first = "Late", .last = "Comer", .email = "late@example.org"});
  const auto reads = house.net2.asked("customfieldnames");
  const auto events = house.net2.asked("GET /events");
  REQUIRE(eventually(20s, [&] { return house.net2.asked("GET /events") >= events + 3; }));
  CHECK(house.net2.asked("customfieldnames") == reads);
  CHECK(house.person(key_of(late)).empty());
  CHECK(text_at(house.pass(), "trigger") == "manual");
  CHECK_FALSE(house.person(key_of(late)).empty());
  CHECK(house.gateway.state() == "paused");
  const int later = house.add({.first = "Later", .last = "Comer", .email = "later@example.org"});
  CHECK(house.refusal({"integration", "resume", "net2-hq"}).empty());
  CHECK(house.becomes("active"));
  CHECK(eventually(20s, [&] { return !house.person(key_of(later)).empty(); }));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-46, S2-16: with automatic: false nothing is read until somebody asks", "[sync][switches]") {
  SyncHouse house;
  house.gateway.site().net2_more = "    automatic: false\n";
  house.configure();
  house.add_staff(2);
  house.gateway.start();
  REQUIRE(house.becomes("paused"));
  const auto events = house.net2.asked("GET /events");
  REQUIRE(eventually(20s, [&] { return house.net2.asked("GET /events") >= events + 3; }));
  CHECK(house.net2.asked("customfieldnames") == 0);
  CHECK(house.people().empty());
  const auto run = house.pass();
  CHECK(text_at(run, "outcome") == "complete");
  CHECK(number_at(at(run, "counts"), "added") == 2);
  REQUIRE(house.told("person.upserted", 2));
  CHECK(house.gateway.state() == "paused");
}

TEST_CASE("S2-2, S2-7, S2-42, B.2-7: an integration that is switched off freezes its people",
          "[sync][switches]") {
  Started house(3);
  REQUIRE(house.became_active);
  house.edit("enabled: true", "enabled: false");
  REQUIRE(house.reload().empty());
  REQUIRE(house.becomes("disabled"));
  house.net2.remove_person(house.staff().at(0));
  CHECK(house.gateway.ask({"sync", "run", "net2-hq", "--wait"}).status == 1);
  CHECK(house.people({"--access", "yes"}).size() == 3);
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("disabled"));
  CHECK(house.people({"--access", "yes"}).size() == 3);
  CHECK(house.tellings("person.disabled") == 0);
  house.edit("enabled: false", "enabled: true");
  REQUIRE(house.reload().empty());
  REQUIRE(house.told("person.disabled", 1));
  CHECK(house.becomes("active"));
  CHECK(house.tellings("person.upserted") == 3);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-55: removing an integration is a plan that says what becomes of its people",
          "[sync][switches]") {
  const std::string fate = GENERATE("keep", "disable", "delete");
  DYNAMIC_SECTION(fate) {
    Started house(3);
    REQUIRE(house.became_active);
    const auto plan = house.gateway.json({"integration", "remove", "net2-hq", "--people", fate});
    REQUIRE(text_at(plan, "kind") == "remove_integration");
    CHECK(house.people({"--access", "yes"}).size() == 3);
    const auto applied = house.apply(plan);
    INFO(applied.out << applied.err << text(plan));
    REQUIRE(applied.status == 0);
    CHECK(house.becomes("disabled"));
    if (fate == "keep") {
      CHECK(house.people({"--access", "yes"}).size() == 3);
    } else if (fate == "disable") {
      REQUIRE(house.told("person.disabled", 3));
      CHECK(house.people({"--access", "no"}).size() == 3);
    } else {
      REQUIRE(house.told("person.removed", 3));
      CHECK(house.people().empty());
    }
    house.gateway.kill();
    house.gateway.start();
    CHECK(house.becomes("disabled"));  // its block is still in the file
    CHECK(house.tellings("person.upserted") == 3);
    CHECK(lines(house.recorder.ledger().broken()).empty());
  }
}

TEST_CASE("S2-48..S2-54, S2-56: a purge deletes exactly what was read, and switches the source off",
          "[sync][purge]") {
  Started house(4);
  REQUIRE(house.became_active);
  const auto first = house.gateway.json({"purge", "plan", "--integration", "net2-hq"});
  REQUIRE(number_at(first, "count") == 4);
  CHECK(first.at("sample").as_array().size() == 4);  // S2-50
  CHECK(house.gateway.ask({"plan", "apply", text_at(first, "plan"), "--confirm", "3"}).status == 1);

  // S2-54: the set has changed.
  house.add_staff(1);
  REQUIRE(house.told("person.upserted", 5));
  const auto stale = house.apply(first);
  CHECK(stale.status == 1);
  CHECK_THAT(stale.err, Catch::Contains("plan_stale"));
  CHECK(house.people().size() == 5);

  const auto plan = house.gateway.json({"purge", "plan", "--integration", "net2-hq"});
  REQUIRE(number_at(plan, "count") == 5);
  const auto former = house.person(key_of(house.staff().at(0)));
  REQUIRE(house.refusal({"plan", "apply", text_at(plan, "plan"), "--confirm", "5"}).empty());
  REQUIRE(house.told("person.removed", 5));
  CHECK(house.people().empty());
  for (const auto& gone : data_of(house.recorder.ledger(), "person.removed"))
    CHECK(text_at(gone, "reason") == "purge");
  CHECK(house.activity({"--outcome", "added"}).size() == 5);  // S2-51: the history stays
  CHECK(house.becomes("disabled"));                           // S2-52
  house.gateway.kill();
  house.gateway.start();
  CHECK(house.becomes("disabled"));
  CHECK(house.tellings("person.upserted") == 5);
  CHECK(house.refusal({"integration", "resume", "net2-hq"}).empty());
  REQUIRE(house.told("person.upserted", 10));
  CHECK(house.person(key_of(house.staff().at(0))).at("id") != former.at("id"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-52: with the source left on, the next run brings the people back", "[sync][purge]") {
  Started house(2);
  REQUIRE(house.became_active);
  const auto plan = house.gateway.json({"purge", "plan", "--all-synced", "--keep-source-enabled"});
  REQUIRE(number_at(plan, "count") == 2);
  REQUIRE(house.apply(plan).status == 0);
  REQUIRE(house.told("person.removed", 2));
  REQUIRE(house.told("person.upserted", 4));
  CHECK(house.becomes("active"));
  CHECK(house.people().size() == 2);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-55: an integration whose block is taken out leaves its people as they are, and they are known again",
    "[sync][switches]") {
  Started house(3);
  REQUIRE(house.became_active);
  const auto before = house.person(key_of(house.staff().at(0)));
  house.edit("id: net2-hq", "id: net2-new");
  REQUIRE(house.reload().empty());
  REQUIRE(house.becomes("active", "net2-new"));
  REQUIRE(eventually(
      20s, [&] { return !house.person("net2-new/" + std::to_string(house.staff().at(0))).empty(); }));
  CHECK(house.people({"--access", "yes"}).size() == 3);
  CHECK(house.person("net2-new/" + std::to_string(house.staff().at(0))).at("id") == before.at("id"));
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(house.tellings("person.removed") == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
