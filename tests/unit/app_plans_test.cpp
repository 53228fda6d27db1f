// What stops at a plan: another mapping, another server, withheld removals; and what a plan promises.

#include <catch2/catch.hpp>

#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

bool stale(const Result<PassReport>& report) {
  return !report && report.error().code == Errc::refused && report.error().detail.starts_with("plan_stale");
}

}  // namespace

TEST_CASE("S0-25: a changed mapping waits as a plan, and the old people stay as they are", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.run();
  desk.integration.sync.groups = {{"Staff", PersonType::contractor}};
  desk.begin();
  auto report = desk.run();
  CHECK(report.end == PassEnd::reimport);
  REQUIRE(report.plan);
  CHECK(report.plan->kind == PlanKind::mapping_change);
  CHECK(report.plan->count == 30);
  const auto changes = get(desk.world.store->plan_changes(report.plan->id, 0, 100));
  CHECK(changes[0].op == PlanOp::update);
  CHECK(changes[0].changed == Words{"person_type"});
  CHECK(desk.person(5)->facts.person_type == PersonType::employee);

  SECTION("while it waits, nothing of the source is taken over") {
    desk.people(2, 31);
    report = desk.run();
    CHECK(report.end == PassEnd::reimport);
    CHECK(desk.present().size() == 30);
    CHECK(report.plan->count == 31);  // 29 updates, one more, one less
  }
  SECTION("confirmed, it happens, and the next pass has nothing left to do") {
    CHECK(desk.apply(report.plan->id).run.counts.updated == 30);
    CHECK(desk.person(5)->facts.person_type == PersonType::contractor);
    desk.restart();
    report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK_FALSE(report.run.counts.anything());
  }
  SECTION("taken back, it is gone") {
    desk.integration = sync_settings();
    desk.begin();
    report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK(desk.person(5)->facts.person_type == PersonType::employee);
    CHECK(desk.plans().empty());
  }
}

TEST_CASE("S0-7: a mapping that drops a group lists whom that takes out, and once confirmed it is over",
          "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 100);
  for (std::int64_t i = 1; i <= 40; ++i) desk.source.at(i).department = "Guests";
  desk.run();
  desk.integration.sync.groups.pop_back();
  desk.begin();
  auto report = desk.run();
  CHECK(report.end == PassEnd::reimport);
  REQUIRE(report.plan);
  CHECK(report.plan->count == 40);
  CHECK(desk.listed(report.plan->id).front() == "disable 1");
  desk.apply(report.plan->id);
  CHECK(desk.present().size() == 60);
  report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.withheld == 0);
  CHECK(desk.present().size() == 60);
  CHECK(desk.skip(1) == SkipReason::group_not_mapped);
}

TEST_CASE("S0-7: a group that was forgotten is mapped later, by the same integration", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 10);
  for (std::int64_t i = 1; i <= 4; ++i) desk.source.at(i).department = "Cleaners";
  desk.run();
  CHECK(desk.present().size() == 6);
  desk.integration.sync.groups.push_back({"Cleaners", PersonType::contractor});
  desk.begin();
  const auto report = desk.run();
  REQUIRE(report.plan);
  CHECK(desk.listed(report.plan->id) == Words{"add 1", "add 2", "add 3", "add 4"});
  desk.apply(report.plan->id);
  CHECK(desk.present().size() == 10);
}

TEST_CASE("A mapping that changes nothing for anybody is taken over as it is", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.source.people.push_back(somebody(99, "", "Nameless", "n@example.com"));  // failed before, too
  desk.run();
  desk.integration.sync.groups.push_back({"Nobody", PersonType::contractor});
  desk.begin();
  const auto report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(desk.plans().empty());
  desk.people(1, 31);
  CHECK(desk.run().run.counts.added == 1);
}

