// Runs and plans that are cut short: all of a plan or none of it, and nobody told twice (features.md S0-23,
// B.2-15).
#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

/// How often each person came to the broker, by id in Net2.
std::map<std::string, int> tellings_by_id(const Ledger& ledger) {
  std::map<std::string, int> out;
  for (const auto& data : data_of(ledger, "person.upserted")) {
    const auto person = at(data, "person");
    ++out[text_at(person.at("sources").as_array().at(0).as_object(), "external_id")];
  }
  return out;
}

/// A daemon that dies at a step; false: it never came to it.
bool started_to_die(SyncHouse& house, const std::string& label, int pass) {
  house.gateway.env() = {{"GATEHOUSE_CRASH_AT", label + ":" + std::to_string(pass)}};
  house.gateway.launch();
  return eventually(20s, [&] { return !house.gateway.running() || house.gateway.state() == "draft"; });
}

void live_again(SyncHouse& house) {
  house.gateway.kill();
  house.gateway.env().clear();
  house.gateway.start();
}

/// From whatever there is to everybody imported.
void bring_to_the_end(SyncHouse& house, int bad) {
  REQUIRE(eventually(20s, [&] {
    const auto state = house.gateway.state();
    return state == "draft" || state == "active";
  }));
  if (house.gateway.state() == "active") return;  // the plan was being applied: it has been finished
  CHECK(house.people().empty());
  for (const auto& issue : house.issues("error")) {
    CHECK(text_at(issue.as_object(), "external_id") == std::to_string(bad));
    CHECK(house.refusal({"issue", "skip", text_at(issue.as_object(), "id")}).empty());
  }
  const auto plan = house.plan_of_kind("first_sync");
  REQUIRE(number_at(plan, "count") == 5);
  CHECK(house.refusal({"plan", "apply", text_at(plan, "plan"), "--confirm", "5"}).empty());
  REQUIRE(house.becomes("active"));
}

