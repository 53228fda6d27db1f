// People who leave: three ways of on_removed, the guard before them, and those who are out of the sync's
// hands (features.md S0-45, S2-28, S2-29, B.2-1, B.2-2, B.2-8).
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

bool present(const SyncHouse& house, int id) {
  return flag_at(at(house.person(key_of(id)), "access"), "source_present");
}

bool effective(const SyncHouse& house, int id) {
  return flag_at(at(house.person(key_of(id)), "access"), "effective");
}

/// As if they had never gone: the same id.
void bring_back(const SyncHouse& house, int id, const std::string& first) {
  house.net2.act("people", R"({"add":{"id":)" + std::to_string(id) + R"(,"firstName":")" + first +
                               R"(","lastName":"Staff","email":")" + first +
                               R"(@example.org","department":"Staff"}})");
}

void remove_for_good(const SyncHouse& house, int id) {
  house.net2.act("people", R"({"remove":[)" + std::to_string(id) + R"(],"purge":true})");
}

TEST_CASE(
    "S0-15, S0-45, S2-28, S2-39, B.2-1, B.2-2: who is removed at the source is disabled, kept in the "
    "registry, "
    "and welcome back",
    "[sync][removal]") {
  SyncHouse house;
  house.add_staff(4);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 4));
  const int id = house.staff().at(3);
  const auto before = house.person(key_of(id));
  remove_for_good(house, id);
  REQUIRE(house.told("person.disabled", 1));
  const auto told = data_of(house.recorder.ledger(), "person.disabled").at(0);
  CHECK(text_at(told, "person_id") == text_at(before, "id"));
  CHECK(text_at(told, "reason") == "removed_at_source");
  CHECK(flag_at(at(told, "evidence"), "complete"));
  CHECK_FALSE(text_at(at(told, "evidence"), "run").empty());
  CHECK_FALSE(present(house, id));
  CHECK_FALSE(effective(house, id));
  CHECK(flag_at(at(house.person(key_of(id)), "access"), "admin_enabled"));
  CHECK(house.people({"--access", "no"}).size() == 1);
  CHECK(house.activity({"--outcome", "disabled"}).size() == 1);

  bring_back(house, id, "Person4");
  REQUIRE(house.told("person.upserted", 5));
  CHECK(effective(house, id));
  CHECK(house.person(key_of(id)).at("id") == before.at("id"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-45, B.2-1: with delete they are disabled first and removed after delete_after",
          "[sync][removal]") {
  SyncHouse house;
  house.gateway.site().sync_more = "      on_removed: delete\n      delete_after: 2s\n";
  house.configure();
  house.add_staff(3);
  house.start_and_import();
  const int id = house.staff().at(0);
  const auto before = house.person(key_of(id));
  house.net2.remove_person(id);
  REQUIRE(house.told("person.disabled", 1));
  CHECK(house.tellings("person.removed") == 0);
  REQUIRE(house.told("person.removed", 1));
  CHECK(text_at(data_of(house.recorder.ledger(), "person.removed").at(0), "person_id") ==
        text_at(before, "id"));
  CHECK(house.person(text_at(before, "id")).empty());
  CHECK(house.people().size() == 2);
  CHECK(house.activity({"--outcome", "removed"}).size() == 1);  // S2-28: the history stays
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-45: with keep they keep their access, and an issue says so while they are away",
          "[sync][removal]") {
  SyncHouse house;
  house.gateway.site().sync_more = "      on_removed: keep\n";
  house.configure();
  house.add_staff(3);
  house.start_and_import();
  const int id = house.staff().at(0);
  remove_for_good(house, id);
  REQUIRE_FALSE(house.issue_about(id, "removed_but_kept").empty());
  REQUIRE(house.polled(2));
  CHECK(effective(house, id));
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(house.issues().size() == 1);
  bring_back(house, id, "Person1");
  CHECK(house.no_issues());
  CHECK(house.becomes("active"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-45, S2-54, B.2-8: too many removals at once are withheld whole while additions go on, and a plan "
    "releases them",
    "[sync][guard]") {
  SyncHouse house;
  house.gateway.site().sync_more = "      guard: {removals: {count: 2, percent: 100, window: 24h}}\n";
  house.configure();
  house.add_staff(8);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 8));
  house.net2.act("people", R"({"remove":4})");
  const int late = house.add({.first = "Late", .last = "Comer", .email = "late@example.org"});
  REQUIRE(house.told("person.upserted", 9));
  REQUIRE(house.becomes("guarded"));
  CHECK(effective(house, late));
  CHECK(house.tellings("person.disabled") == 0);
  const auto run = house.gateway.ask({"sync", "run", "net2-hq", "--wait", "--json"});
  CHECK(run.status == 3);
  CHECK_THAT(run.out, Catch::Contains("guarded"));
  CHECK(house.activity({"--reason", "guard_withheld"}).size() == 4);
  const auto plan = house.plan_of_kind("guard");
  REQUIRE(number_at(plan, "count") == 4);
  REQUIRE(house.told("plan", 1));
  REQUIRE(house.polled(2));
  CHECK(house.tellings("plan") == 1);

  SECTION("applied: exactly those leave") {
    REQUIRE(house.refusal({"plan", "apply", text_at(plan, "plan"), "--confirm", "4"}).empty());
    REQUIRE(house.told("person.disabled", 4));
    CHECK(house.becomes("active"));
    CHECK(house.people({"--access", "yes"}).size() == 5);
    CHECK(house.plans().empty());
    REQUIRE(house.polled(1));
    CHECK(house.tellings("person.disabled") == 4);
  }
  SECTION("one comes back before that: the plan is stale, and then small enough to need none") {
    bring_back(house, house.staff().at(0), "Person1");
    const auto refused = house.apply(plan);
    INFO(refused.err);
    CHECK(refused.status == 1);
    CHECK(house.tellings("person.disabled") == 0);
  }
  SECTION("kill -9 in between: still withheld, the same plan") {
    house.gateway.kill();
    house.gateway.start();
    REQUIRE(house.becomes("guarded"));
    CHECK(text_at(house.plan_of_kind("guard"), "plan") == text_at(plan, "plan"));
    CHECK(house.tellings("person.disabled") == 0);
  }
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("B.2-8: a leak of a few at a time adds up within the guard's window", "[sync][guard]") {
  SyncHouse house;
  house.gateway.site().sync_more = "      guard: {removals: {count: 3, percent: 100, window: 24h}}\n";
  house.configure();
  house.add_staff(8);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 8));
  house.net2.act("people", R"({"remove":2})");
  REQUIRE(house.told("person.disabled", 2));
  house.gateway.kill();  // what went before is remembered
  house.gateway.start();
  house.net2.act("people", R"({"remove":2})");
  REQUIRE(house.becomes("guarded"));
  CHECK(house.tellings("person.disabled") == 2);
  CHECK(number_at(house.plan_of_kind("guard"), "count") == 2);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-26, S2-29, S2-44: a decoupled person is not touched, and a removal meanwhile is said aloud",
          "[sync][removal]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int id = house.staff().at(2);
  CHECK(house.refusal({"people", "decouple", key_of(id), "--reason", "long leave"}).empty());
  REQUIRE(house.told("person.upserted", 4));  // `tracked` is a fact as well
  house.net2.change_person(id, R"({"firstName":"Changed"})");
  CHECK(text_at(house.pass(), "outcome") == "complete");
  CHECK(text_at(house.person(key_of(id)), "first_name") == "Person3");
  CHECK_FALSE(flag_at(house.person(key_of(id)), "tracked"));
  const auto why = house.why(key_of(id));
  CHECK(text_at(at(why, "decoupled"), "reason") == "long leave");
  CHECK(text_at(why.at("links").as_array().at(0).as_object(), "skip") == "decoupled");
  remove_for_good(house, id);
  REQUIRE_FALSE(house.issue_about(id, "decoupled_but_removed").empty());
  REQUIRE(house.polled(2));
  CHECK(effective(house, id));
  CHECK(house.tellings("person.disabled") == 0);

  SECTION("coupled again: the source rules at once") {
    CHECK(house.refusal({"people", "couple", key_of(id)}).empty());
    REQUIRE(house.told("person.disabled", 1));
    CHECK_FALSE(effective(house, id));
    CHECK(house.no_issues());
  }
  SECTION("back at the source: the issue goes, the person stays as decoupled") {
    bring_back(house, id, "Person3");
    CHECK(house.no_issues());
    CHECK(text_at(house.person(key_of(id)), "first_name") == "Person3");
  }
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-29: a decoupling with an end is over by itself", "[sync][removal]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  const int id = house.staff().at(0);
  CHECK(house.gateway.ask({"people", "decouple", key_of(id), "--until", "2001-01-01"}).status == 1);
  CHECK(house.refusal({"people", "decouple", key_of(id), "--until", "3s"}).empty());
  house.net2.change_person(id, R"({"firstName":"Changed"})");
  CHECK_FALSE(flag_at(house.person(key_of(id)), "tracked"));
  REQUIRE(eventually(20s, [&] { return text_at(house.person(key_of(id)), "first_name") == "Changed"; }));
  CHECK(flag_at(house.person(key_of(id)), "tracked"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-45, B.2-8: when all who were withheld are back the guard is over, and nobody was told of anything",
    "[sync][guard]") {
  SyncHouse house;
  house.gateway.site().sync_more = "      guard: {removals: {count: 1, percent: 100, window: 24h}}\n";
  house.configure();
  house.add_staff(5);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 5));
  for (const int i : {0, 1, 2}) remove_for_good(house, house.staff().at(static_cast<std::size_t>(i)));
  REQUIRE(house.becomes("guarded"));
  const auto gone = house.tellings("person.disabled");  // the first may have gone alone
  for (const int i : {0, 1, 2})
    bring_back(house, house.staff().at(static_cast<std::size_t>(i)), "Person" + std::to_string(i + 1));
  CHECK(house.no_plan("guard"));
  CHECK(house.becomes("active"));
  CHECK(house.tellings("person.disabled") == gone);
  CHECK(house.people({"--access", "yes"}).size() == 5);
  const auto why = house.why(key_of(house.staff().at(2)));
  CHECK(why.at("links").as_array().at(0).as_object().at("skip").is_null());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-40, S2-29: a decoupled person's id in other hands is nobody's business until they are coupled again",
    "[sync][removal]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int id = house.staff().at(1);
  CHECK(house.refusal({"people", "decouple", key_of(id), "--reason", "leave"}).empty());
  house.net2.change_person(id, R"({"firstName":"Mallory","lastName":"Other","email":"mallory@example.org"})");
  CHECK(text_at(house.pass(), "outcome") == "complete");
  CHECK(text_at(house.pass(), "outcome") == "complete");
  CHECK(house.issues().empty());
  CHECK(effective(house, id));
  CHECK(house.refusal({"people", "couple", key_of(id)}).empty());
  CHECK_FALSE(house.issue_about(id, "identity_changed").empty());
  CHECK_FALSE(effective(house, id));
  CHECK(text_at(house.person(key_of(id)), "first_name") == "Person2");
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