TEST_CASE("S1-8: a mapping under which records fail is not taken over before somebody has read its plan",
          "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 12);
  desk.source.people.push_back(somebody(13, "", "Nameless", "n@example.com"));
  desk.run();
  CHECK(desk.reason(13) == IssueReason::missing_required_field);
  SECTION("while most fail") {
    for (auto& person : desk.source.people) person.values[2] = "London";
  }
  SECTION("while one fails") {
    desk.source.at(5).values[2] = "London";
  }
  desk.integration.sync.fields[FieldTarget::email] = "custom:Town";
  desk.begin();
  for (int pass = 0; pass < 2; ++pass) {
    const auto report = desk.run();
    CHECK(report.end == PassEnd::reimport);
    CHECK_FALSE(report.plan);
    CHECK(report.run.phase == "errors");
    CHECK(report.run.counts.errors == 2);
    desk.begin();  // nor after a restart
  }
  for (auto& person : desk.source.people)
    person.values[2] = "town" + std::to_string(person.number) + "@example.com";
  const auto report = desk.run();
  CHECK(report.end == PassEnd::reimport);
  REQUIRE(report.plan);
  CHECK(report.plan->count == 12);
  CHECK(desk.person(1)->facts.email == "ada1@example.com");
  desk.apply(report.plan->id);
  CHECK(desk.person(1)->facts.email == "town1@example.com");
}

TEST_CASE("Names that read differently under another mapping are no strangers", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 60);
  desk.run();
  std::swap(desk.integration.sync.fields[FieldTarget::first_name],
            desk.integration.sync.fields[FieldTarget::last_name]);
  desk.begin();
  for (auto& person : desk.source.people) {
    std::swap(person.values[0], person.values[1]);
    person.values[2] = "new" + person.values[2];
  }
  auto report = desk.run();
  CHECK(report.end == PassEnd::reimport);
  CHECK(desk.issues().empty());
  CHECK(report.plan->count == 60);
  desk.apply(report.plan->id);
  CHECK(desk.run().end == PassEnd::applied);
  for (auto& person : desk.source.people) person.values[0] = "Somebody";  // but now they would be
  CHECK(desk.run().end == PassEnd::other_server);
}

TEST_CASE("S1-8: another server's people are recognised, left alone, and wait as a plan", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.run();
  const auto before = desk.person(1)->id;
  SECTION("under the same ids") {
    desk.source.people.clear();
    for (std::int64_t i = 1; i <= 30; ++i) {
      const auto text = std::to_string(i);
      desk.source.people.push_back(somebody(i, "Bo", "Other" + text, "bo" + text + "@example.com"));
    }
    const auto report = desk.run();
    CHECK(report.end == PassEnd::other_server);
    REQUIRE(report.plan);
    CHECK(report.plan->kind == PlanKind::mapping_change);
    CHECK(report.plan->count == 60);  // each who comes, and each whose id they take
    CHECK(std::ranges::count(desk.listed(report.plan->id), "disable 1") == 1);
    CHECK(desk.person(1)->id == before);
    CHECK(desk.person(1)->facts.first_name == "Ada");
    CHECK(desk.issues().empty());
    desk.apply(report.plan->id);
    CHECK(desk.person(1)->id != before);
    CHECK(desk.person(1)->facts.first_name == "Bo");
    CHECK(desk.everybody().size() == 60);
    CHECK(desk.present().size() == 30);
    const auto left = get(desk.world.store->find_people(before.value()));
    REQUIRE(left.size() == 1);
    CHECK_FALSE(left[0].effective());
    CHECK(desk.sync->last_complete()->counts.disabled == 30);
    CHECK_FALSE(desk.run().run.counts.anything());
  }
  SECTION("under other ids") {
    desk.source.people.clear();
    for (std::int64_t i = 1001; i <= 1030; ++i) {
      const auto text = std::to_string(i);
      desk.source.people.push_back(somebody(i, "Bo", "Other" + text, "bo" + text + "@example.com"));
    }
    const auto report = desk.run();
    CHECK(report.end == PassEnd::other_server);
    CHECK(desk.present().size() == 30);
    REQUIRE(report.plan);
    CHECK(report.plan->count == 60);
    desk.apply(report.plan->id);
    CHECK(desk.present().front() == 1001);
    CHECK(desk.run().end == PassEnd::applied);
  }
}

