// A pass over a directory, against a mirror in memory.

#include <catch2/catch.hpp>

#include "daemon/app/directory_sync.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::vector<SiteId> sites{SiteId("hq"), SiteId("lab")};

Integration settings() {
  Integration made;
  made.id = IntegrationId("net2-hq");
  made.name = "Head office";
  made.enabled = true;
  made.sync.first = FirstSync::automatic;
  made.sync.groups = {{"Staff", PersonType::employee}};
  made.sync.fields = {{FieldTarget::first_name, "firstName"},
                      {FieldTarget::last_name, "lastName"},
                      {FieldTarget::email, "custom:Email"}};
  made.sync.site.fallback = SiteId("hq");
  return made;
}

SourceRecord record(std::int64_t number, const std::string& last_name = "") {
  const auto text = std::to_string(number);
  return {.number = number,
          .department = "Staff",
          .access_levels = {},
          .valid_from = std::nullopt,
          .valid_until = std::nullopt,
          .values = {"Ada", last_name.empty() ? "Nr" + text : last_name, "ada" + text + "@example.com"}};
}

class Desk {
 public:
  explicit Desk(Integration with = settings()) : integration(std::move(with)) { restart(); }

  void restart() {
    sync.emplace(
        integration, make_mapping(integration, sites),
        DirectorySync::Parts{
            .source = net2, .store = store, .clock = clock, .news = [this] { ++news; }, .progress = {}});
    REQUIRE(bench.get(sync->load()));
  }
  Result<PassReport> run(Trigger trigger = Trigger::continuous) { return bench.get(sync->run(trigger)); }
  void people(std::int64_t first, std::int64_t last) {
    net2.people.clear();
    for (auto number = first; number <= last; ++number) net2.people.push_back(record(number));
  }
  std::vector<std::int64_t> present() const {
    std::vector<std::int64_t> numbers;
    for (const auto& [number, known] : store.records) {
      if (known.person && known.person->source_present()) numbers.push_back(number);
    }
    return numbers;
  }

  Bench bench;
  ManualClock clock;
  FakeNet2 net2;
  FakeDirectory store;
  Integration integration;
  std::optional<DirectorySync> sync;
  int news = 0;
};

}  // namespace

TEST_CASE("A first pass imports everybody, and a second one writes nothing", "[sync]") {
  Desk desk;
  desk.people(1, 1200);
  auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::applied);
  CHECK(report->run.trigger == Trigger::first);
  CHECK(report->run.outcome == "complete");
  CHECK(report->run.counts.added == 1200);
  CHECK(report->run.counts.seen == 1200);
  CHECK(desk.present().size() == 1200);
  CHECK(desk.sync->index().people() == 1200);
  CHECK(desk.store.applied == 3);  // in transactions of 500
  CHECK(desk.store.told == 1);
  CHECK(desk.net2.asked.fields == std::vector<SourceField>{"firstName", "lastName", "custom:Email"});
  CHECK_FALSE(desk.net2.asked.access_levels);

  const int calls = desk.store.made();
  const int news = desk.news;
  report = desk.run();
  REQUIRE(report);
  CHECK_FALSE(report->run.counts.anything());
  CHECK(desk.store.made() == calls);
  CHECK(desk.news == news);

  desk.restart();
  const int after_load = desk.store.made();
  REQUIRE(desk.run());
  CHECK(desk.store.made() == after_load);
}

TEST_CASE("A pass brings what is new, changed, gone and back again", "[sync]") {
  Desk desk;
  desk.people(1, 30);
  REQUIRE(desk.run());
  desk.people(4, 33);
  desk.net2.people[0] = record(4, "Changed");
  auto report = desk.run();
  REQUIRE(report);
  CHECK(report->run.counts == SyncCounts{.seen = 30, .added = 3, .updated = 1, .disabled = 3});
  CHECK(desk.store.records.at(4).person->facts.last_name == "Changed");
  CHECK(desk.present().front() == 4);
  CHECK(desk.sync->index().people() == 30);
  desk.people(1, 33);
  report = desk.run();
  REQUIRE(report);
  CHECK(report->run.counts.updated == 4);
  CHECK(desk.present().size() == 33);
}

TEST_CASE("An empty list where there were people is an error, and nobody is removed", "[sync]") {
  Desk desk;
  desk.people(1, 3);
  REQUIRE(desk.run());
  desk.net2.people.clear();
  const auto report = desk.run();
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::malformed);
  CHECK(desk.present().size() == 3);
}

TEST_CASE("An empty list where there was nobody is a fine first pass", "[sync]") {
  Desk desk;
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::applied);
  CHECK(desk.sync->ever_complete());
}

