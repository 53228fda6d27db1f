// Who is removed, when, and who is not: the guard, groups, on_removed, decoupling.

#include <catch2/catch.hpp>

#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

/// Types of the people's messages that wait.
std::size_t told(SyncDesk& desk, const std::string& type) {
  std::size_t sum = 0;
  for (const auto& row : waiting(*desk.world.store, Lane::people)) {
    sum += member(row.payload, "type") == "gatehouse." + type + ".v1" ? 1 : 0;
  }
  return sum;
}

}  // namespace

TEST_CASE("D-1: the guard withholds all removals, while additions go on", "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 200);
  desk.run();
  desk.people(101, 210);
  auto report = desk.run();
  CHECK(report.end == PassEnd::guarded);
  CHECK(report.withheld == 100);
  CHECK(report.run.outcome == "guarded");
  CHECK(report.run.counts == SyncCounts{.seen = 110, .added = 10, .skipped = 100});
  CHECK(desk.present().size() == 210);
  CHECK(desk.skip(1) == SkipReason::guard_withheld);
  REQUIRE(report.plan);
  CHECK(report.plan->kind == PlanKind::guard);
  CHECK(report.plan->count == 100);

  SECTION("and likewise in the next pass, under the same plan, with nothing written") {
    const auto before = desk.world.written();
    const auto again = desk.run();
    CHECK(again.end == PassEnd::guarded);
    CHECK(again.plan->id == report.plan->id);
    CHECK(desk.world.written() == before);
  }
  SECTION("until they are back: then there is nothing left to confirm") {
    desk.people(1, 210);
    report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK(desk.present().size() == 210);
    CHECK_FALSE(desk.skip(1).has_value());
    CHECK(desk.plans().empty());
  }
  SECTION("or the guard is raised") {
    desk.integration.sync.guard.count = 1000;
    desk.integration.sync.guard.percent = 100;
    desk.begin();
    report = desk.run();
    CHECK(report.run.counts.disabled == 100);
    CHECK(desk.present().size() == 110);
    CHECK(desk.plans().empty());
  }
  SECTION("or the plan is confirmed, which does not count for the window") {
    desk.apply(report.plan->id);
    CHECK(desk.present().size() == 110);
    CHECK(get(desk.world.store->removals_since(hq, Instant{})) == 0);
    report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK(report.withheld == 0);
    CHECK(desk.present().size() == 110);
  }
}

TEST_CASE("D-1: removals made shortly before count, so that a slow leak trips the guard",
          "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 100);
  desk.run();
  desk.people(9, 100);
  desk.run();
  CHECK(desk.present().size() == 92);
  desk.world.pass(23h);
  desk.people(15, 100);
  auto report = desk.run();
  CHECK(report.end == PassEnd::guarded);  // 8 and 6 of 100
  CHECK(desk.present().size() == 92);
  desk.world.pass(2h);  // the eight are out of the window
  report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(desk.present().size() == 86);
}

TEST_CASE("D-1: who comes in the same pass does not make room for more to go", "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 100);
  desk.run();
  desk.people(12, 400);  // eleven of a hundred
  const auto report = desk.run();
  CHECK(report.end == PassEnd::guarded);
  CHECK(desk.present().size() == 400);
}

TEST_CASE("D-1: five are few enough however many there are, by the percentage", "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 8);
  desk.run();
  desk.people(6, 8);
  CHECK(desk.run().end == PassEnd::applied);
  CHECK(desk.present().size() == 3);
  desk.people(7, 8);
  CHECK(desk.run().end == PassEnd::guarded);
}

TEST_CASE("S2-28: who is removed at the source is disabled, kept, and told", "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 10);
  desk.run();
  const auto id = desk.person(1)->id;
  desk.people(2, 10);
  const auto report = desk.run();
  CHECK(report.run.counts.disabled == 1);
  const auto gone = get(desk.world.store->find_people(id.value()));
  REQUIRE(gone.size() == 1);
  CHECK_FALSE(gone[0].effective());
  CHECK(gone[0].admin_enabled);
  CHECK(told(desk, "person.disabled") == 1);
  desk.run();
  CHECK(told(desk, "person.disabled") == 1);
}