TEST_CASE("S1-8: a handful of strangers is recognised, too", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 4);
  desk.run();
  const auto stranger = [](std::int64_t number) {
    const auto text = std::to_string(number);
    return somebody(number, "Bo", "Other" + text, "bo" + text + "@example.com");
  };
  const auto [first, last] =
      GENERATE(std::pair{1, 8}, std::pair{3, 10}, std::pair{4, 5}, std::pair{101, 102}, std::pair{1, 2});
  desk.source.people.clear();
  for (std::int64_t i = first; i <= last; ++i) desk.source.people.push_back(stranger(i));
  const auto report = desk.run();
  CHECK(report.end == PassEnd::other_server);
  CHECK_FALSE(report.same_source);
  CHECK_FALSE(report.run.counts.anything());
  REQUIRE(report.plan);
  CHECK(desk.present() == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(desk.issues().empty());
  desk.apply(report.plan->id);
  CHECK(desk.present().size() == static_cast<std::size_t>(last - first + 1));
  CHECK(desk.run().end == PassEnd::applied);
}

TEST_CASE("S1-8: where the doors are others the people say whose server it is", "[sync][plans]") {
  SyncDesk desk;
  PassAsk others;
  others.other_doors = true;
  SECTION("of whom nothing is known yet") {
    desk.people(1, 30);
    CHECK(desk.run(others).same_source);
    CHECK(desk.present().size() == 30);
  }
  SECTION("of whom nearly all are there: they go on as ever") {
    desk.people(1, 30);
    desk.run();
    desk.people(2, 31);
    const auto report = desk.run(others);
    CHECK(report.end == PassEnd::applied);
    CHECK(report.same_source);
    CHECK(desk.present().front() == 2);
    CHECK(desk.plans().empty());
  }
  SECTION("of whom half is there: a plan says what that would change") {
    desk.people(1, 30);
    desk.run();
    desk.people(16, 30);
    auto report = desk.run(others);
    CHECK(report.end == PassEnd::other_server);
    CHECK_FALSE(report.same_source);
    CHECK(desk.present().size() == 30);
    REQUIRE(report.plan);
    CHECK(report.plan->kind == PlanKind::mapping_change);
    CHECK(desk.listed(report.plan->id).size() == 15);
    PassAsk confirmed = others;
    confirmed.apply = get(desk.world.store->plan(report.plan->id));
    report = desk.run(confirmed);
    CHECK(report.same_source);
    CHECK(desk.present().size() == 15);
  }
  SECTION("who are none of ours, and nothing would change: the plan is there all the same") {
    desk.people(1, 3);
    for (auto& person : desk.source.people) person.department = "Elsewhere";
    desk.run();
    CHECK(desk.everybody().empty());
    auto report = desk.run(others);
    REQUIRE(report.plan);
    CHECK(report.plan->count == 0);
    CHECK_FALSE(report.same_source);
    PassAsk confirmed = others;
    confirmed.apply = get(desk.world.store->plan(report.plan->id));
    CHECK(desk.run(confirmed).same_source);
  }
  SECTION("a dry run shows the difference, and says nothing else") {
    desk.people(1, 30);
    desk.run();
    desk.people(101, 130);
    others.dry_run = true;
    const auto report = desk.run(others);
    CHECK(report.changes.size() == 60);
    CHECK_FALSE(report.same_source);
  }
}

TEST_CASE("A read at whose end another server answered concludes nothing", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.run();
  desk.after_read = []() -> Task<Result<void>> { co_return Error{Errc::refused, "another server"}; };
  desk.begin();
  desk.people(1, 29);
  CHECK_FALSE(desk.try_run());
  CHECK(desk.present().size() == 30);
}

TEST_CASE("S2-54: a plan does what it lists, or nothing where that has changed", "[sync][plans]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  desk.people(1, 10);
  const auto plan = desk.run().plan->id;
  SECTION("the source has changed") {
    desk.source.at(3) = record(3, "Changed");
  }
  SECTION("somebody has come") {
    desk.people(1, 11);
  }
  SECTION("somebody has gone") {
    desk.people(1, 9);
  }
  SECTION("an operator has decided otherwise") {
    desk.say(3, RecordChoice::Kind::skip);
    desk.begin();
  }
  const auto applied = desk.try_apply(plan);
  CHECK(stale(applied));
  CHECK(desk.everybody().empty());
  REQUIRE(desk.plans().size() == 1);
  const auto next = desk.plans()[0].id;
  CHECK(next != plan);
  CHECK(applied.error().detail.find(next.value()) != std::string::npos);
  CHECK(get(desk.world.store->plan(plan)).state == PlanState::superseded);
  desk.apply(next);
  CHECK_FALSE(desk.everybody().empty());
}

