// Ordinary passes over a directory, against a real store.

#include <catch2/catch.hpp>

#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("A first pass imports everybody, and a second one writes nothing", "[sync]") {
  SyncDesk desk;
  desk.people(1, 1200);
  auto report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.trigger == Trigger::first);
  CHECK(report.run.outcome == "complete");
  CHECK(report.run.counts == SyncCounts{.seen = 1200, .added = 1200});
  CHECK(desk.present().size() == 1200);
  CHECK(desk.sync->index().people() == 1200);
  CHECK(desk.source.asked.fields ==
        std::vector<SourceField>{"firstName", "lastName", "custom:Email", "telephone"});
  CHECK_FALSE(desk.source.asked.access_levels);

  const auto before = desk.world.written();
  const int news = desk.news;
  report = desk.run();
  CHECK_FALSE(report.run.counts.anything());
  CHECK(desk.news == news);
  CHECK(desk.world.written() == before);

  desk.begin();
  CHECK(desk.sync->ever_complete());
  desk.run();
  CHECK(desk.world.written() == before);
}

TEST_CASE("S0-1: a pass brings what is new, changed, gone and back again", "[sync]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.run();
  desk.people(4, 33);
  desk.source.at(4) = record(4, "Changed");
  auto report = desk.run();
  CHECK(report.run.counts == SyncCounts{.seen = 30, .added = 3, .updated = 1, .disabled = 3});
  CHECK(desk.person(4)->facts.last_name == "Changed");
  CHECK(desk.present().front() == 4);
  CHECK(desk.sync->index().people() == 30);
  desk.people(1, 33);
  report = desk.run();
  CHECK(report.run.counts.updated == 4);
  CHECK(desk.present().size() == 33);
}

TEST_CASE("B.2-8: an empty list where there were people is an error, and nobody is removed", "[sync]") {
  SyncDesk desk;
  desk.people(1, 3);
  desk.run();
  desk.source.people.clear();
  const auto before = desk.world.written();
  const auto report = desk.try_run();
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::incomplete);
  CHECK(desk.present().size() == 3);
  CHECK(desk.world.written() == before);
}

TEST_CASE("An empty list where there was nobody is a fine first pass", "[sync]") {
  SyncDesk desk;
  CHECK(desk.run().end == PassEnd::applied);
  CHECK(desk.sync->ever_complete());
}

TEST_CASE("B.2-8: a read that fails in the middle concludes nothing", "[sync]") {
  SyncDesk desk;
  desk.people(1, 40);
  desk.run();
  desk.people(5, 80);
  const auto before = desk.world.written();
  desk.source.fault = Error{Errc::incomplete, "a page failed"};
  CHECK_FALSE(desk.try_run());
  CHECK(desk.world.written() == before);
  desk.run();
  CHECK(desk.present().size() == 76);
}

TEST_CASE("Some new names are no other server", "[sync]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.run();
  for (std::int64_t i = 1; i <= 15; ++i) desk.source.at(i) = record(i, "Married");
  const auto report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.counts.updated == 15);
}

TEST_CASE("S0-6: records without a person are known, counted apart, and nobody's removal", "[sync]") {
  SyncDesk desk;
  desk.people(1, 30);
  for (std::int64_t i = 1; i <= 20; ++i) desk.source.at(i).department = "Unknown";
  auto report = desk.run();
  CHECK(report.run.counts == SyncCounts{.seen = 30, .added = 10, .skipped = 20});
  CHECK(desk.skip(1) == SkipReason::group_not_mapped);
  CHECK(desk.issues().empty());
  CHECK(desk.sync->index().present() == 30);
  CHECK(desk.sync->index().people() == 10);
  desk.people(21, 30);  // twenty records go, of whom none is a person
  report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.counts.disabled == 0);
  CHECK(desk.sync->index().size() == 10);
}

TEST_CASE("A record that comes twice in a read is one record", "[sync]") {
  SyncDesk desk;
  desk.people(1, 10);
  desk.source.people.push_back(record(4));
  desk.run();
  CHECK(desk.sync->index().size() == 10);
  CHECK(desk.everybody().size() == 10);
  for (int i = 0; i < 2; ++i) CHECK(desk.run().run.counts.disabled == 0);
  CHECK(desk.present().size() == 10);
}

