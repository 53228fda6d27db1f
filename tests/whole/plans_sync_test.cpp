// Plans beside each other: dropped, superseded, cut short (features.md S0-25, S0-45, S0-54, S2-54, B.2-6).
#include <algorithm>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

class Guarded : public SyncHouse {
 public:
  Guarded() {
    gateway.site().sync_more = "      guard: {removals: {count: 1, percent: 100, window: 24h}}\n";
    configure();
    add_staff(5);
    start_and_import();
    came = told("person.upserted", 5);
  }
  bool came = false;
};

TEST_CASE("S2-54: a plan that was discarded does nothing, and the same changes are offered anew",
          "[sync][plans]") {
  Guarded house;
  REQUIRE(house.came);
  house.net2.act("people", R"({"remove":3})");
  const auto plan = house.plan_of_kind("guard");
  REQUIRE(number_at(plan, "count") == 3);
  CHECK(house.refusal({"plan", "discard", text_at(plan, "plan")}).empty());
  CHECK(house.apply(plan).status == 1);
  const auto anew = house.plan_of_kind("guard");
  CHECK(text_at(anew, "plan") != text_at(plan, "plan"));
  CHECK(number_at(anew, "count") == 3);
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(text_at(house.plan(text_at(plan, "plan")), "state") == "discarded");
}

TEST_CASE("S0-54, S2-54: a mapping that is changed while removals are withheld takes their plan's place",
          "[sync][plans]") {
  Guarded house;
  REQUIRE(house.came);
  house.net2.act("people", R"({"remove":3})");
  const auto guard = house.plan_of_kind("guard");
  REQUIRE_FALSE(guard.empty());
  const auto former = house.gateway.site().groups;
  house.gateway.site().groups = "{Staff: contractor}";
  REQUIRE(house.reload().empty());
  const auto plan = house.plan_of_kind("mapping_change");
  REQUIRE_FALSE(plan.empty());
  CHECK(house.no_plan("guard"));
  const auto stale = house.apply(guard);
  CHECK(stale.status == 1);
  CHECK_THAT(stale.err, Catch::Contains("plan_stale"));
  CHECK(house.tellings("person.disabled") == 0);

  SECTION("taken back: the guard's plan again") {
    house.gateway.site().groups = former;
    REQUIRE(house.reload().empty());
    CHECK(number_at(house.plan_of_kind("guard"), "count") == 3);
    CHECK(house.no_plan("mapping_change"));
    CHECK(house.becomes("guarded"));
  }
  SECTION("applied: it names the removals as well") {
    CHECK(number_at(plan, "count") == 5);
    REQUIRE(house.apply(plan).status == 0);
    REQUIRE(house.told("person.disabled", 3));
    REQUIRE(house.told("person.upserted", 7));
    CHECK(house.becomes("active"));
  }
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-52, S2-54: a purge ends the plans that rest on the people whom it takes",
          "[sync][plans][purge]") {
  Guarded house;
  REQUIRE(house.came);
  house.net2.act("people", R"({"remove":3})");
  const auto guard = house.plan_of_kind("guard");
  REQUIRE_FALSE(guard.empty());
  const auto purge = house.gateway.json({"purge", "plan", "--integration", "net2-hq"});
  REQUIRE(house.apply(purge).status == 0);
  REQUIRE(house.told("person.removed", 5));
  CHECK(house.apply(guard).status == 1);
  CHECK(house.refusal({"integration", "resume", "net2-hq"}).empty());
  REQUIRE(house.told("person.upserted", 7));
  CHECK(house.becomes("active"));
  CHECK(house.plans().empty());
  CHECK(house.people().size() == 2);
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-55, B.2-7: an integration that was removed begins anew when it is resumed", "[sync][plans]") {
  SyncHouse house("confirm");
  house.add_staff(3);
  house.gateway.start();
  REQUIRE(house.apply(house.plan_of_kind("first_sync")).status == 0);
  REQUIRE(house.told("person.upserted", 3));
  const auto before = house.person(key_of(house.staff().at(0)));
  const std::string fate = GENERATE("disable", "delete");
  DYNAMIC_SECTION(fate) {
    REQUIRE(house.apply(house.gateway.json({"integration", "remove", "net2-hq", "--people", fate})).status ==
            0);
    REQUIRE(house.becomes("disabled"));
    CHECK(house.refusal({"integration", "resume", "net2-hq"}).empty());
    REQUIRE(house.becomes("draft"));
    const auto plan = house.plan_of_kind("first_sync");
    CHECK(number_at(plan, "count") == 3);
    REQUIRE(house.apply(plan).status == 0);
    REQUIRE(house.told("person.upserted", 6));
    CHECK(house.people({"--access", "yes"}).size() == 3);
    CHECK((house.person(key_of(house.staff().at(0))).at("id") == before.at("id")) == (fate == "disable"));
    CHECK(lines(house.recorder.ledger().broken()).empty());
  }
}

