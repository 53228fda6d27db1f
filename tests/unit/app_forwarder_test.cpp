// What leaves the outbox, in which order, and when: against a broker that does what the test says.

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "daemon/app/forwarder.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t not_authorized = 0x87;
constexpr std::uint8_t packet_too_large = 0x95;

/// A forwarder with its loops, an outbox and a link.
class Desk {
 public:
  explicit Desk(std::size_t window = 100)
      : outbox(bench.io.get_executor()),
        alerts(outbox, clock, [] {}),
        forwarder(window, {.executor = bench.io.get_executor(),
                           .store = outbox,
                           .uplink = uplink,
                           .clock = clock,
                           .log = log,
                           .alerts = alerts}),
        loops(bench.io.get_executor(), clock, log) {
    forwarder.start(loops);
    bench.run();
  }
  ~Desk() { bench.get(loops.stop()); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  std::vector<std::int64_t> put(Lane lane, int count) {
    std::vector<std::int64_t> put;
    for (int i = 0; i < count; ++i) put.push_back(outbox.put(lane));
    return put;
  }
  void up() {
    forwarder.on_up();
    bench.run();
  }
  void down() {
    uplink.waiting.clear();
    forwarder.on_down();
    bench.run();
  }
  void news() {
    forwarder.on_news();
    bench.run();
  }
  void later(Duration time) {
    clock.pass(time);
    news();
  }
  /// What has been handed over since the last look.
  std::vector<std::int64_t> sent() {
    bench.run();
    std::vector<std::int64_t> rows;
    for (const auto& message : uplink.take()) rows.push_back(message.token);
    return rows;
  }
  void answer(std::vector<std::int64_t> rows, std::uint8_t reason = 0) {
    std::vector<PublishOutcome> outcomes;
    for (const auto row : rows) outcomes.push_back({.token = row, .reason = reason});
    forwarder.on_outcomes(outcomes);
    bench.run();
  }
  /// Answers what is handed over, row by row, until nothing more comes; `reason` says how.
  void serve(const std::function<std::uint8_t(std::int64_t)>& reason) {
    for (;;) {
      auto rows = sent();
      if (rows.empty()) {
        if (!settled()) return;
        rows = sent();
        if (rows.empty()) return;
      }
      for (const auto row : rows) {
        const auto said = reason(row);
        order.push_back(row);
        if (said < 0x80) acked.insert(row);
        answer({row}, said);
      }
    }
  }
  void serve() {
    serve([](std::int64_t) { return 0; });
  }
  /// The store knows of everything that was acknowledged, unless more is sent before.
  bool settled() {
    return bench.until([&] {
      return !uplink.waiting.empty() ||
             std::ranges::none_of(acked, [&](std::int64_t row) { return outbox.rows.contains(row); });
    });
  }
  /// Rows of the outbox's dead letters, once there are so many.
  std::vector<std::int64_t> parked(std::size_t count) {
    bench.until([&] { return outbox.parked.size() >= count; });
    std::vector<std::int64_t> rows;
    for (const auto& [row, cause] : outbox.parked) rows.push_back(row);
    return rows;
  }

  Bench bench;
  ManualClock clock;
  RecordingLog log;
  RecordingUplink uplink;
  FakeOutbox outbox;
  Alerts alerts;
  Forwarder forwarder;
  TaskGroup loops;
  std::vector<std::int64_t> order;  ///< rows as they were served
  std::set<std::int64_t> acked;
};

}  // namespace

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

TEST_CASE("A row that is refused for good is parked at once", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 5);
  desk.up();
  desk.serve([&](std::int64_t row) { return row == rows[2] ? packet_too_large : std::uint8_t{0}; });
  CHECK(desk.order == rows);
  CHECK(desk.parked(1) == std::vector{rows[2]});
  CHECK(desk.outbox.parked.begin()->second == "refused");
  CHECK(desk.outbox.rows.empty());
}

TEST_CASE("A row that is too large for the broker is parked at once", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 2);
  desk.up();
  CHECK(desk.sent() == rows);
  desk.forwarder.on_outcomes({{.token = rows[0], .reason = 0, .too_large = true}});
  CHECK(desk.parked(1) == std::vector{rows[0]});
  CHECK(desk.outbox.parked.begin()->second == "too_large");
}

TEST_CASE("A row that is refused is tried again alone, then parked while the others flow", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 8);
  desk.up();
  int tries = 0;
  desk.serve([&](std::int64_t row) {
    if (row != rows[3]) return std::uint8_t{0};
    ++tries;
    return not_authorized;
  });
  SECTION("where others come behind it") {
    const auto behind = desk.put(Lane::access, 2);
    desk.news();
    desk.serve();
    CHECK(desk.outbox.settled.contains(behind[1]));
  }
  SECTION("and after a while where nothing else comes") {
    CHECK(desk.outbox.parked.empty());
    desk.later(11s);
  }
  CHECK(desk.parked(1) == std::vector{rows[3]});
  CHECK(tries == 2);
  CHECK(desk.bench.until([&] { return desk.outbox.rows.empty(); }));
}

TEST_CASE("A row that the broker takes the second time is not parked", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 8);
  desk.up();
  bool refused = false;
  desk.serve([&](std::int64_t row) {
    return row == rows[3] && !std::exchange(refused, true) ? not_authorized : std::uint8_t{0};
  });
  desk.later(1h);
  CHECK(desk.outbox.parked.empty());
  CHECK(desk.outbox.settled.size() == 8);
}

