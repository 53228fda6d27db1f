// roster.put from the command to the registry: cursors, snapshots, what is asked of the cloud.

#include <catch2/catch.hpp>

#include "tests/unit/roster_house.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("A snapshot makes the people of the cloud, and moves the cursor", "[roster]") {
  RosterHouse house;
  CHECK(house.whole("k1", {rostered("c1", "Ada", "Lovelace", "ada@example.com",
                                    R"(,"tags":["vip, gold","staff"],"roamer":true,"roamer_sites":["lab"])"),
                           rostered("c2", "Bo", "Berg")}) == "");
  CHECK(house.cursor() == "k1");
  CHECK(house.desk->cursor() == "k1");
  CHECK(house.proved == 1);
  CHECK(house.finished == 1);
  CHECK(house.changed == 1);
  REQUIRE(house.person("c1"));
  const auto ada = *house.person("c1");
  CHECK(ada.effective());
  CHECK(ada.facts.person_type == PersonType::employee);
  CHECK(ada.facts.site == "hq");
  CHECK(ada.facts.synced_tags == Words{"vip, gold", "staff"});
  CHECK(ada.facts.roamer);
  CHECK(ada.facts.roamer_sites == Words{"lab"});
  CHECK(ada.email_verified);
  REQUIRE(ada.sources.size() == 1);
  CHECK(ada.sources.front().integration == IntegrationId("cloud"));
  CHECK(ada.sources.front().external_id == ExternalId("c1"));
  CHECK(ada.sources.front().kind == SourceKind::cloud);
  CHECK(house.person("c2")->effective());
}

TEST_CASE("A change goes on from the cursor; any other cursor changes nothing and asks for the roster",
          "[roster]") {
  RosterHouse house;
  CHECK(house.put(house.change("k0", "k1", {rostered(1)})) == "cursor_mismatch");
  REQUIRE(house.bench.until([&] { return house.requests().size() == 1; }));
  CHECK(house.requests() == Words{"null"});
  house.whole("k1", house.crowd(3));
  CHECK(house.put(house.change("k1", "k2", {rostered(4), dropped("c1")})) == "");
  CHECK(house.present() == Words{"c2", "c3", "c4"});
  CHECK_FALSE(house.person("c1")->effective());
  const auto proved = house.proved;
  CHECK(house.put(house.change("k1", "k2", {rostered(5)})) == "cursor_mismatch");
  CHECK(house.proved == proved);
  CHECK(house.present() == Words{"c2", "c3", "c4"});
  CHECK(house.cursor() == "k2");
  REQUIRE(house.bench.until([&] { return house.requests().size() == 2; }));
  CHECK(house.requests().back() == "k2");
  SECTION("at most one each five seconds for the same cursor") {
    CHECK(house.put(house.change("k1", "k2", {})) == "cursor_mismatch");
    house.settle();
    CHECK(house.requests().size() == 2);
    house.world.pass(4s);
    CHECK(house.put(house.change("k1", "k2", {})) == "cursor_mismatch");
    house.settle();
    CHECK(house.requests().size() == 2);
    house.world.pass(2s);
    house.desk->know_anew();
    REQUIRE(house.bench.until([&] { return house.requests().size() == 3; }));
  }
  SECTION("one that fits makes it needless") {
    CHECK(house.put(house.change("k1", "k2", {})) == "cursor_mismatch");
    CHECK(house.put(house.change("k2", "k3", {})) == "");
    house.world.pass(61s);
    house.desk->know_anew();
    house.settle();
    CHECK(house.requests().size() == 2);
  }
}

TEST_CASE("A connection without a cursor asks for the roster once; one with a cursor does not", "[roster]") {
  RosterHouse house;
  house.settle();
  house.desk->on_connected();
  REQUIRE(house.bench.until([&] { return house.requests() == Words{"null"}; }));
  house.desk->on_connected();
  house.settle();
  CHECK(house.requests().size() == 1);
  house.whole("k1", house.crowd(2));
  house.world.pass(10min);
  house.desk->on_connected();
  house.settle();
  CHECK(house.requests().size() == 1);
  house.restart();
  house.settle();
  CHECK(house.desk->cursor() == "k1");
  house.desk->on_connected();
  house.settle();
  CHECK(house.requests().size() == 1);
}

