// What operators are told of people whom nobody reads any more, and of what a purge costs.

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/orphan_watch.hpp"
#include "daemon/app/sync_console.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// The integrations of a file, none of which runs.
struct StillDesk final : IntegrationDesk {
  const Integration* configured(const IntegrationId& id) const override {
    const auto found = std::ranges::find(blocks, id, &Integration::id);
    return found == blocks.end() ? nullptr : &*found;
  }
  std::vector<Integration> all_configured() const override { return blocks; }
  PeopleSync* people_of(const IntegrationId& /*id*/) override { return nullptr; }
  IntegrationStatus status_of(const IntegrationId& /*id*/) const override {
    IntegrationStatus status;
    status.judged.state = state;
    return status;
  }
  Task<void> halt(std::vector<IntegrationId> /*ids*/) override { co_return; }
  Task<void> proceed() override { co_return; }

  std::vector<Integration> blocks{sync_settings()};
  IntegrationState state = IntegrationState::active;
};

struct Office {
  Office() {
    desk.people(1, 5);
    desk.run();
  }

  boost::json::object why(std::int64_t record) {
    const auto text = ask(console.why(*desk.person(record)));
    REQUIRE(text);
    return boost::json::parse(*text).at("links").at(0).as_object();
  }
  boost::json::object purge() {
    const auto text = ask(console.plan_purge({.integration = "net2-hq"}, "root"));
    REQUIRE(text);
    return boost::json::parse(*text).as_object();
  }

  SyncDesk desk;
  StillDesk integrations;
  RecordingLog log;
  ApiLog api_log;
  SyncConsole console{{.queries = *desk.world.store,
                       .plans = *desk.world.store,
                       .issues = *desk.world.store,
                       .people = *desk.world.store,
                       .switches = *desk.world.store,
                       .desk = integrations,
                       .api_log = api_log,
                       .clock = desk.world.clock,
                       .log = log,
                       .news = [] {}}};
};

}  // namespace

TEST_CASE("S2-41 S2-42: why says first of all that nobody reads the source", "[sync][console]") {
  Office office;
  CHECK(office.why(1).at("skip").is_null());
  office.desk.source.at(1).department = "Visitors";  // not mapped
  office.desk.run();
  CHECK(office.why(1).at("skip") == "group_not_mapped");
  SECTION("for its block says enabled: false") {
    office.integrations.blocks[0].enabled = false;
    office.integrations.state = IntegrationState::disabled;
    CHECK(office.why(1).at("skip") == "integration_disabled");
    CHECK(office.why(2).at("skip") == "integration_disabled");
    CHECK(office.why(2).at("hint").as_string().find("enabled: true") != std::string::npos);
  }
  SECTION("for it was switched off, with a purge or a removal") {
    office.integrations.state = IntegrationState::disabled;
    CHECK(office.why(2).at("skip") == "source_disabled");
    CHECK(office.why(2).at("hint").as_string().find("integration resume") != std::string::npos);
  }
  SECTION("for it is not in the configuration any more") {
    office.integrations.blocks.clear();
    CHECK(office.why(2).at("skip") == "source_disabled");
    CHECK(office.why(2).at("hint").as_string().find("put its block back") != std::string::npos);
  }
}

TEST_CASE("A purge or a removal of an integration that nobody knows is refused", "[sync][console]") {
  Office office;
  SyncDesk other(office.desk.world, feed_settings());  // its block is gone, its people are here
  other.source.people = {fed("e-1", "Bo", "Berg", "bo@example.com")};
  other.run();
  const auto purged = [&](const std::string& id) {
    return ask(office.console.plan_purge({.integration = id}, "root"));
  };
  const auto removed = [&](const std::string& id) {
    return ask(office.console.remove_integration(id, "", "root"));
  };
  for (const std::string id : {"nope", "cloud", "walk_in"}) {
    INFO(id);
    for (const auto& said : {purged(id), removed(id)}) {
      REQUIRE_FALSE(said);
      CHECK(said.error().code == Errc::not_found);
      CHECK(said.error().detail.find("known: hr, net2-hq") != std::string::npos);
    }
  }
  CHECK(get(office.desk.world.store->live_plans()).empty());
  CHECK(purged("hr"));
  CHECK(removed("net2-hq"));
  CHECK(purged(""));
}

