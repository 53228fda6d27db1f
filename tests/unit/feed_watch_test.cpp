#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "tests/unit/feed_bench.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::FeedBench;
using test::snapshot;

const FeedTuning no_poll{.poll = 1h};

}  // namespace

TEST_CASE("Waiting for a feed ends when a file comes", "[feed]") {
  FeedBench bench;
  bench.open(no_poll);
  CHECK_FALSE(bench.run(bench.feed->wait_for_change(0ms)));
  std::optional<bool> rung;
  boost::asio::co_spawn(bench.io, bench.feed->wait_for_change(10s),
                        [&](std::exception_ptr, bool value) { rung = value; });
  bench.io.restart();
  bench.io.poll();
  CHECK_FALSE(rung);
  bench.write("people.csv", "not ours");
  bench.write("half.jsonl.part", snapshot({"1"}));
  bench.io.poll();
  CHECK_FALSE(rung);
  std::filesystem::rename(bench.path / "half.jsonl.part", bench.path / "half.jsonl");
  bench.io.run();
  CHECK(rung == true);
  CHECK(bench.said() == "taken");
}

TEST_CASE("A file that came while nobody waited ends the next wait at once", "[feed]") {
  FeedBench bench;
  bench.open(no_poll);
  bench.drop("a.jsonl", snapshot({"1"}));
  CHECK(bench.run(bench.feed->wait_for_change(10s)));
}

TEST_CASE("A feed is looked at now and then where inotify says nothing", "[feed]") {
  FeedBench bench;
  bench.open({.poll = 1ms});
  std::ofstream writer(bench.path / "a.jsonl", std::ios::binary);  // stays open
  writer << "{\"external_id\":\"1\"}\n" << std::flush;
  CHECK(bench.said() == "nothing");
  CHECK(bench.run(bench.feed->wait_for_change(10s)));  // its making
  CHECK(bench.said() == "nothing");
  CHECK_FALSE(bench.run(bench.feed->wait_for_change(5ms)));
  writer << "{\"end\":true,\"count\":1}\n" << std::flush;
  CHECK(bench.run(bench.feed->wait_for_change(10s)));
  CHECK(bench.said() == "taken");

  bench.write("b.jsonl", "{\"external_id\":\"1\"}\n");
  CHECK(bench.said() == "nothing");
  CHECK(bench.run(bench.feed->wait_for_change(10s)));
  CHECK(bench.said() == "nothing");
  bench.clock.pass(10min);
  CHECK(bench.run(bench.feed->wait_for_change(10s)));  // a report is due
  CHECK(bench.said().starts_with("incomplete"));
  CHECK_FALSE(bench.run(bench.feed->wait_for_change(5ms)));
}

TEST_CASE("A feed's directory that is replaced is noticed and watched anew", "[feed]") {
  FeedBench bench;
  const bool removed = GENERATE(true, false);
  bench.open(removed ? FeedTuning{.poll = 1ms} : no_poll);
  const std::filesystem::path away = bench.path.string() + "-away";
  removed ? std::filesystem::remove_all(bench.path), void() : std::filesystem::rename(bench.path, away);
  CHECK(bench.run(bench.feed->wait_for_change(10s)));
  CHECK(bench.said().starts_with("storage"));
  std::filesystem::remove_all(away);
  std::filesystem::create_directory(bench.path);
  CHECK(bench.said() == "nothing");
  while (bench.run(bench.feed->wait_for_change(0ms))) {
  }
  bench.drop("a.jsonl", snapshot({"1"}));
  CHECK(bench.run(bench.feed->wait_for_change(10s)));
  CHECK(bench.said() == "taken");
}

TEST_CASE("Waiting for a feed and reading it can be cancelled", "[feed]") {
  FeedBench bench;
  bench.open(no_poll);
  boost::asio::cancellation_signal stop;
  bool left = false;
  boost::asio::co_spawn(bench.io, bench.feed->wait_for_change(1h),
                        boost::asio::bind_cancellation_slot(
                            stop.slot(), [&](std::exception_ptr error, bool) { left = error != nullptr; }));
  bench.io.restart();
  bench.io.poll();
  stop.emit(boost::asio::cancellation_type::terminal);
  bench.io.run();
  CHECK(left);

  bench.drop("a.jsonl", snapshot({"1"}));
  std::optional<Result<bool>> taken;
  boost::asio::co_spawn(bench.io, FeedBench::into(bench.feed->take_next(), taken),
                        boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
  bench.io.restart();
  bench.io.poll_one();
  stop.emit(boost::asio::cancellation_type::terminal);
  bench.io.run();
  REQUIRE(taken);
  REQUIRE_FALSE(*taken);
  CHECK(taken->error().code == Errc::cancelled);
  CHECK(bench.said() == "taken");
}

}  // namespace gatehouse