TEST_CASE("A put that does not fit is answered by a request at once, though the connection asked just before",
          "[roster]") {
  RosterHouse house;
  house.settle();
  house.desk->on_connected();
  REQUIRE(house.bench.until([&] { return house.requests().size() == 1; }));
  CHECK(house.put(house.change("k0", "k1", {rostered(1)})) == "cursor_mismatch");
  REQUIRE(house.bench.until([&] { return house.requests().size() == 2; }));
  CHECK(house.requests() == Words{"null", "null"});
  house.desk->on_connected();  // it does not ask more often for that
  CHECK(house.put(house.change("k0", "k1", {rostered(1)})) == "cursor_mismatch");
  house.settle();
  CHECK(house.requests().size() == 2);
  // A snapshot with a gap keeps the pace of a minute: its answer is the whole roster.
  house.whole("k1", house.crowd(2));
  CHECK(house.put(house.batch("s2", 0, "k2", {rostered(1)})) == "");
  CHECK(house.put(house.batch("s2", 2, "k2", {rostered(2)})) == "snapshot_gap");
  REQUIRE(house.bench.until([&] { return house.requests().size() == 3; }));
  house.world.pass(6s);
  CHECK(house.put(house.batch("s2", 2, "k2", {rostered(2)})) == "snapshot_gap");
  house.settle();
  CHECK(house.requests().size() == 3);
}

TEST_CASE("A batch of no open snapshot does not fit the cursor, and is answered by a request", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(3));
  CHECK(house.put(house.batch("s2", 0, "k2", {rostered(1)})) == "");
  SECTION("after a restart") {
    house.restart();
    CHECK(house.put(house.batch("s2", 1, "k2", {rostered(2)}, 2)) == "cursor_mismatch");
  }
  SECTION("of a snapshot that was applied") {
    CHECK(house.put(house.batch("sk1", 1, "k1", {rostered(2)}, 4)) == "cursor_mismatch");
    // What is open stays so.
    CHECK(house.put(house.batch("s2", 1, "k2", {rostered(2)}, 2)) == "");
    CHECK(house.cursor() == "k2");
    return;
  }
  REQUIRE(house.bench.until([&] { return house.requests() == Words{"k1"}; }));
  CHECK(house.present().size() == 3);
}

TEST_CASE("A batch that was taken is answered as before when it comes again", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(3));
  const auto first = house.batch("s2", 0, "k2", {rostered(1), rostered(2)});
  const auto second = house.batch("s2", 1, "k2", {rostered(4)});
  const auto answer = house.try_put(first);
  REQUIRE(answer);
  CHECK(*house.try_put(first) == *answer);
  const auto other = house.try_put(second);
  CHECK(*house.try_put(first) == *answer);
  CHECK(*house.try_put(second) == *other);
  CHECK(house.put(house.batch("s2", 1, "k2", {rostered(5)})) == "snapshot_gap");  // this is another one
  SECTION("and the snapshot goes on") {
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 4)) == "");
    CHECK(house.present() == Words{"c1", "c2", "c4", "c5"});
  }
  SECTION("another first one begins anew") {
    CHECK(house.put(house.batch("s2", 0, "k2", {rostered(7)}, 1)) == "");
    CHECK(house.present() == Words{"c7"});
  }
}

TEST_CASE("An empty put is the proof that the roster is current, and writes no person", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(2));
  const auto before = house.everybody();
  house.world.pass(1h);
  const auto changed = house.changed;
  CHECK(house.put(house.change("k1", "k1", {})) == "");
  CHECK(house.proved == 2);
  CHECK(house.changed == changed);
  CHECK(house.everybody() == before);
  CHECK(get(house.world.store->roster_state()).proved == house.world.clock.now());
}

TEST_CASE("A snapshot in batches is applied as a whole, or not at all", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(3));
  const auto proved = house.proved;
  CHECK(house.put(house.batch("s2", 0, "k2", {rostered(1), rostered(2)})) == "");
  CHECK(house.put(house.batch("s2", 1, "k2", {rostered(4)})) == "");
  CHECK(house.present() == Words{"c1", "c2", "c3"});
  CHECK(house.cursor() == "k1");
  CHECK(house.proved == proved);
  SECTION("whole") {
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 4)) == "");
    CHECK(house.present() == Words{"c1", "c2", "c4", "c5"});
    CHECK_FALSE(house.person("c3")->effective());
    CHECK(house.cursor() == "k2");
    CHECK(house.proved == proved + 1);
  }
  SECTION("a batch is missing") {
    CHECK(house.put(house.batch("s2", 3, "k2", {rostered(6)}, 5)) == "snapshot_gap");
    REQUIRE(house.bench.until([&] { return house.requests() == Words{"k1"}; }));
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)})) == "");
    CHECK(house.present() == Words{"c1", "c2", "c3"});
    CHECK(house.put(house.batch("s2", 3, "k2", {rostered(6)}, 5)) == "");
    CHECK(house.present() == Words{"c1", "c2", "c4", "c5", "c6"});
  }
  SECTION("the count does not agree") {
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 5)) == "snapshot_count");
    CHECK(house.put(house.batch("s2", 3, "k2", {}, 4)) == "cursor_mismatch");
  }
  SECTION("somebody is in two batches") {
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(1)}, 4)) == "bad_args");
  }
  SECTION("another snapshot discards it") {
    CHECK(house.put(house.batch("s3", 0, "k3", {rostered(1)})) == "");
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 4)) == "cursor_mismatch");
  }
  SECTION("a restart discards it") {
    house.restart();
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 4)) == "cursor_mismatch");
  }
  SECTION("ten minutes without a batch discard it") {
    house.world.pass(11min);
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 4)) == "cursor_mismatch");
  }
  SECTION("a change in between fits the cursor") {
    CHECK(house.put(house.change("k1", "k1b", {rostered(9)})) == "");
    CHECK(house.put(house.batch("s2", 2, "k2", {rostered(5)}, 4)) == "");
    CHECK(house.present() == Words{"c1", "c2", "c4", "c5"});
    CHECK(house.cursor() == "k2");
    return;
  }
  if (house.cursor() == "k1") CHECK(house.present() == Words{"c1", "c2", "c3"});
}