TEST_CASE("B.2-2: a return at the source restores its own word and no other switch", "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 10);
  desk.run();
  const auto before = *desk.person(1);
  desk.people(2, 10);
  desk.run();
  CHECK_FALSE(desk.person(1)->source_present());
  desk.people(1, 10);
  desk.run();
  const auto after = *desk.person(1);
  CHECK(after.id == before.id);
  CHECK(after.source_present());
  CHECK(after.admin_enabled == before.admin_enabled);
  CHECK(after.tracked == before.tracked);
  CHECK(after.custom_tags == before.custom_tags);
}

TEST_CASE("B.2-1: on_removed says whether the gone are disabled, deleted later, or kept",
          "[sync][removals]") {
  auto with = sync_settings();
  SECTION("delete: disabled first, deleted when delete_after is over") {
    with.sync.on_removed = OnRemoved::erase;
    with.sync.delete_after = 720h;
    SyncDesk desk(with);
    desk.people(1, 10);
    desk.run();
    desk.people(2, 10);
    CHECK(desk.run().run.counts.disabled == 1);
    CHECK(desk.everybody().size() == 10);
    desk.world.pass(719h);
    CHECK(desk.run().run.counts.removed == 0);
    SECTION("who is back in time stays") {
      desk.people(1, 10);
      desk.run();
      desk.world.pass(2h);
      CHECK(desk.run().run.counts.removed == 0);
      CHECK(desk.present().size() == 10);
    }
    SECTION("else they go, and are told") {
      desk.world.pass(2h);
      CHECK(desk.run().run.counts.removed == 1);
      CHECK(desk.everybody().size() == 9);
      CHECK(told(desk, "person.removed") == 1);
      CHECK_FALSE(desk.mirror(1).has_value());
      desk.people(1, 10);
      CHECK(desk.run().run.counts.added == 1);
    }
    SECTION("but not by a clock that has jumped") {
      desk.world.pass(2h);
      desk.world.clock.trusted = false;
      CHECK(desk.run().run.counts.removed == 0);
      CHECK(desk.everybody().size() == 10);
      desk.world.clock.trusted = true;
      CHECK(desk.run().run.counts.removed == 1);
    }
    SECTION("but not who was decoupled meanwhile") {
      get(desk.world.store->set_tracked(desk.person(1)->id, false, "asked for", std::nullopt));
      desk.world.pass(2h);
      CHECK(desk.run().run.counts.removed == 0);
      CHECK(desk.everybody().size() == 10);
    }
  }
  SECTION("keep: the person stays present, and an issue stays open under one number") {
    with.sync.on_removed = OnRemoved::keep;
    SyncDesk desk(with);
    desk.people(1, 100);
    desk.run();
    desk.people(31, 100);  // more than the guard allows: nobody is removed
    auto report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK(desk.present().size() == 100);
    CHECK(desk.issues().size() == 30);
    CHECK(desk.reason(1) == IssueReason::removed_but_kept);
    const auto number = desk.issue(1)->number;
    const auto before = desk.world.written();
    report = desk.run();
    CHECK_FALSE(report.issues_changed);
    CHECK(desk.issue(1)->number == number);
    CHECK(desk.world.written() == before);
    desk.restart();
    CHECK_FALSE(desk.run().issues_changed);
    CHECK(desk.issue(1)->number == number);
    desk.people(1, 100);
    CHECK(desk.run().issues_changed);
    CHECK(desk.issues().empty());
  }
}