TEST_CASE("D-14 What is told of an erased person's record names it as its source does", "[sync][privacy]") {
  SyncDesk desk(feed_settings());
  desk.source.people = {fed("e-1", "Zyxwana", "Kanarie", "zyx@example.com")};
  desk.run();
  ErasureAsk erasure;
  erasure.person = *desk.person("e-1");
  erasure.keys = identity_keys(erasure.person.facts, desk.world.fold);
  erasure.marks = identity_marks(erasure.person.facts, desk.world.fold);
  erasure.by = "root";
  get(desk.world.store->erase_person(erasure));
  get(desk.sync->load());
  desk.run();
  const auto activity = get(desk.world.store->list_activity({}, std::nullopt, {"", 10})).rows;
  REQUIRE_FALSE(activity.empty());
  CHECK(activity.back().reason == SkipReason::erased);
  CHECK(activity.back().external_id == "e-1");
  // It is told once, and the mirror does not keep it.
  desk.run();
  CHECK(get(desk.world.store->list_activity({}, std::nullopt, {"", 10})).rows.size() == activity.size());
  desk.sync.reset();
  desk.world.store.reset();
  Database db(desk.world.directory.path / "gatehouse.db");
  Statement row = db.use("SELECT COUNT(*) FROM record WHERE external_id = 'e-1'");
  REQUIRE(row.step());
  CHECK(row.integer(0) == 0);
}

TEST_CASE("S2-50: a purge says how many have grants, and how many are decoupled", "[sync][console]") {
  Office office;
  auto& store = *office.desk.world.store;
  get(store.set_tracked(office.desk.person(1)->id, false, "on leave", std::nullopt));
  SyncDesk other(office.desk.world, feed_settings());
  other.source.people = {fed("e-1", "Bo", "Berg", "bo@example.com")};
  other.run();
  get(store.set_tracked(other.person("e-1")->id, false, "not of this purge", std::nullopt));
  const auto plan = office.purge();
  CHECK(plan.at("count") == 5);
  CHECK(plan.at("decoupled") == 1);
  CHECK(plan.at("with_grants") == 0);
  CHECK(plan.at("sample").as_array().size() == 5);
}

TEST_CASE("People of a block that was taken out of the file keep the last word, and it is told",
          "[sync][console]") {
  Bench bench;  // first: the store's thread holds its executor to the end
  Office office;
  auto& store = *office.desk.world.store;
  Alerts alerts(store, office.desk.world.clock, [] {});
  OrphanWatch watch({.queries = store, .switches = store, .alerts = alerts, .log = office.log});
  const auto raised = [&] {
    bench.get(alerts.tell());
    return get(store.load_alerts());
  };
  bench.get(watch.look({sync_settings()}));
  CHECK(raised().empty());
  CHECK(office.log.lines.empty());
  bench.get(watch.look({}));
  REQUIRE(raised().size() == 1);
  CHECK(raised()[0].kind == "integration_orphaned");
  CHECK(raised()[0].subject == "net2-hq");
  CHECK(office.log.count("5 people come from net2-hq") == 1);
  CHECK(office.log.count("gatehouse integration remove") == 1);
  bench.get(watch.look({}));
  CHECK(office.log.lines.size() == 1);  // once
  SECTION("until it is put back") {
    bench.get(watch.look({sync_settings()}));
    CHECK(raised().empty());
    bench.get(watch.look({}));
    CHECK(office.log.lines.size() == 2);
  }
  SECTION("until it is removed, whatever becomes of its people") {
    get(store.set_switch(hq, Switch::removed));
    bench.get(watch.look({}));
    CHECK(raised().empty());
  }
  SECTION("also by the daemon before this one") {
    Alerts later(store, office.desk.world.clock, [] {});
    get(later.load());
    OrphanWatch anew({.queries = store, .switches = store, .alerts = later, .log = office.log});
    bench.get(anew.look({sync_settings()}));
    bench.get(later.tell());
    CHECK(get(store.load_alerts()).empty());
  }
}
