// The first sync of an integration: a draft with gates, in order, that outlives the daemon.

#include <catch2/catch.hpp>

#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

using Words = std::vector<std::string>;

/// Clean 1 to 5, an e-mail that is none (6), twins (7 and 8), a group that is not mapped (9).
void fill(SyncDesk& desk) {
  desk.people(1, 5);
  desk.source.people.push_back(somebody(6, "Bo", "Berg", "no address"));
  desk.source.people.push_back(somebody(7, "Cy", "Clay", "cy@example.com"));
  desk.source.people.push_back(somebody(8, "CY", "Clay", "Cy@Example.com", "020 7946 0018"));
  desk.source.people.push_back(record(9));
  desk.source.people.back().department = "Unknown";
}

std::size_t sync_messages(SyncDesk& desk) {
  std::size_t sum = 0;
  for (const auto& row : waiting(*desk.world.store, Lane::people)) {
    sum += member(row.payload, "type") == "gatehouse.sync.v1" ? 1 : 0;
  }
  return sum;
}

}  // namespace

TEST_CASE("S0-22: a first sync passes its gates in order: errors, duplicates, review", "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  fill(desk);
  auto report = desk.run();
  CHECK(report.end == PassEnd::draft);
  CHECK(report.run.phase == "errors");
  CHECK(report.run.outcome == "draft");
  CHECK(report.run.counts.errors == 1);
  CHECK(report.run.counts.duplicates == 2);
  CHECK(desk.plans().empty());
  CHECK(desk.everybody().empty());
  CHECK_FALSE(desk.sync->ever_complete());
  CHECK(desk.skip(9) == SkipReason::group_not_mapped);

  desk.fix(6, "email", "bo@example.com");
  report = desk.run();
  CHECK(report.run.phase == "duplicates");
  CHECK_FALSE(desk.issue(6));
  CHECK(desk.plans().empty());

  desk.say(8, RecordChoice::Kind::skip);
  report = desk.run();
  CHECK(report.run.phase == "review");
  CHECK(desk.issues().empty());
  REQUIRE(report.plan);
  CHECK(report.plan->kind == PlanKind::first_sync);
  CHECK(desk.listed(report.plan->id) == Words{"add 1", "add 2", "add 3", "add 4", "add 5", "add 6", "add 7"});
  CHECK(desk.everybody().empty());

  const auto done = desk.apply(report.plan->id);
  CHECK(done.run.trigger == Trigger::first);
  CHECK(done.run.outcome == "complete");
  CHECK(done.run.counts.added == 7);
  CHECK(desk.sync->ever_complete());
  CHECK(desk.everybody().size() == 7);
  CHECK(desk.person(6)->facts.email == "bo@example.com");
  CHECK(get(desk.world.store->plan(report.plan->id)).state == PlanState::applied);

  report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.counts.added == 0);
  CHECK(desk.skip(8) == SkipReason::operator_skip);
  const auto before = desk.world.written();
  desk.run();
  CHECK(desk.world.written() == before);
}

TEST_CASE("S0-22: applying a first plan while errors are open does nothing", "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  desk.people(1, 5);
  const auto plan = desk.run().plan->id;
  desk.source.at(3).values[2] = "no address";
  const auto applied = desk.try_apply(plan);
  REQUIRE_FALSE(applied);
  CHECK(applied.error().code == Errc::refused);
  CHECK(applied.error().detail.find("1 errors") != std::string::npos);
  CHECK(desk.everybody().empty());
  CHECK(desk.plans().empty());
  CHECK(get(desk.world.store->plan(plan)).state == PlanState::superseded);
}

TEST_CASE("A match to be decided does not stop a first sync", "[sync][first]") {
  SyncDesk net2;
  net2.people(1, 2);
  net2.run();
  auto with = feed_settings();
  with.sync.first = FirstSync::confirm;
  SyncDesk feed(net2.world, with);
  feed.source.people = {fed("e-1", "Ada", "Nr1", ""), fed("e-2", "Bo", "Berg", "bo@example.com")};
  feed.source.people[0].values[3] = "020 7946 0018";
  const auto report = feed.run();
  CHECK(report.run.phase == "review");
  REQUIRE(report.plan);
  CHECK(feed.listed(report.plan->id) == Words{"add e-2"});
  CHECK(feed.issues().size() == 1);
}