TEST_CASE("S2-54: a guard's plan is stale once others are gone, or nobody is", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 100);
  desk.run();
  desk.people(31, 100);
  const auto plan = desk.run().plan->id;
  SECTION("others") {
    desk.people(32, 100);
    CHECK(stale(desk.try_apply(plan)));
    REQUIRE(desk.plans().size() == 1);
    CHECK(desk.plans()[0].count == 31);
  }
  SECTION("nobody") {
    desk.people(1, 100);
    CHECK(stale(desk.try_apply(plan)));
    CHECK(desk.plans().empty());
  }
  CHECK(desk.present().size() == 100);
}

TEST_CASE("S0-25: a plan of the guard is no way around a changed mapping", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 100);
  desk.run();
  desk.people(31, 100);
  const auto guard = desk.run().plan->id;
  desk.integration.sync.groups = {{"Staff", PersonType::contractor}};
  desk.begin();
  SECTION("confirmed before a pass has seen the new mapping") {}
  SECTION("confirmed after one has") {
    CHECK(desk.run().end == PassEnd::reimport);
    REQUIRE(desk.plans().size() == 1);
    CHECK(desk.plans()[0].kind == PlanKind::mapping_change);
  }
  CHECK(stale(desk.try_apply(guard)));
  CHECK(desk.run().end == PassEnd::reimport);
  CHECK(desk.present().size() == 100);
  CHECK(desk.person(50)->facts.person_type == PersonType::employee);
}

TEST_CASE("A plan that is looked at again and again stays the same and does not run out", "[sync][plans]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  desk.people(1, 10);
  const auto first = *desk.run().plan;
  CHECK(first.expires == desk.world.clock.now() + 24h);
  desk.world.pass(11h);
  CHECK(desk.run().plan->expires == first.expires);
  desk.world.pass(2h);
  const auto renewed = *desk.run().plan;
  CHECK(renewed.id == first.id);
  CHECK(renewed.expires == desk.world.clock.now() + 24h);
  CHECK(get(desk.world.store->plan(first.id)).expires == renewed.expires);
  desk.world.pass(25h);  // nobody looked for a day
  CHECK(desk.plans().empty());
  const auto next = *desk.run().plan;
  CHECK(next.id != first.id);
  CHECK(desk.plans().size() == 1);
}

TEST_CASE("D-20: a dry run and staging compute everything and write nothing", "[sync][plans]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.run();
  desk.source.at(1) = record(1, "Changed");
  desk.source.at(2).values[2] = "no address";
  desk.source.people.push_back(record(31));
  desk.source.drop(3, 3);
  SECTION("a dry run, which lists it") {
    const auto before = desk.world.written();
    const auto report = desk.dry_run();
    CHECK(report.end == PassEnd::computed_only);
    Words words;
    for (const auto& change : report.changes)
      words.push_back(std::string(to_string(change.op)) + ' ' + change.external_id);
    CHECK(words == Words{"update 1", "add 31", "disable 3"});
    CHECK(report.run.counts == SyncCounts{.seen = 30, .added = 1, .updated = 1, .disabled = 1, .errors = 1});
    CHECK(desk.world.written() == before);
  }
  SECTION("sync.import: dry_run") {
    desk.integration.sync.import = ImportMode::dry_run;
    desk.begin();
    const auto before = desk.world.written();
    CHECK(desk.run().end == PassEnd::computed_only);
    CHECK(desk.world.written() == before);
  }
  SECTION("mode: staging") {
    desk.integration.mode = IntegrationMode::staging;
    desk.begin();
    const auto before = desk.world.written();
    const auto report = desk.run();
    CHECK(report.end == PassEnd::computed_only);
    CHECK(report.run.counts.added == 1);
    CHECK(report.changes.empty());
    CHECK(desk.world.written() == before);
  }
  CHECK(desk.issues().empty());
  desk.integration = sync_settings();
  desk.begin();
  CHECK(desk.run().run.counts.added == 1);
}

TEST_CASE("A dry run before the first sync does not make the integration active", "[sync][plans]") {
  SyncDesk desk(sync_settings(FirstSync::confirm));
  desk.people(1, 3);
  const auto before = desk.world.written();
  CHECK(desk.dry_run().changes.size() == 3);
  CHECK(desk.world.written() == before);
  CHECK_FALSE(desk.sync->ever_complete());
  CHECK(desk.run().end == PassEnd::draft);
}
