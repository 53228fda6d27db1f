// Loops and the bells between them; what is known of a server and of its alerts.

#include <catch2/catch.hpp>

#include "daemon/app/alerts.hpp"
#include "daemon/app/server_identity.hpp"
#include "daemon/app/state_board.hpp"
#include "daemon/app/task_group.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("A bell that nobody waits for is heard by the next who does, once", "[loops]") {
  Bench bench;
  Wakeup bell(bench.io.get_executor());
  bell.ring();
  bell.ring();
  CHECK(bench.get(bell.wait(Duration(0))));
  CHECK_FALSE(bench.get(bell.wait(Duration(0))));
  bell.ring();
  bell.hush();
  CHECK_FALSE(bench.get(bell.wait(Duration(0))));
  std::optional<bool> rung;
  bench.start_into(bell.wait(1h), rung);
  bench.run();
  CHECK_FALSE(rung.has_value());
  bell.ring();
  bench.run();
  CHECK(rung == true);
}

TEST_CASE("A bell that rings in the moment its wait ends is not lost", "[loops]") {
  Bench bench;
  Wakeup bell(bench.io.get_executor());
  std::optional<bool> rung;
  bench.start_into(bell.wait(Duration(1)), rung);
  bench.run();
  const auto end = std::chrono::steady_clock::now() + 5ms;
  while (std::chrono::steady_clock::now() < end) continue;  // the timer has expired, its handler has not run
  bell.ring();
  bench.run();
  CHECK(rung == true);
}

TEST_CASE("Loops are cancelled and awaited, wherever they wait", "[loops]") {
  Bench bench;
  ManualClock clock;
  RecordingLog log;
  TaskGroup loops(bench.io.get_executor(), clock, log);
  Wakeup bell(bench.io.get_executor());
  int left = 0;
  struct Leaving {
    int& count;
    ~Leaving() { ++count; }
  };
  loops.start("pausing", [&](Pulse&) -> Task<void> {
    const Leaving leaving{left};
    for (;;) co_await pause(1h);
  });
  loops.start("listening", [&](Pulse&) -> Task<void> {
    const Leaving leaving{left};
    for (;;) co_await bell.wait();
  });
  SECTION("after they have begun") {
    bench.run();
  }
  SECTION("before they have begun") {}
  bench.get(loops.stop());
  CHECK((left == 2 || left == 0));
  CHECK(log.lines.empty());
  CHECK(loops.late().empty());
}

TEST_CASE("A loop that ends by itself is logged and late for ever", "[loops]") {
  Bench bench;
  ManualClock clock;
  RecordingLog log;
  TaskGroup loops(bench.io.get_executor(), clock, log);
  const bool throws = GENERATE(false, true);
  loops.start("short", [throws](Pulse&) -> Task<void> {
    if (throws) throw std::runtime_error("out of luck");
    co_return;
  });
  loops.start("long", [](Pulse&) -> Task<void> {
    for (;;) co_await pause(1h);
  });
  bench.run();
  CHECK(log.count(throws ? "\"short\" has ended by itself: out of luck" : "\"short\" has ended by itself") ==
        1);
  clock.pass(1ms);
  CHECK(loops.late() == std::vector<std::string>{"short"});
  clock.pass(2h);
  CHECK(loops.late() == std::vector<std::string>{"short", "long"});
  bench.get(loops.stop());
}

