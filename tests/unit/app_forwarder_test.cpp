// What leaves the outbox, in which order, and when.

#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/forwarder_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using Desk = ForwarderDesk;

TEST_CASE("The forwarder sends a lane in order and settles it once", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 1300);
  CHECK(desk.sent().empty());  // nothing while the link is down
  desk.up();
  desk.serve();
  CHECK(desk.order == rows);
  CHECK(desk.outbox.rows.empty());
  CHECK(desk.outbox.settled.size() == rows.size());
  for (const auto& [row, times] : desk.outbox.settled) CHECK(times == 1);
  CHECK(desk.outbox.parked.empty());
}

TEST_CASE("The forwarder hands over a bounded number of rows and bytes", "[forwarder]") {
  Desk desk(10);
  SECTION("rows") {
    desk.put(Lane::access, 2000);
    desk.up();
    const auto first = desk.sent();
    CHECK(first.size() == 610);  // the window, and enough ahead that the link never waits
    CHECK(desk.sent().empty());
    desk.answer({first.front()});
    CHECK(desk.sent().size() == 1);
  }
  SECTION("bytes") {
    constexpr std::size_t megabyte = 1024 * 1024;
    std::vector<std::int64_t> rows;
    for (int i = 0; i < 40; ++i) rows.push_back(desk.outbox.put(Lane::access, megabyte));
    desk.up();
    CHECK(desk.sent().size() == 4);
    desk.answer({rows[0], rows[1]});
    CHECK(desk.sent().size() == 2);
    CHECK(desk.outbox.made() < 30);  // nor does it read them all into memory
  }
}

TEST_CASE("Nothing leaves the outbox before the broker has it", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::people, 5);
  desk.up();
  CHECK(desk.sent() == rows);
  desk.later(5s);
  CHECK(desk.outbox.settled.empty());
  desk.answer({rows[1], rows[3]});
  desk.acked = {rows[1], rows[3]};
  CHECK(desk.settled());
  CHECK(desk.outbox.settled == std::map<std::int64_t, int>{{rows[1], 1}, {rows[3], 1}});
}

TEST_CASE("After the link went, what was not acknowledged comes again, in order", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 6);
  desk.up();
  CHECK(desk.sent() == rows);
  desk.answer({rows[0], rows[1], rows[3]});
  desk.down();
  desk.answer({rows[2]});  // too late: the link had gone
  const auto more = desk.put(Lane::access, 1);
  desk.up();
  CHECK(desk.bench.until([&] { return !desk.uplink.waiting.empty(); }));
  CHECK(desk.sent() == std::vector<std::int64_t>{rows[2], rows[4], rows[5], more[0]});
  CHECK(desk.outbox.settled.size() == 3);
}

TEST_CASE("News that comes while the outbox is read is not lost", "[forwarder]") {
  Desk desk;
  desk.outbox.slow = true;
  const auto rows = desk.put(Lane::access, 3);
  desk.up();
  std::vector<std::int64_t> seen;
  std::vector<std::int64_t> added;
  // Each read ends only after a row has come that is not in it, and after its bell.
  for (int step = 0; step < 40; ++step) {
    if (step < 8) {
      const auto more = desk.put(step % 2 == 0 ? Lane::access : Lane::people, 1);
      added.push_back(more.front());
      desk.forwarder.on_news();
    }
    desk.outbox.let_read();
    for (const auto row : desk.sent()) {
      seen.push_back(row);
      desk.answer({row});
    }
  }
  std::ranges::sort(seen);
  std::vector<std::int64_t> all = rows;
  all.insert(all.end(), added.begin(), added.end());
  std::ranges::sort(all);
  CHECK(seen == all);  // and no timer was waited for
}

TEST_CASE("Alarms go first, the other lanes share, and none starves", "[forwarder]") {
  Desk desk(1);
  desk.put(Lane::telemetry, 300);
  desk.put(Lane::people, 300);
  desk.put(Lane::access, 300);
  const auto alarms = desk.put(Lane::alarm, 3);
  desk.up();
  const auto messages = desk.uplink.take();
  REQUIRE(messages.size() == 601);
  std::array<int, lane_count> count{};
  for (std::size_t i = 0; i < 263; ++i) {
    const auto lane = static_cast<std::size_t>(messages[i].token >> 52);
    CHECK(messages[i].urgent == (lane == 0));
    if (i < 3) CHECK(lane == 0);
    ++count[lane];
  }
  CHECK(count == std::array<int, lane_count>{3, 160, 80, 20});
  const auto urgent = desk.put(Lane::alarm, 1);
  desk.news();
  desk.answer({alarms[0]});
  CHECK(desk.sent() == urgent);
}