TEST_CASE("A read that fails in the middle concludes nothing", "[sync]") {
  Desk desk;
  desk.people(1, 40);
  REQUIRE(desk.run());
  desk.people(5, 80);
  const int calls = desk.store.made();
  desk.net2.fail_on_call(1, Errc::incomplete);
  CHECK_FALSE(desk.run());
  CHECK(desk.store.made() == calls);
  REQUIRE(desk.run());
  CHECK(desk.present().size() == 76);
}

TEST_CASE("Another server's people are recognised and left alone", "[sync]") {
  Desk desk;
  desk.people(1, 30);
  REQUIRE(desk.run());
  const int calls = desk.store.made();
  SECTION("under the same ids") {
    desk.net2.people.clear();
    for (int i = 1; i <= 30; ++i) desk.net2.people.push_back(record(i, "Other" + std::to_string(i)));
  }
  SECTION("under other ids") {
    desk.people(1001, 1030);
  }
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::other_server);
  CHECK(desk.store.made() == calls);
}

TEST_CASE("Names that read differently under another mapping are no strangers", "[sync]") {
  Desk desk;
  desk.people(1, 60);
  REQUIRE(desk.run());
  desk.integration.sync.fields[FieldTarget::first_name] = "lastName";
  desk.integration.sync.fields[FieldTarget::last_name] = "firstName";
  desk.restart();
  for (auto& person : desk.net2.people) std::swap(person.values[0], person.values[1]);
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::applied);
  CHECK(report->run.counts.updated == 60);

  SECTION("and once the pass is through, other names under the same mapping are") {
    for (auto& person : desk.net2.people) person.values[0] = "Somebody";
    const auto again = desk.run();
    REQUIRE(again);
    CHECK(again->end == PassEnd::other_server);
  }
}

TEST_CASE("Some new names are no other server", "[sync]") {
  Desk desk;
  desk.people(1, 30);
  REQUIRE(desk.run());
  for (int i = 0; i < 15; ++i) desk.net2.people[static_cast<std::size_t>(i)] = record(i + 1, "Married");
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::applied);
  CHECK(report->run.counts.updated == 15);
}

TEST_CASE("The guard withholds all removals, while additions go on", "[sync]") {
  Desk desk;
  desk.people(1, 200);
  REQUIRE(desk.run());
  desk.people(101, 210);
  auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::guarded);
  CHECK(report->withheld == 100);
  CHECK(report->run.outcome == "guarded");
  CHECK(report->run.counts == SyncCounts{.seen = 110, .added = 10});
  CHECK(desk.present().size() == 210);

  SECTION("and likewise in the next pass") {
    report = desk.run();
    REQUIRE(report);
    CHECK(report->end == PassEnd::guarded);
  }
  SECTION("until they are back") {
    desk.people(1, 210);
    report = desk.run();
    REQUIRE(report);
    CHECK(report->end == PassEnd::applied);
    CHECK(desk.present().size() == 210);
  }
  SECTION("or the guard is raised") {
    desk.integration.sync.guard.count = 1000;
    desk.integration.sync.guard.percent = 100;
    desk.restart();
    report = desk.run();
    REQUIRE(report);
    CHECK(report->run.counts.disabled == 100);
    CHECK(desk.present().size() == 110);
  }
}

TEST_CASE("Removals made shortly before count for the guard, however small each pass is", "[sync]") {
  Desk desk;
  desk.people(1, 100);
  REQUIRE(desk.run());
  desk.people(9, 100);
  REQUIRE(desk.run());
  CHECK(desk.present().size() == 92);
  desk.people(15, 100);
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::guarded);  // 8 and 6 of 100
  CHECK(desk.present().size() == 92);
}

TEST_CASE("Whichever call of the store fails, the passes after it end where they would have", "[sync]") {
  const auto story = [](Desk& desk) {
    bool went_wrong = false;
    const auto pass = [&] {
      for (int tries = 0; tries < 3; ++tries) {
        const auto report = desk.run();
        if (report) return;
        went_wrong = true;
        // What was noted of a pass that failed half-way must not contradict the store.
        if (tries == 1) desk.restart();
      }
    };
    pass();
    desk.integration.sync.guard = {.count = 2000, .percent = 100};
    desk.people(700, 2100);
    desk.net2.people[3] = record(703, "Changed");
    desk.net2.people[5].department = "Unknown";
    pass();
    return went_wrong;
  };
  auto guardless = settings();
  guardless.sync.guard = {.count = 2000, .percent = 100, .window = std::chrono::hours{24}};
  Desk right(guardless);
  right.people(1, 1300);
  CHECK_FALSE(story(right));

  int n = 1;
  for (;; ++n) {
    INFO("call " << n);
    Desk desk(guardless);
    desk.people(1, 1300);
    desk.store.fail_on_call(n);
    const bool failed = story(desk);
    CHECK(desk.present() == right.present());
    CHECK(desk.store.records.size() == right.store.records.size());
    CHECK(desk.store.records.at(703).person->facts.last_name == "Changed");
    CHECK(desk.store.records.at(705).mirror->skip == SkipReason::group_not_mapped);
    CHECK(desk.sync->index().people() == right.sync->index().people());
    const int calls = desk.store.made();
    REQUIRE(desk.run());
    CHECK(desk.store.made() == calls);
    if (!failed) break;
  }
  CHECK(n > 8);  // each of its calls has failed once
}