TEST_CASE("S1-H5: import modes leave out whom they name, and all of them come once the mode is gone",
          "[sync]") {
  SyncDesk desk;
  desk.people(1, 10);
  desk.run();
  desk.people(1, 12);
  desk.source.at(1) = record(1, "Changed");
  SECTION("new_only") {
    desk.integration.sync.import = ImportMode::new_only;
    desk.begin();
    desk.run();
    CHECK(desk.present().size() == 12);
    CHECK(desk.person(1)->facts.last_name == "Nr1");
    CHECK(desk.skip(1) == SkipReason::excluded_by_mode);
  }
  SECTION("update_only") {
    desk.integration.sync.import = ImportMode::update_only;
    desk.begin();
    desk.run();
    CHECK(desk.present().size() == 10);
    CHECK(desk.person(1)->facts.last_name == "Changed");
    CHECK(desk.skip(12) == SkipReason::excluded_by_mode);
  }
  desk.integration.sync.import = ImportMode::all;
  desk.begin();
  desk.run();
  CHECK(desk.present().size() == 12);
  CHECK(desk.person(1)->facts.last_name == "Changed");
  for (std::int64_t i = 1; i <= 12; ++i) CHECK_FALSE(desk.skip(i).has_value());
}

TEST_CASE("B.2-9: out of scope and excluded by the mode at once says the mode, which is tested first",
          "[sync]") {
  auto with = sync_settings();
  with.sites = {SiteId("lab")};
  with.sync.import = ImportMode::update_only;
  SyncDesk desk(with);
  desk.people(1, 1);
  desk.run();
  CHECK(desk.skip(1) == SkipReason::excluded_by_mode);
}

TEST_CASE("S2-13: who loses the identifier keeps what was known", "[sync]") {
  SyncDesk desk;
  desk.people(1, 3);
  desk.run();
  desk.source.at(2).values[2] = "";
  const auto report = desk.run();
  CHECK(report.run.counts.skipped == 1);
  CHECK(desk.skip(2) == SkipReason::missing_identifier);
  CHECK(desk.person(2)->facts.email == "ada2@example.com");
  CHECK(desk.person(2)->source_present());
}

TEST_CASE("B.2-5: groups go by department, by access level, or by a feed's own", "[sync]") {
  auto with = sync_settings();
  with.sync.group_by = GroupBy::access_level;
  SyncDesk desk(with);
  desk.people(1, 2);
  desk.source.at(2).access_levels = {"Night", "Guests"};
  desk.run();
  CHECK(desk.source.asked.access_levels);
  CHECK(desk.skip(1) == SkipReason::group_not_mapped);
  CHECK(desk.person(2)->facts.person_type == PersonType::visitor);

  SyncDesk feed(desk.world, feed_settings());
  feed.source.people = {fed("e-1", "Bo", "Berg", "bo@example.com"),
                        fed("e-2", "Cy", "Clay", "cy@example.com")};
  feed.source.people[1].group = "Others";
  feed.run();
  CHECK(feed.person("e-1"));
  CHECK_FALSE(feed.person("e-2"));
}

TEST_CASE("S0-10: a field that is not mapped is asked for nowhere and kept nowhere", "[sync]") {
  auto with = sync_settings();
  with.sync.fields.erase(FieldTarget::phone);
  SyncDesk desk(with);
  desk.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com")};
  desk.source.people[0].values = {"Ada", "Lovelace", "ada@example.com", "canary-0815"};
  desk.run();
  CHECK(desk.source.asked.fields.size() == 3);
  CHECK(desk.person(1)->facts.phone.empty());
  CHECK(desk.world.written().find("canary-0815") == std::string::npos);
}

TEST_CASE("S2-21: the time of the last sync moves with a change, not with each pass", "[sync]") {
  SyncDesk desk;
  desk.people(1, 2);
  desk.run();
  const auto first = desk.person(1)->last_synced;
  desk.world.pass(std::chrono::hours(1));
  desk.source.at(2) = record(2, "Changed");
  desk.run();
  CHECK(desk.person(1)->last_synced == first);
  CHECK(desk.person(2)->last_synced == desk.world.clock.now());
}

TEST_CASE("S0-44: what is wrong with a record is told once, not in each pass", "[sync]") {
  SyncDesk desk;
  desk.people(1, 8);
  desk.source.at(3).values[2] = "no address";
  auto report = desk.run();
  CHECK(report.run.outcome == "completed_with_issues");
  CHECK(report.run.counts == SyncCounts{.seen = 8, .added = 7, .skipped = 1, .errors = 1});
  CHECK(report.issues_changed);
  const auto number = desk.issue(3)->number;
  const auto before = desk.world.written();
  report = desk.run();
  CHECK_FALSE(report.issues_changed);
  CHECK(report.run.counts.errors == 1);
  CHECK(desk.issue(3)->number == number);
  CHECK(desk.world.written() == before);
}

TEST_CASE("S0-43: after the first sync clean records go straight in, errors and duplicates wait", "[sync]") {
  SyncDesk desk;
  desk.people(1, 8);
  desk.run();
  desk.people(1, 12);
  desk.source.at(9).values[0] = "";
  desk.source.people.push_back(somebody(20, "Ada", "Nr1", "ada1@example.com"));
  const auto report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.counts == SyncCounts{.seen = 13, .added = 3, .skipped = 2, .errors = 1, .duplicates = 1});
  CHECK(desk.reason(9) == IssueReason::missing_required_field);
  CHECK(desk.reason(20) == IssueReason::duplicate);
}