TEST_CASE("A store that fails for a while loses nothing", "[forwarder]") {
  for (int n = 1; n < 12; ++n) {
    INFO("the call that fails: " << n);
    Bench bench;
    ManualClock clock;
    RecordingLog log;
    RecordingUplink uplink;
    FakeOutbox outbox(bench.io.get_executor());
    Alerts alerts(outbox, clock, [] {});
    Forwarder forwarder(10, {.executor = bench.io.get_executor(),
                             .store = outbox,
                             .uplink = uplink,
                             .clock = clock,
                             .log = log,
                             .alerts = alerts});
    for (int i = 0; i < 4; ++i) outbox.put(Lane::access);
    TaskGroup loops(bench.io.get_executor(), clock, log);
    forwarder.start(loops);
    forwarder.on_up();
    outbox.fail_on_call(n);
    std::vector<PublishOutcome> outcomes;
    // Only as far as the failure: what follows it after a second's pause is the same as before.
    bench.until([&] {
      outcomes.clear();
      for (const auto& message : uplink.take()) outcomes.push_back({.token = message.token, .reason = 0});
      if (!outcomes.empty()) forwarder.on_outcomes(outcomes);
      return outbox.failed() || outbox.rows.empty();
    });
    const bool failed = outbox.failed();
    bench.get(loops.stop());
    bench.get(forwarder.flush());
    for (const auto& [row, times] : outbox.settled) CHECK(times == 1);
    CHECK(outbox.settled.size() + outbox.rows.size() == 4);
    if (!failed) break;
  }
}

TEST_CASE("What was acknowledged last is told to the store at the end", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 3);
  desk.up();
  CHECK(desk.sent() == rows);
  desk.forwarder.on_outcomes({{.token = rows[0], .reason = 0}, {.token = rows[1], .reason = 0}});
  desk.bench.get(desk.loops.stop());
  desk.bench.get(desk.forwarder.flush());
  CHECK(desk.outbox.settled.size() == 2);
}

TEST_CASE("Whatever link and broker do, each row is settled or parked once, and is first sent in order",
          "[forwarder]") {
  const auto seed = GENERATE(range(1U, 11U));
  INFO("seed " << seed);
  std::mt19937 chance(seed);
  const auto dice = [&](int sides) { return static_cast<int>(chance() % static_cast<unsigned>(sides)); };
  Desk desk(5);
  std::set<std::int64_t> all;
  std::set<std::int64_t> good;  // rows that were never refused
  std::array<std::int64_t, lane_count> newest{};
  std::vector<std::int64_t> in_flight;
  bool up = false;
  const auto look = [&] {
    for (const auto row : desk.sent()) {
      in_flight.push_back(row);
      auto& last = newest[static_cast<std::size_t>(row >> 52)];
      if (desk.order.end() == std::ranges::find(desk.order, row)) {
        CHECK(row > last);
        last = row;
      }
      desk.order.push_back(row);
    }
  };
  for (int step = 0; step < 300; ++step) {
    switch (dice(9)) {
      case 0:
        for (const auto row : desk.put(all_lanes[static_cast<std::size_t>(dice(4))], 1 + dice(5))) {
          all.insert(row);
          good.insert(row);
        }
        desk.news();
        break;
      case 1:
        if (dice(4) != 0) break;
        up ? desk.down() : desk.up();
        in_flight.clear();
        up = !up;
        break;
      case 2:
        desk.later(std::chrono::seconds(dice(8)));
        break;
      default: {
        if (!up || in_flight.empty()) break;
        const auto at =
            in_flight.begin() + dice(static_cast<int>(std::min<std::size_t>(in_flight.size(), 5)));
        const auto row = *at;
        in_flight.erase(at);
        const int fate = dice(40);
        const std::uint8_t reason = fate == 0  ? packet_too_large
                                    : fate < 4 ? not_authorized
                                               : std::uint8_t{0};
        if (reason != 0) good.erase(row);
        if (reason == 0) desk.acked.insert(row);
        desk.answer({row}, reason);
      }
    }
    look();
  }
  if (up) desk.down();
  desk.up();
  for (int i = 0; i < 4; ++i) {
    desk.serve();
    desk.later(6min);
  }
  CHECK(desk.bench.until([&] { return desk.outbox.rows.empty(); }));
  std::set<std::int64_t> done;
  for (const auto& [row, times] : desk.outbox.settled) {
    CHECK(times == 1);
    CHECK(done.insert(row).second);
  }
  for (const auto& [row, cause] : desk.outbox.parked) {
    CHECK(done.insert(row).second);
    if (cause == "refused") CHECK_FALSE(good.contains(row));
  }
  CHECK(done == all);
}
