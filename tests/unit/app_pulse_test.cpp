// When a loop counts as standing still (reliability.md S7).

#include <thread>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/on_worker.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/host/thread_watch.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using Names = std::vector<std::string>;

struct Loops {
  Bench bench;
  ManualClock clock;
  RecordingLog log;
  TaskGroup group{bench.io.get_executor(), clock, log};

  /// Before what the loops look at goes.
  void stop() { bench.get(group.stop()); }
  ~Loops() { stop(); }
};

}  // namespace

TEST_CASE("S7: a loop that waits for what never comes, and said nothing, is late after six seconds",
          "[loops][pulse]") {
  Loops loops;
  asio::steady_timer never(loops.bench.io, asio::steady_timer::time_point::max());
  loops.group.start("frozen", [&](Pulse&) -> Task<void> { co_await never.async_wait(asio::use_awaitable); });
  loops.bench.run();
  loops.clock.pass(6s);
  CHECK(loops.group.late().empty());
  loops.clock.pass(1ms);
  CHECK(loops.group.late() == Names{"frozen"});
  loops.stop();
}

TEST_CASE("S7: a loop that waits for its time or a bell is not late, however long that is",
          "[loops][pulse]") {
  Loops loops;
  Wakeup bell(loops.bench.io.get_executor());
  Wakeup other(loops.bench.io.get_executor());
  loops.group.start("pausing", [](Pulse&) -> Task<void> { co_await pause(10min); });
  loops.group.start("listening", [&](Pulse&) -> Task<void> { co_await bell.wait(); });
  loops.group.start("waiting", [&](Pulse&) -> Task<void> { co_await other.wait(20min); });
  loops.bench.run();
  loops.clock.pass(10min + 6s);
  CHECK(loops.group.late().empty());
  loops.clock.pass(1ms);
  CHECK(loops.group.late() == Names{"pausing"});  // its timer should have gone off
  loops.clock.pass(10min);
  CHECK(loops.group.late() == Names{"pausing", "waiting"});
  loops.clock.pass(24h * 30);
  CHECK(loops.group.late() == Names{"pausing", "waiting"});
  loops.stop();
}

TEST_CASE("S7: each step of a loop counts, and so do those of what it has called", "[loops][pulse]") {
  Loops loops;
  asio::steady_timer step(loops.bench.io, asio::steady_timer::time_point::max());
  const auto slow_call = [&]() -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      step.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code rung;
      co_await step.async_wait(asio::redirect_error(asio::use_awaitable, rung));
    }
  };
  loops.group.start("stepping", [&](Pulse&) -> Task<void> {
    co_await slow_call();
    co_await pause(1h);
  });
  for (int i = 0; i < 3; ++i) {
    loops.bench.run();
    loops.clock.pass(5s);
    CHECK(loops.group.late().empty());
    step.cancel();
  }
  loops.bench.run();
  loops.clock.pass(50min);
  CHECK(loops.group.late().empty());
  loops.stop();
}

TEST_CASE("S7: a wait with a time-out of its own may take that, also where steps come in between",
          "[loops][pulse]") {
  Loops loops;
  asio::steady_timer piece(loops.bench.io, asio::steady_timer::time_point::max());
  loops.group.start("reading", [&](Pulse&) -> Task<void> {
    const auto mine = co_await asio::this_coro::executor;
    const LongWait whole(mine, 60s);
    for (;;) {
      const LongWait silence(mine, 1s);
      boost::system::error_code rung;
      piece.expires_at(asio::steady_timer::time_point::max());
      co_await piece.async_wait(asio::redirect_error(asio::use_awaitable, rung));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
  });
  loops.bench.run();
  loops.clock.pass(20s);
  piece.cancel();
  loops.bench.run();
  loops.clock.pass(46s);
  CHECK(loops.group.late().empty());
  loops.clock.pass(1ms);
  CHECK(loops.group.late() == Names{"reading"});
  loops.stop();
}

TEST_CASE("S7: work on another thread is not the loop's standing still", "[loops][pulse]") {
  Loops loops;
  asio::thread_pool worker(1);
  std::atomic<bool> go = false;
  bool done = false;
  loops.group.start("parsing", [&](Pulse&) -> Task<void> {
    const std::function<void()> work = [&] { go.wait(false); };
    co_await on_worker(worker.get_executor(), work);
    done = true;
    co_await pause(1h);
  });
  loops.bench.run();
  loops.clock.pass(10min);
  CHECK(loops.group.late().empty());
  go = true;
  go.notify_all();
  CHECK(loops.bench.until([&] { return done; }));
  loops.stop();
}

TEST_CASE("S7: a thread that owes a word and does nothing stands still; one that works does not",
          "[pulse][threads]") {
  ManualClock clock;
  asio::thread_pool thread(1);
  const auto post = [&](std::function<void()> word) { asio::post(thread, std::move(word)); };
  bool excused = false;
  ThreadWatch watch({.name = "thread test", .post = post, .excused = [&] { return excused; }}, clock);
  const auto on_thread = [&](const std::function<void()>& work) { asio::post(thread, work); };
  // Its own clock is known from the first answer on.
  std::atomic<bool> answered = false;
  watch.look();
  on_thread([&] {
    answered = true;
    answered.notify_all();
  });
  answered.wait(false);
  clock.pass(3s);
  std::atomic<bool> end = false;
  std::atomic<std::uint64_t> rounds = 0;  // here, because the thread outlives the sections

  SECTION("asleep") {
    on_thread([&] { end.wait(false); });
    watch.look();  // the first was answered; this question is not
    clock.pass(5s);
    watch.look();
    CHECK_FALSE(watch.late());
    clock.pass(1s);
    watch.look();
    CHECK(watch.late());
    SECTION("until it goes on") {
      end = true;
      end.notify_all();
      thread.wait();
      watch.look();
      CHECK_FALSE(watch.late());
    }
    SECTION("but not where nobody can hurry it") {
      excused = true;
      watch.look();
      CHECK_FALSE(watch.late());
    }
  }
  SECTION("busy") {
    on_thread([&] {
      while (!end) ++rounds;
    });
    const auto let_it_work = [&] {
      const auto enough = rounds + 20'000'000;
      while (rounds < enough) std::this_thread::yield();
    };
    let_it_work();
    watch.look();
    for (int i = 0; i < 10; ++i) {  // the clock is ours; the work is real
      let_it_work();
      clock.pass(20s);
      watch.look();
      REQUIRE_FALSE(watch.late());
    }
    clock.pass(5min);
    let_it_work();
    watch.look();
    CHECK(watch.late());  // no work takes that long
  }
  end = true;
  end.notify_all();
  thread.join();
}

TEST_CASE("S7: a timer that a loop has left to others is no sign of life of that loop", "[loops][pulse]") {
  Loops loops;
  std::optional<asio::steady_timer> kept;
  asio::steady_timer never(loops.bench.io, asio::steady_timer::time_point::max());
  loops.group.start("frozen", [&](Pulse&) -> Task<void> {
    const auto mine = co_await asio::this_coro::executor;
    kept.emplace(without_pulse(mine), asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
  });
  loops.bench.run();
  REQUIRE(kept);
  bool rung = false;
  kept->async_wait([&](const boost::system::error_code&) { rung = true; });
  loops.clock.pass(6s + 1ms);
  kept->cancel();
  loops.bench.run();
  CHECK(rung);
  CHECK(loops.group.late() == Names{"frozen"});
  loops.stop();
}