TEST_CASE("An empty snapshot where there were people is refused", "[roster]") {
  RosterHouse house;
  CHECK(house.whole("k0", {}) == "");  // nobody was there
  CHECK(house.cursor() == "k0");
  house.whole("k1", house.crowd(3));
  CHECK(house.whole("k2", {}) == "roster_empty");
  CHECK(house.present().size() == 3);
  CHECK(house.cursor() == "k1");
}

TEST_CASE("A snapshot that says what is known writes nobody", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(5));
  const auto before = house.everybody();
  const auto people = waiting(*house.world.store, Lane::people).size();
  CHECK(house.whole("k2", house.crowd(5)) == "");
  CHECK(house.everybody() == before);
  CHECK(waiting(*house.world.store, Lane::people).size() == people);
}

TEST_CASE("A command that was taken already changes nothing", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(1));
  TakenCommand taken;
  taken.issuer = "key cloud-1";
  taken.id = "j1";  // of the snapshot
  taken.until = house.world.clock.now() + 1h;
  const auto answer = house.bench.get(house.desk->put(house.change("k1", "k2", {rostered(2)}), taken, {}));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::refused);
  CHECK(answer.error().detail.starts_with("replayed"));
  CHECK(house.present() == Words{"c1"});
  CHECK(house.put(house.change("k1", "k2", {rostered(2)})) == "");
  CHECK(house.present() == Words{"c1", "c2"});
}

TEST_CASE("Visits come, move, change and go with the roster", "[roster]") {
  RosterHouse house;
  const auto guest = [](const std::string& id) {
    return rostered(id, "Vi", "Nr" + id, "", R"(,"person_type":"visitor")");
  };
  house.whole("k1", {guest("v1"), guest("v2")},
              {visiting("a", "v1"), visiting("b", "v1"), visiting("x", "v2", "expected", "paris")});
  REQUIRE(house.visits("v1").size() == 2);
  CHECK(house.visits("v1").front().status == VisitStatus::expected);
  CHECK(house.visits("v2").empty());  // at no site of ours
  house.put(house.change("k1", "k2", {}, {visiting("a", "v1", "cancelled"), visiting("n", "late")}));
  CHECK(house.visits("v1").front().status == VisitStatus::cancelled);
  house.put(house.change("k2", "k3", {guest("late")}, {R"({"visit_id":"b","op":"remove"})"}));
  CHECK(house.visits("v1").size() == 1);
  CHECK(house.visits("late").size() == 1);  // it came before its visitor
  house.put(house.change("k3", "k4", {}, {visiting("a", "v1", "expected", "paris")}));
  CHECK(house.visits("v1").empty());
  house.whole("k5", {guest("v1"), guest("v2"), guest("late")}, {visiting("z", "v2")});
  CHECK(house.visits("late").empty());
  CHECK(house.visits("v2").size() == 1);
}

TEST_CASE("The roster says what was done, and a run tells it", "[roster]") {
  RosterHouse house;
  const auto answer = house.try_put(house.batch("s", 0, "k1", house.crowd(2), 2));
  REQUIRE(answer);
  CHECK(*answer == R"({"cursor":"k1","complete":true,"people":2,"visits":0,"withheld":0,"issues":0})");
  const auto runs = get(house.world.store->list_runs(cloud_integration_id, 10));
  REQUIRE(runs.size() == 1);
  CHECK(runs.front().trigger == Trigger::cloud);
  CHECK(runs.front().counts.added == 2);
  CHECK(runs.front().outcome == "complete");
}