TEST_CASE("S0-23: a draft outlives the daemon: its issues, its answers and its plan", "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  fill(desk);
  desk.run();
  const auto issue = desk.issue(6)->number;
  desk.fix(6, "email", "bo@example.com");
  desk.say(7, RecordChoice::Kind::create);
  desk.restart();
  auto report = desk.run();
  CHECK(report.run.phase == "review");  // two people who share a name and an address: both are clean
  CHECK_FALSE(desk.issue(6));
  CHECK(get(desk.world.store->any_issue(issue)).reason == IssueReason::invalid_email);
  const auto plan = report.plan;
  REQUIRE(plan);
  desk.restart();
  report = desk.run();
  CHECK(report.plan->id == plan->id);
  CHECK(report.plan->token == plan->token);
  desk.apply(plan->id);
  CHECK(desk.everybody().size() == 8);
}

TEST_CASE("S0-24: a draft that nobody touches tells itself once and keeps its plan", "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  desk.people(1, 30);
  const auto plan = desk.run().plan;
  const auto told = sync_messages(desk);
  const auto before = desk.world.written();
  for (int i = 0; i < 3; ++i) CHECK(desk.run().plan->id == plan->id);
  CHECK(desk.world.written() == before);
  CHECK(sync_messages(desk) == told);
  desk.people(1, 31);
  const auto next = desk.run().plan;
  CHECK(next->id != plan->id);
  CHECK(sync_messages(desk) == told + 1);
  CHECK(desk.plans().size() == 1);
  CHECK(get(desk.world.store->plan(plan->id)).state == PlanState::superseded);
}

TEST_CASE("B.2-6: a first plan that lists nobody can be confirmed, and the integration is active",
          "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  const auto report = desk.run();
  REQUIRE(report.plan);
  CHECK(report.plan->count == 0);
  desk.apply(report.plan->id);
  CHECK(desk.sync->ever_complete());
  desk.people(1, 3);
  CHECK(desk.run().run.counts.added == 3);
}

TEST_CASE("S0-33: twins of a first sync become one person, in whatever order they come", "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  const bool into_the_later = GENERATE(true, false);
  const std::int64_t from = into_the_later ? 7 : 8;
  const std::int64_t into = into_the_later ? 8 : 7;
  fill(desk);
  desk.fix(6, "email", "bo@example.com");
  desk.run();
  desk.say(from, RecordChoice::Kind::link, {}, into);
  const auto report = desk.run();
  CHECK(desk.issues().empty());  // the other one rested on it
  REQUIRE(report.plan);
  const auto listed = desk.listed(report.plan->id);
  CHECK(std::ranges::count(listed, "link " + std::to_string(from)) == 1);
  CHECK(std::ranges::count(listed, "add " + std::to_string(into)) == 1);
  desk.apply(report.plan->id);
  CHECK(desk.everybody().size() == 7);
  REQUIRE(desk.person(7));
  CHECK(desk.person(7)->id == desk.person(8)->id);
  CHECK(desk.person(from)->sources.size() == 2);
  desk.run();
  CHECK(desk.issues().empty());
  const auto before = desk.world.written();
  desk.run();
  CHECK(desk.world.written() == before);
  CHECK(desk.everybody().size() == 7);
}

TEST_CASE("S0-33: a plan of more than one portion lists twins as well, and does what it lists",
          "[sync][first]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  desk.people(1, 1100);
  desk.source.people.push_back(somebody(1500, "Ada", "Nr3", "ada3@example.com"));
  desk.run();
  desk.say(3, RecordChoice::Kind::link, {}, 1500);
  const auto report = desk.run();
  CHECK(desk.issues().empty());
  REQUIRE(report.plan);
  CHECK(report.plan->count == 1101);
  desk.apply(report.plan->id);
  CHECK(desk.everybody().size() == 1100);
  REQUIRE(desk.person(3));
  CHECK(desk.person(3)->id == desk.person(1500)->id);
}

TEST_CASE("S0-34: a skipped duplicate is left out, which can be taken back", "[sync][first]") {
  SyncDesk desk;
  fill(desk);
  desk.run();
  CHECK(desk.issues().size() == 3);
  desk.say(7, RecordChoice::Kind::skip);
  desk.run();
  CHECK_FALSE(desk.issue(7));
  CHECK_FALSE(desk.issue(8));  // it rested on 7
  CHECK(desk.person(8));
  CHECK_FALSE(desk.person(7));
  CHECK(desk.skip(7) == SkipReason::operator_skip);
  get(desk.world.store->unsay(hq, 7));
  desk.run_full();
  CHECK(desk.reason(7) == IssueReason::duplicate);
  CHECK_FALSE(desk.issue(8));  // linked by now
}