TEST_CASE("A server is the known one while any door that we know is there", "[loops]") {
  Bench bench;
  FakeNet2 net2;
  KnownDoors store;
  ServerIdentity identity(IntegrationId("net2-hq"), net2, store);
  CHECK_FALSE(identity.still_confirmed());
  REQUIRE(bench.get(identity.confirm()));
  CHECK(store.known_doors.size() == 2);
  const int reads = net2.made();
  REQUIRE(bench.get(identity.confirm()));
  CHECK(net2.made() == reads);  // once a connection

  ++net2.connection;
  CHECK_FALSE(identity.still_confirmed());
  net2.doors = {{Net2DoorId(2), "Back"}, {Net2DoorId(3), "Side"}};
  REQUIRE(bench.get(identity.confirm()));
  CHECK(identity.doors().size() == 2);

  ++net2.connection;
  net2.doors = {{Net2DoorId(8), "Elsewhere"}};
  const auto other = bench.get(identity.confirm());
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::refused);
  CHECK(identity.other_server());
  CHECK(identity.doors().front().id == Net2DoorId(2));

  net2.fail_on_call(1, Errc::timeout);
  CHECK(bench.get(identity.confirm()).error().code == Errc::timeout);
  net2.doors = {{Net2DoorId(1), "Front"}};
  REQUIRE(bench.get(identity.confirm()));
  CHECK_FALSE(identity.other_server());
}

TEST_CASE("Another server that is taken over is the known one from then on", "[loops]") {
  using People = ServerIdentity::People;
  Bench bench;
  FakeNet2 net2;
  KnownDoors store;
  ServerIdentity identity(IntegrationId("net2-hq"), net2, store);
  REQUIRE(bench.get(identity.confirm()));
  CHECK(identity.people() == People::known);
  ++net2.connection;
  net2.doors = {{Net2DoorId(8), "Elsewhere"}};
  REQUIRE_FALSE(bench.get(identity.confirm()));
  CHECK(identity.people() == People::unsure);
  const auto met = identity.met();
  CHECK(met == net2.doors);
  const bool anew = GENERATE(true, false);

  SECTION("its doors and no others are known") {
    REQUIRE(bench.get(identity.take_over(met, anew)));
    CHECK_FALSE(identity.other_server());
    CHECK(identity.still_confirmed());
    CHECK(identity.doors() == met);
    CHECK(identity.takeovers() == (anew ? 1 : 0));
    REQUIRE(store.known_doors.size() == 1);
    ++net2.connection;
    net2.doors = {{Net2DoorId(1), "Front"}, {Net2DoorId(2), "Back"}};
    CHECK_FALSE(bench.get(identity.confirm()));
  }
  SECTION("but not one that shows other doors than when it was judged") {
    net2.doors = {{Net2DoorId(9), "Elsewhere"}};
    CHECK(bench.get(identity.take_over(met, anew)).error().code == Errc::refused);
    CHECK(identity.other_server());
    CHECK(store.known_doors.size() == 2);
  }
  SECTION("where it shows no doors, those that we knew stay known") {
    net2.doors.clear();
    REQUIRE(bench.get(identity.take_over({}, anew)));
    CHECK(identity.still_confirmed());
    CHECK(store.known_doors.size() == 2);
  }
}

TEST_CASE("An alert is told when it is raised and when it is over, not in between", "[loops]") {
  Bench bench;
  ManualClock clock;
  FakeOutbox outbox(bench.io.get_executor());
  int news = 0;
  Alerts alerts(outbox, clock, [&] { ++news; });
  const Alert alert{.kind = "store", .subject = "state", .detail = "full", .hint = "make room"};
  alerts.over("store", "state");
  CHECK_FALSE(alerts.untold());
  alerts.raise(alert);
  alerts.raise(alert);
  outbox.fail_on_call(1);
  bench.get(alerts.tell());
  CHECK(alerts.untold());  // the store could not take it: later
  CHECK(news == 0);
  bench.get(alerts.tell());
  CHECK(news == 1);
  CHECK_FALSE(alerts.untold());
  alerts.over("store", "state");
  alerts.over("store", "state");
  bench.get(alerts.tell());
  REQUIRE(outbox.appended.size() == 2);
  CHECK(outbox.appended[0].lane == Lane::alarm);
  CHECK(outbox.appended[0].data.find(R"("state":"raised")") != std::string::npos);
  CHECK(outbox.appended[1].data.find(R"("state":"over")") != std::string::npos);
  CHECK(outbox.appended[0].id != outbox.appended[1].id);
  for (int i = 0; i < 500; ++i) {
    alerts.raise({.kind = "k" + std::to_string(i), .subject = "", .detail = "", .hint = ""});
    outbox.fail_on_call(1);
    bench.get(alerts.tell());
  }
  bench.get(alerts.tell());
  CHECK(outbox.appended.size() <= 2 + 101);  // what cannot be told does not fill the memory
}