TEST_CASE(
    "S0-33, S0-34, S0-43: in a later run a duplicate waits while everybody else goes in, and can be merged "
    "with "
    "somebody who is there",
    "[sync][plans]") {
  SyncHouse house;
  house.add_staff(2);
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int twin = house.add({.first = "Ada", .last = "Lovelace", .email = "ADA@example.org"});
  house.add({.first = "Late", .last = "Comer", .email = "late@example.org"});
  REQUIRE(house.told("person.upserted", 4));
  const auto issue = house.issue_about(twin, "duplicate");
  REQUIRE_FALSE(issue.empty());
  CHECK(house.issues().size() == 1);
  CHECK(house.person(key_of(twin)).empty());

  SECTION("merged") {
    CHECK(house.refusal({"issue", "merge", text_at(issue, "id"), "--into", key_of(ada)}).empty());
    CHECK(house.person(key_of(twin)).at("id") == house.person(key_of(ada)).at("id"));
    // Both records speak for the person: one of them gone takes the access.
    house.net2.remove_person(twin);
    REQUIRE(house.told("person.disabled", 1));
    CHECK_FALSE(flag_at(at(house.person(key_of(ada)), "access"), "effective"));
  }
  SECTION("two people who share a name and an e-mail") {
    CHECK(house.refusal({"issue", "fix", text_at(issue, "id"), "--set", "person=new"}).empty());
    CHECK(house.person(key_of(twin)).at("id") != house.person(key_of(ada)).at("id"));
  }
  SECTION("left out, and taken back") {
    CHECK(house.refusal({"issue", "skip", text_at(issue, "id")}).empty());
    CHECK(house.no_issues());
    CHECK(house.refusal({"issue", "unskip", text_at(issue, "id")}).empty());
    CHECK_FALSE(house.issue_about(twin, "duplicate").empty());
  }
  SECTION("mended at the source: nobody has to say anything") {
    house.net2.change_person(twin, R"({"lastName":"King","email":"king@example.org"})");
    REQUIRE(house.told("person.upserted", 5));
    CHECK(house.no_issues());
  }
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-23, S2-54: kill -9 within a plan of another kind leaves all of it or nothing",
          "[sync][plans][kill]") {
  const std::string kind = GENERATE("guard", "mapping_change");
  const std::string label =
      GENERATE("store.plan.state.after", "store.plan.apply.before", "store.plan.apply.after",
               "store.plan.end.before", "store.plan.end.after");
  DYNAMIC_SECTION(kind << " " << label) {
    Guarded house;
    REQUIRE(house.came);
    if (kind == "guard") {
      house.net2.act("people", R"({"remove":3})");
    } else {
      house.gateway.site().groups = "{Staff: contractor}";
      house.configure();
    }
    house.gateway.kill();
    house.gateway.env() = {{"GATEHOUSE_CRASH_AT", label + ":1"}};
    house.gateway.start();
    const auto plan = house.plan_of_kind(kind);
    const auto count = static_cast<std::size_t>(number_at(plan, "count"));
    REQUIRE(count == (kind == "guard" ? 3 : 5));
    house.apply(plan);
    CHECK(eventually(20s, [&] { return !house.gateway.running(); }));
    house.gateway.kill();
    house.gateway.env().clear();
    house.gateway.start();
    const std::string told = kind == "guard" ? "person.disabled" : "person.upserted";
    const auto all = kind == "guard" ? count : count + 5;
    REQUIRE(house.told(told, all));  // it was confirmed: it is carried out
    REQUIRE(house.becomes("active"));
    CHECK(house.tellings(told) == all);
    CHECK(house.plans().empty());
    CHECK(lines(house.recorder.ledger().broken()).empty());
  }
}

TEST_CASE("S0-38, S2-54: a plan that several confirm at once is carried out once", "[sync][plans]") {
  SyncHouse house("confirm");
  house.add_staff(5);
  house.gateway.start();
  const auto plan = house.plan_of_kind("first_sync");
  REQUIRE_FALSE(plan.empty());
  std::vector<int> statuses(4, -1);
  std::vector<std::thread> operators;
  for (auto& status : statuses) operators.emplace_back([&] { status = house.apply(plan).status; });
  for (auto& one : operators) one.join();
  CHECK(std::ranges::count(statuses, 0) == 1);
  CHECK(std::ranges::count(statuses, 1) == 3);
  REQUIRE(house.told("person.upserted", 5));
  REQUIRE(house.polled(1));
  CHECK(house.tellings("person.upserted") == 5);
}

TEST_CASE("S0-33: three of the same in a first sync become one person", "[sync][plans]") {
  SyncHouse house("confirm");
  std::vector<int> same;
  for (int i = 0; i < 3; ++i)
    same.push_back(house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"}));
  house.gateway.start();
  for (const int i : {2, 1}) {
    const auto issue = house.issue_about(same.at(static_cast<std::size_t>(i)), "duplicate");
    REQUIRE_FALSE(issue.empty());
    CHECK(house.refusal({"issue", "merge", text_at(issue, "id"), "--into", std::to_string(same.front())}) ==
          "");
  }
  CHECK(house.no_issues());
  const auto plan = house.plan_of_kind("first_sync");
  CHECK(number_at(plan, "count") == 3);
  CHECK(house.apply(plan).status == 0);
  REQUIRE(house.people().size() == 1);
  CHECK(house.people().at(0).as_object().at("sources").as_array().size() == 3);
}

}  // namespace
}  // namespace gatehouse::whole
