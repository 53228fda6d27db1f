// Events while it is not known whose they are: nobody is named, and they wait a little for the people.

#include <catch2/catch.hpp>

#include "daemon/app/event_poller.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using People = ServerIdentity::People;

/// Notes of each commit that has events whether it names people.
class NamingEvents : public FakeEvents {
 public:
  Task<Result<std::size_t>> commit_events(EventCommit commit) override {
    if (!commit.events.empty()) nameless = commit.nameless;
    return FakeEvents::commit_events(std::move(commit));
  }
  std::optional<bool> nameless;
};

struct Desk {
  Bench bench;
  ManualClock clock;
  RecordingLog log;
  FakeNet2 net2;
  NamingEvents store;
  KnownDoors directory;
  ServerIdentity identity{IntegrationId("net2-hq"), net2, directory};
  EventPoller poller{
      IntegrationId("net2-hq"),
      std::nullopt,
      {.source = net2, .store = store, .identity = identity, .clock = clock, .log = log, .news = [] {}}};

  Desk() {
    net2.happen(100, clock.now());
    poll();
  }
  PollReport poll() {
    auto report = bench.get(poller.poll());
    REQUIRE(report);
    return *report;
  }
};

}  // namespace

TEST_CASE("S1-8: while other people answer, events name nobody", "[events]") {
  Desk desk;
  desk.net2.happen(101, desk.clock.now());
  desk.poll();
  CHECK(desk.store.nameless == false);
  desk.identity.people_are(People::others);
  desk.net2.happen(102, desk.clock.now());
  CHECK(desk.poll().fresh == 1);  // they do not wait: a plan may wait for days
  CHECK(desk.store.nameless == true);
  desk.identity.people_are(People::known);
  desk.net2.happen(103, desk.clock.now());
  desk.poll();
  CHECK(desk.store.nameless == false);
}

TEST_CASE("S1-8: events of what may be another database wait for its people, but not long", "[events]") {
  Desk desk;
  desk.clock.pass(1min);
  desk.net2.log.clear();
  desk.net2.happen(1, desk.clock.now());
  ++desk.net2.connection;
  CHECK(desk.poll().more);  // a new generation begins
  CHECK(desk.identity.people() == People::unsure);
  CHECK(desk.poll().held);
  CHECK_FALSE(desk.store.nameless);

  SECTION("they are the known ones") {
    desk.identity.people_are(People::known);
    CHECK(desk.poll().fresh == 1);
    CHECK(desk.store.nameless == false);
  }
  SECTION("nobody could say") {
    desk.clock.pass(9s);
    CHECK(desk.poll().held);
    desk.clock.pass(1s);
    CHECK(desk.poll().fresh == 1);
    CHECK(desk.store.nameless == true);
  }
}

TEST_CASE("S1-8: the events of a server that was taken over have a generation of their own", "[events]") {
  Desk desk;
  desk.net2.doors = {{Net2DoorId(8), "Elsewhere"}};
  ++desk.net2.connection;
  REQUIRE_FALSE(desk.bench.get(desk.poller.poll()));
  desk.clock.pass(1min);
  desk.net2.happen(105, desk.clock.now());  // higher than all that we know: its numbers alone tell nothing
  REQUIRE(desk.bench.get(desk.identity.take_over(desk.net2.doors, true)));
  desk.identity.people_are(People::known);
  desk.poll();
  CHECK(desk.identity.people() == People::known);  // they were confirmed with it
  desk.poll();
  CHECK(desk.store.cursor.generation == 2);
  CHECK(desk.store.events.contains({2, 105}));
  desk.poll();
  CHECK(desk.store.cursor.generation == 2);
}