TEST_CASE("An alert that outlives the daemon is not told twice, and is over once that is known", "[loops]") {
  Bench bench;
  ManualClock clock;
  FakeOutbox outbox(bench.io.get_executor());
  const Alert alert{.kind = "integration", .subject = "net2-hq", .detail = "silent", .hint = "look at it"};
  const Alert removed{.kind = "integration", .subject = "net2-old", .detail = "silent", .hint = "look at it"};
  const auto raised_at = clock.now();
  {
    Alerts alerts(outbox, clock, [] {});
    alerts.raise(alert);
    alerts.raise(removed);
    bench.get(alerts.tell());
    CHECK(outbox.appended.size() == 2);
    CHECK(outbox.raised.size() == 2);
  }
  clock.pass(std::chrono::hours(1));
  Alerts alerts(outbox, clock, [] {});
  SECTION("nothing is told where the store cannot say what was raised") {
    outbox.fail_on_call(1);
    CHECK_FALSE(bench.get(alerts.load()));
    CHECK_FALSE(alerts.untold());
  }
  SECTION("what is still wrong is known") {
    REQUIRE(bench.get(alerts.load()));
    alerts.raise(alert);
    CHECK_FALSE(alerts.untold());
    auto other = alert;
    other.hint = "do something else";
    alerts.raise(other);
    bench.get(alerts.tell());
    CHECK(outbox.appended.size() == 3);
    REQUIRE(outbox.raised.size() == 2);
    CHECK(outbox.raised.front().hint == other.hint);
    CHECK(outbox.raised.front().since == raised_at);
  }
  SECTION("what was mended meanwhile is over, once") {
    REQUIRE(bench.get(alerts.load()));
    alerts.over("integration", "net2-hq");
    alerts.over("integration", "net2-hq");
    bench.get(alerts.tell());
    REQUIRE(outbox.appended.size() == 3);
    CHECK(outbox.appended.back().data.find(R"("state":"over")") != std::string::npos);
    CHECK(outbox.raised.size() == 1);
  }
  SECTION("what nobody speaks for any more is over") {
    REQUIRE(bench.get(alerts.load()));
    alerts.over_but_for("integration", std::vector<std::string>{"net2-hq"});
    alerts.over_but_for("cloud", {});
    bench.get(alerts.tell());
    REQUIRE(outbox.appended.size() == 3);
    CHECK(outbox.appended.back().subject == "net2-old");
    REQUIRE(outbox.raised.size() == 1);
    CHECK(outbox.raised.front().subject == "net2-hq");
  }
}

TEST_CASE("The board sends what changed, and everything when the link is back", "[loops]") {
  ManualClock clock;
  RecordingUplink uplink;
  StateBoard board(clock, "/gatehouse/acme/hq-01");
  Message state{.lane = std::nullopt,
                .topic = "up/state",
                .type = "state",
                .id = "1",
                .time = clock.now(),
                .subject = "acme/hq-01",
                .data = R"({"online":true})"};
  Message door = state;
  door.topic = "up/door/net2-hq/1";
  board.put(state);
  board.put(door);
  board.on_up(uplink);
  CHECK(board.up());
  auto sent = uplink.take();
  REQUIRE(sent.size() == 2);
  for (const auto& message : sent) {
    CHECK(message.retain);
    CHECK(message.urgent);
    CHECK(message.token == 0);
    CHECK(message.payload.find("sequence") == std::string::npos);
  }
  state.id = "2";
  board.put(state);
  CHECK(uplink.take().empty());
  board.put_anew(state);
  CHECK(uplink.take().size() == 1);
  state.data = R"({"online":false})";
  board.put(state);
  CHECK(uplink.take().size() == 1);
  board.on_down();
  board.put_anew(door);
  CHECK(uplink.take().empty());
}
