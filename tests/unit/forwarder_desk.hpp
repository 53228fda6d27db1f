#pragma once
// A forwarder with an outbox in memory, and a link whose broker does what the test says.

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "daemon/app/forwarder.hpp"
#include "tests/unit/fakes.hpp"

namespace gatehouse::test {

inline constexpr std::uint8_t not_authorized = 0x87;
inline constexpr std::uint8_t packet_too_large = 0x95;

/// A forwarder with its loops, an outbox and a link.
class ForwarderDesk {
 public:
  explicit ForwarderDesk(std::size_t window = 100)
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
  ~ForwarderDesk() { bench.get(loops.stop()); }
  ForwarderDesk(const ForwarderDesk&) = delete;
  ForwarderDesk& operator=(const ForwarderDesk&) = delete;

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

}  // namespace gatehouse::test