TEST_CASE("A broker that refuses a whole lane is waited for, and nothing of it is lost", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 50);
  const auto others = desk.put(Lane::people, 5);
  desk.up();
  const auto refuse_lane = [&](std::int64_t row) {
    return row >= others[0] ? std::uint8_t{0} : not_authorized;
  };
  desk.serve(refuse_lane);
  CHECK(desk.log.count("refuses every message of the lane access") == 1);
  CHECK(desk.alerts.untold());
  desk.order.clear();
  for (int i = 0; i < 20; ++i) {
    desk.later(6min);
    desk.serve(refuse_lane);
  }
  CHECK(desk.outbox.parked.empty());
  CHECK(desk.order.size() <= 20 * 5);  // a few tries each time, not the whole lane
  CHECK(desk.outbox.settled.size() == 5);
  desk.later(6min);
  desk.serve();
  CHECK(desk.log.count("takes the lane access again") == 1);
  CHECK(desk.outbox.settled.size() == 55);
  CHECK(desk.outbox.rows.empty());
}

TEST_CASE("A bad row at the head does not keep a lane from a broker that has mended", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 20);
  desk.up();
  desk.serve([](std::int64_t) { return not_authorized; });
  for (int i = 0; i < 3; ++i) {
    desk.later(6min);
    desk.serve([&](std::int64_t row) { return row == rows[0] ? not_authorized : std::uint8_t{0}; });
  }
  CHECK(desk.parked(1) == std::vector{rows[0]});
  CHECK(desk.outbox.settled.size() == 19);
}

TEST_CASE("A PUBACK that does not come holds up nobody, and in the end its row is parked", "[forwarder]") {
  Desk desk;
  const auto rows = desk.put(Lane::access, 5);
  desk.up();
  const auto answer_others = [&] {
    for (auto batch = desk.sent(); !batch.empty(); batch = desk.sent()) {
      for (const auto row : batch) {
        if (row == rows[2]) continue;
        desk.acked.insert(row);
        desk.answer({row});
      }
    }
  };
  for (int session = 0; session < 10 && desk.outbox.parked.empty(); ++session) {
    answer_others();
    const auto more = desk.put(Lane::access, 3);
    desk.news();
    answer_others();
    CHECK(desk.settled());  // a lane that goes back for a row does so then
    answer_others();
    CHECK(desk.acked.contains(more[2]));
    const auto before = desk.uplink.reconnects.size();
    desk.later(31s);
    // The order to reconnect is given once, however often the loop comes by before the link is down.
    for (int i = 0; i < 10; ++i) desk.later(100ms);
    CHECK(desk.uplink.reconnects.size() <= before + 1);
    if (desk.uplink.reconnects.size() == before) continue;
    desk.down();
    desk.up();
    CHECK(desk.settled());
  }
  CHECK(desk.parked(1) == std::vector{rows[2]});
  CHECK(desk.uplink.reconnects.size() == 3);
  CHECK(desk.outbox.parked.begin()->second == "no_puback");
}

TEST_CASE("A broker that answers nobody is not taken for bad rows", "[forwarder]") {
  Desk desk;
  desk.put(Lane::access, 8);
  desk.up();
  for (int i = 0; i < 30; ++i) {
    desk.later(31s);
    desk.down();
    desk.up();
  }
  CHECK(desk.outbox.parked.empty());
  CHECK(desk.uplink.reconnects.size() >= 25);
  desk.serve();
  desk.later(2min);
  desk.serve();
  CHECK(desk.outbox.rows.empty());
  CHECK(desk.outbox.parked.empty());
}

TEST_CASE("One row that kills the link is parked, and the rest flows", "[forwarder]") {
  Desk desk;
  std::vector<std::int64_t> rows;
  std::int64_t poison = 0;
  SECTION("among others") {
    rows = desk.put(Lane::access, 20);
    poison = rows[GENERATE(0, 7, 19)];
  }
  SECTION("in another lane than they") {
    rows = desk.put(Lane::access, 10);
    poison = desk.put(Lane::people, 1).front();
    rows.push_back(poison);
  }
  SECTION("with nobody else") {
    rows = desk.put(Lane::access, 1);
    poison = rows.front();
  }
  int drops = 0;
  for (int session = 0; session < 12; ++session) {
    desk.clock.pass(5s);
    desk.up();
    bool killed = false;
    for (int quiet = 0; !killed && quiet < 2;) {
      desk.settled();
      const auto batch = desk.sent();
      quiet = batch.empty() ? quiet + 1 : 0;
      for (const auto row : batch) {
        if (row == poison) {
          killed = true;
          break;
        }
        desk.acked.insert(row);
        desk.answer({row});
      }
    }
    if (!killed) break;
    ++drops;
    desk.down();
  }
  CHECK(drops <= 5);
  if (desk.outbox.parked.empty()) {  // where there is nobody else to try, the link's life is the proof
    desk.later(61s);
    CHECK(desk.sent() == std::vector{poison});
    desk.down();
  }
  CHECK(desk.parked(1) == std::vector{poison});
  CHECK(desk.outbox.parked.begin()->second == "link_dropped");
  CHECK(desk.outbox.settled.size() == rows.size() - 1);
}

TEST_CASE("A link that breaks whatever is sent costs no row", "[forwarder]") {
  Desk desk;
  desk.put(Lane::access, 10);
  for (int i = 0; i < 60; ++i) {
    desk.clock.pass(20s);
    desk.up();
    CHECK_FALSE(desk.sent().empty());
    desk.down();
  }
  CHECK(desk.outbox.parked.empty());
  desk.up();
  desk.serve();
  CHECK(desk.outbox.rows.empty());
  CHECK(desk.outbox.parked.empty());
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