TEST_CASE("Records without a person are known, counted apart, and nobody's removal", "[sync]") {
  Desk desk;
  desk.people(1, 30);
  for (std::size_t i = 0; i < 20; ++i) desk.net2.people[i].department = "Unknown";
  auto report = desk.run();
  REQUIRE(report);
  CHECK(report->run.counts == SyncCounts{.seen = 30, .added = 10, .skipped = 20});
  CHECK(desk.sync->index().present() == 30);
  CHECK(desk.sync->index().people() == 10);
  desk.people(21, 30);  // twenty records go, of whom none is a person
  report = desk.run();
  REQUIRE(report);
  CHECK(report->end == PassEnd::applied);
  CHECK(report->run.counts.disabled == 0);
  CHECK(desk.store.records.size() == 10);
}

TEST_CASE("A record that comes twice in a read is one record", "[sync]") {
  Desk desk;
  desk.people(1, 10);
  desk.net2.people.push_back(record(4));
  REQUIRE(desk.run());
  CHECK(desk.sync->index().size() == 10);
  for (int i = 0; i < 2; ++i) {
    const auto report = desk.run();
    REQUIRE(report);
    CHECK(report->run.counts.disabled == 0);
  }
  CHECK(desk.present().size() == 10);
}

TEST_CASE("Import modes leave out whom they name, and all of them come once the mode is gone", "[sync]") {
  Desk desk;
  desk.people(1, 10);
  REQUIRE(desk.run());
  desk.people(1, 12);
  desk.net2.people[0] = record(1, "Changed");
  SECTION("new_only") {
    desk.integration.sync.import = ImportMode::new_only;
    desk.restart();
    REQUIRE(desk.run());
    CHECK(desk.present().size() == 12);
    CHECK(desk.store.records.at(1).person->facts.last_name == "Nr1");
    CHECK(desk.store.records.at(1).mirror->skip == SkipReason::excluded_by_mode);
  }
  SECTION("update_only") {
    desk.integration.sync.import = ImportMode::update_only;
    desk.restart();
    REQUIRE(desk.run());
    CHECK(desk.present().size() == 10);
    CHECK(desk.store.records.at(1).person->facts.last_name == "Changed");
    CHECK(desk.store.records.at(12).mirror->skip == SkipReason::excluded_by_mode);
  }
  desk.integration.sync.import = ImportMode::all;
  desk.restart();
  REQUIRE(desk.run());
  CHECK(desk.present().size() == 12);
  CHECK(desk.store.records.at(1).person->facts.last_name == "Changed");
  for (const auto& [number, known] : desk.store.records) CHECK_FALSE(known.mirror->skip.has_value());
}

TEST_CASE("A record that is out of scope and excluded by the mode says the mode, which is tested first",
          "[sync]") {
  auto with = settings();
  with.sites = {SiteId("lab")};
  with.sync.import = ImportMode::update_only;
  Desk desk(with);
  desk.people(1, 1);
  REQUIRE(desk.run());
  CHECK(desk.store.records.at(1).mirror->skip == SkipReason::excluded_by_mode);
}

TEST_CASE("Staging, dry runs and a first sync that waits write nothing", "[sync]") {
  auto with = settings();
  auto expected = PassEnd::computed_only;
  SECTION("staging") {
    with.mode = IntegrationMode::staging;
  }
  SECTION("dry run") {
    with.sync.import = ImportMode::dry_run;
  }
  SECTION("first sync to be confirmed") {
    with.sync.first = FirstSync::confirm;
    expected = PassEnd::draft;
  }
  Desk desk(with);
  desk.people(1, 5);
  const int calls = desk.store.made();
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->end == expected);
  CHECK(desk.store.made() == calls);
  CHECK_FALSE(desk.sync->ever_complete());
}

TEST_CASE("A changed mapping is applied to records that did not change", "[sync]") {
  Desk desk;
  desk.people(1, 5);
  REQUIRE(desk.run());
  desk.integration.sync.groups = {{"Staff", PersonType::contractor}};
  desk.restart();
  const auto report = desk.run();
  REQUIRE(report);
  CHECK(report->run.counts.updated == 5);
  CHECK(desk.store.records.at(5).person->facts.person_type == PersonType::contractor);
}