TEST_CASE("S0-27: a suspect mapping stays one issue in pass after pass, until the values are good",
          "[sync]") {
  SyncDesk desk;
  for (std::int64_t i = 1; i <= 8; ++i) {
    desk.source.people.push_back(somebody(i, "P", "Nr" + std::to_string(i), "room " + std::to_string(i)));
  }
  auto report = desk.run();
  CHECK(report.run.counts.errors == 1);
  REQUIRE(desk.issues().size() == 1);
  CHECK(desk.issues()[0].reason == IssueReason::field_map_suspect);
  const auto number = desk.issues()[0].number;
  const auto before = desk.world.written();
  for (int i = 0; i < 2; ++i) CHECK_FALSE(desk.run().issues_changed);
  CHECK(desk.issues()[0].number == number);
  CHECK(desk.world.written() == before);
  desk.restart();
  CHECK_FALSE(desk.run().issues_changed);
  desk.people(1, 8);
  report = desk.run();
  CHECK(report.run.counts.added == 8);
  CHECK(desk.issues().empty());
}

TEST_CASE("A pass that reads the same people again is done with that", "[sync]") {
  SyncDesk desk;
  desk.people(1, 30);
  desk.source.mark = "as they are";
  desk.run();
  CHECK(desk.run().run.counts.seen == 30);  // the first had everything to do
  const auto before = desk.world.written();
  const auto report = desk.run();
  CHECK(desk.source.asked.known == "as they are");
  CHECK(report.end == PassEnd::applied);
  CHECK(report.run.outcome == "complete");
  CHECK(report.run.counts == SyncCounts{.seen = 30});
  CHECK(report.same_source);
  CHECK(desk.sync->read_whole());
  CHECK(desk.world.written() == before);

  SECTION("and looks at them again every so often") {
    desk.world.pass(std::chrono::seconds(59));
    desk.run();
    CHECK_FALSE(desk.source.asked.known.empty());
    desk.world.pass(std::chrono::seconds(1));
    desk.run();
    CHECK(desk.source.asked.known.empty());
    desk.run();
    CHECK_FALSE(desk.source.asked.known.empty());
  }
  SECTION("but for what somebody asks for") {
    desk.run_full();
    CHECK(desk.source.asked.known.empty());
    desk.dry_run();
    CHECK(desk.source.asked.known.empty());
  }
  SECTION("but where other doors were met") {
    PassAsk how;
    how.other_doors = true;
    desk.run(how);
    CHECK(desk.source.asked.known.empty());
  }
  SECTION("until there is something to do") {
    desk.source.mark = "without one";
    desk.people(2, 30);
    CHECK(desk.run().run.counts.disabled == 1);
    desk.run();
    CHECK(desk.source.asked.known.empty());
    desk.run();
    CHECK(desk.source.asked.known == "without one");
  }
  SECTION("but not while an issue is open") {
    desk.source.mark = "without a name";
    desk.source.at(3) = somebody(3, "", "", "");
    desk.run();
    REQUIRE(desk.issues().size() == 1);
    desk.run();
    desk.run();
    CHECK(desk.source.asked.known.empty());
  }
  SECTION("but not while removals are withheld") {
    desk.source.mark = "few";
    desk.people(1, 3);
    CHECK(desk.run().end == PassEnd::guarded);
    CHECK(desk.run().end == PassEnd::guarded);
    CHECK(desk.source.asked.known.empty());
  }
  SECTION("but for those whose time to be removed has come") {
    desk.integration.sync.on_removed = OnRemoved::erase;
    desk.integration.sync.delete_after = std::chrono::seconds(2);
    desk.begin();
    desk.source.mark = "without one";
    desk.people(2, 30);
    CHECK(desk.run().run.counts.disabled == 1);
    desk.run();
    desk.run();
    CHECK_FALSE(desk.source.asked.known.empty());
    desk.world.pass(std::chrono::seconds(3));
    CHECK(desk.run().run.counts.removed == 1);
    CHECK_FALSE(desk.person(1));
  }
  SECTION("and what the store knows anew is read against them") {
    get(desk.sync->load());
    desk.run();
    CHECK(desk.source.asked.known.empty());
  }
  SECTION("and a read that fails is no repetition") {
    desk.source.fault = Error{Errc::incomplete, "a page failed"};
    CHECK_FALSE(desk.try_run());
    CHECK_FALSE(desk.sync->read_whole());
    CHECK(desk.run().run.outcome == "complete");
  }
}