void die_in_a_first_sync(const std::string& label, int pass) {
  SyncHouse house("confirm");
  house.add_staff(5);
  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  started_to_die(house, label, pass);
  for (int i = 0; i < 100 && house.gateway.running() && house.gateway.state() == "draft"; ++i) {
    const auto errors = house.issues("error");
    if (!errors.empty()) house.gateway.ask({"issue", "skip", text_at(errors.at(0).as_object(), "id")});
    for (const auto& plan : house.plans()) house.apply(plan.as_object());
  }
  const bool died = eventually(2s, [&] { return !house.gateway.running(); });
  INFO("at " << label << ", pass " << pass << (died ? "" : ": never came there"));
  CHECK(died);
  live_again(house);
  bring_to_the_end(house, bad);
  CHECK(house.people().size() == 5);
  REQUIRE(house.told("person.upserted", 5));
  CHECK(text_at(house.pass(), "outcome") == "complete");
  const auto ledger = house.recorder.ledger();
  const auto told = tellings_by_id(ledger);
  CHECK(told.size() == 5);
  for (const auto& [id, times] : told) CHECK(times == 1);
  CHECK(house.no_plan("first_sync"));
  CHECK(house.issues().empty());
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("S0-23, S0-36: kill -9 at any step of a draft and of its plan leaves all of it or nothing",
          "[sync][kill]") {
  const std::string label =
      GENERATE("store.issues", "store.choice", "store.plan.begin", "store.plan.add", "store.plan.offer",
               "store.plan.state", "store.plan.apply", "store.plan.end");
  const std::string side = GENERATE(".before", ".after");
  DYNAMIC_SECTION(label << side) {
    die_in_a_first_sync(label + side, 1);
  }
}

TEST_CASE("S0-43, B.2-15: kill -9 in a later run leaves nothing undone and nothing done twice",
          "[sync][kill]") {
  const std::string label = GENERATE("store.apply.before", "store.apply.after", "store.issues.after",
                                     "store.run.before", "store.run.after");
  DYNAMIC_SECTION(label) {
    SyncHouse house;
    house.add_staff(4);
    house.start_and_import();
    REQUIRE(house.told("person.upserted", 4));
    house.gateway.kill();
    const int gone = house.staff().at(0);
    house.net2.remove_person(gone);
    house.net2.change_person(house.staff().at(1), R"({"telephone":"+44 1632 960123"})");
    const int fresh = house.add({.first = "New", .last = "Comer", .email = "new@example.org"});
    const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
    house.gateway.env() = {{"GATEHOUSE_CRASH_AT", label + ":1"}};
    house.gateway.launch();
    CHECK(eventually(20s, [&] { return !house.gateway.running(); }));
    live_again(house);
    REQUIRE(house.told("person.disabled", 1));
    REQUIRE(house.told("person.upserted", 6));
    REQUIRE_FALSE(house.issue_about(bad, "invalid_email").empty());
    REQUIRE(house.becomes("issues"));
    CHECK(text_at(house.pass(), "outcome") == "completed_with_issues");
    CHECK_FALSE(house.person(key_of(fresh)).empty());
    CHECK(house.tellings("person.upserted") == 6);
    CHECK(house.tellings("person.disabled") == 1);
    CHECK(house.issues().size() == 1);
    CHECK(lines(house.recorder.ledger().broken()).empty());
  }
}

TEST_CASE("S0-23: a plan of several portions that was cut short is carried on, not begun anew",
          "[sync][kill]") {
  SyncHouse house("confirm", 1200);
  house.gateway.start();
  const auto plan = house.plan_of_kind("first_sync");
  const auto count = number_at(plan, "count");
  REQUIRE(count > 1000);
  house.gateway.kill();
  house.gateway.env() = {{"GATEHOUSE_CRASH_AT", "store.plan.apply.after:2"}};
  house.gateway.start();
  house.apply(plan);
  CHECK(eventually(20s, [&] { return !house.gateway.running(); }));
  live_again(house);
  REQUIRE(house.becomes("active"));
  REQUIRE(house.told("person.upserted", static_cast<std::size_t>(count)));
  const auto told = tellings_by_id(house.recorder.ledger());
  CHECK(told.size() == static_cast<std::size_t>(count));
  CHECK(house.tellings("person.upserted") == static_cast<std::size_t>(count));
  CHECK(number_at(house.gateway.status(), "people") == count);
  CHECK(house.plans().empty());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-53: a run that was cut short is in the journal as one that failed", "[sync][kill]") {
  SyncHouse house;
  house.gateway.site().net2_more = "    automatic: false\n";
  house.configure();
  house.add_staff(3);
  house.gateway.env() = {{"GATEHOUSE_CRASH_AT", "store.apply.before:1"}};
  house.gateway.start();
  CHECK(house.gateway.ask({"sync", "run", "net2-hq", "--wait"}).status == 4);
  live_again(house);
  const auto runs = house.list({"sync", "log", "net2-hq"}, "runs");
  REQUIRE(runs.size() == 1);
  CHECK(text_at(runs.at(0).as_object(), "outcome") == "failed");
  CHECK(text_at(runs.at(0).as_object(), "detail") == "interrupted");
  CHECK(text_at(house.pass(), "outcome") == "complete");
  REQUIRE(house.told("person.upserted", 3));
  CHECK(house.list({"sync", "log", "net2-hq"}, "runs").size() == 2);
}

TEST_CASE("S2-49, S2-54: a purge that was cut short is finished at the next start", "[sync][kill][purge]") {
  const std::string label =
      GENERATE("store.plan.state.after", "store.plan.apply.after", "store.plan.end.before");
  DYNAMIC_SECTION(label) {
    SyncHouse house;
    house.add_staff(4);
    house.start_and_import();
    REQUIRE(house.told("person.upserted", 4));
    house.gateway.kill();
    house.gateway.env() = {{"GATEHOUSE_CRASH_AT", label + ":1"}};
    house.gateway.start();
    REQUIRE(house.becomes("active"));
    const auto plan = house.gateway.json({"purge", "plan", "--integration", "net2-hq"});
    house.apply(plan);
    CHECK(eventually(20s, [&] { return !house.gateway.running(); }));
    live_again(house);
    REQUIRE(house.told("person.removed", 4));
    CHECK(house.becomes("disabled"));
    CHECK(house.people().empty());
    CHECK(house.tellings("person.removed") == 4);
    CHECK(house.tellings("person.upserted") == 4);
    CHECK(lines(house.recorder.ledger().broken()).empty());
  }
}

}  // namespace
}  // namespace gatehouse::whole