TEST_CASE("B.2-8: leaving a mapped group goes through the guard, and disables", "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 100);
  desk.run();
  SECTION("few at once") {
    for (std::int64_t i = 1; i <= 3; ++i) desk.source.at(i).department = "Leavers";
    auto report = desk.run();
    CHECK(report.run.counts.disabled == 3);
    CHECK(desk.present().size() == 97);
    CHECK(desk.skip(1) == SkipReason::group_not_mapped);
    CHECK(get(desk.world.store->removals_since(hq, Instant{})) == 3);
    const auto before = desk.world.written();
    report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK(desk.world.written() == before);
    desk.source.at(1).department = "Guests";
    desk.run();
    CHECK(desk.person(1)->source_present());
    CHECK(desk.person(1)->facts.person_type == PersonType::visitor);
  }
  SECTION("many at once wait for somebody to confirm, and that is the end of it") {
    for (std::int64_t i = 1; i <= 30; ++i) desk.source.at(i).department = "Leavers";
    auto report = desk.run();
    CHECK(report.end == PassEnd::guarded);
    CHECK(desk.present().size() == 100);
    REQUIRE(report.plan);
    CHECK(report.plan->count == 30);
    desk.apply(report.plan->id);
    CHECK(desk.present().size() == 70);
    report = desk.run();
    CHECK(report.end == PassEnd::applied);
    CHECK(report.withheld == 0);
    CHECK(desk.plans().empty());
    for (std::int64_t i = 1; i <= 30; ++i) desk.source.at(i).department = "Staff";
    desk.run();
    CHECK(desk.present().size() == 100);
  }
}

TEST_CASE("S1-10: out of scope is counted apart and takes no access", "[sync][removals]") {
  auto with = sync_settings();
  with.sites = {SiteId("hq")};
  with.sync.site.rules = {{"Guests", SiteId("lab")}};
  SyncDesk desk(with);
  desk.people(1, 50);
  desk.run();
  for (std::int64_t i = 1; i <= 40; ++i) desk.source.at(i).department = "Guests";
  const auto report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.counts == SyncCounts{.seen = 50, .skipped = 40});
  CHECK(desk.skip(1) == SkipReason::out_of_scope);
  CHECK(desk.present().size() == 50);
}

TEST_CASE("S2-29: a decoupled person is left alone, and a removal at the source is an issue",
          "[sync][removals]") {
  SyncDesk desk;
  desk.people(1, 10);
  desk.run();
  const auto id = desk.person(1)->id;
  get(desk.world.store->set_tracked(id, false, "works for two", std::nullopt));
  desk.source.at(1) = record(1, "Changed");
  desk.run();
  CHECK(desk.person(1)->facts.last_name == "Nr1");
  CHECK(desk.skip(1) == SkipReason::decoupled);
  desk.people(2, 10);
  auto report = desk.run();
  CHECK(report.run.counts.disabled == 0);
  CHECK(report.issues_changed);
  CHECK(desk.person(1)->effective());
  CHECK(desk.reason(1) == IssueReason::decoupled_but_removed);
  const auto number = desk.issue(1)->number;
  report = desk.run();
  CHECK_FALSE(report.issues_changed);
  CHECK(desk.issue(1)->number == number);

  get(desk.world.store->set_tracked(id, true, "", std::nullopt));
  report = desk.run_full();
  CHECK(report.run.counts.disabled == 1);
  CHECK(desk.issues().empty());
  CHECK_FALSE(desk.person(1)->effective());
}

TEST_CASE("A person whose word is held back by two sources needs both", "[sync][removals]") {
  SyncDesk net2;
  net2.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com"), record(2)};
  net2.run();
  auto with = feed_settings();
  with.sync.match.cross_source = OnNameOnly::link;
  SyncDesk feed(net2.world, with);
  feed.source.people = {fed("e-1", "Ada", "Lovelace", "ADA@example.com"),
                        fed("e-2", "Bo", "Berg", "b@example.com")};
  feed.run();
  REQUIRE(net2.person(1)->sources.size() == 2);
  feed.source.people.erase(feed.source.people.begin());
  feed.run();
  CHECK_FALSE(net2.person(1)->source_present());
  CHECK(net2.present() == std::vector<std::int64_t>{1, 2});  // Net2's own word
  feed.source.people.push_back(fed("e-1", "Ada", "Lovelace", "ada@example.com"));
  feed.run();
  CHECK(net2.person(1)->source_present());
}
