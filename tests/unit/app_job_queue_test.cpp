// Work that others ask of a loop.

#include <stdexcept>

#include <catch2/catch.hpp>

#include "daemon/app/job_queue.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("Who waits for a job hears of it where the job throws", "[loops]") {
  Bench bench;
  Wakeup bell(bench.io.get_executor());
  JobQueue jobs(bench.io.get_executor(), bell);
  std::optional<Result<int>> answer;
  const std::function<Task<Result<int>>()> throws = []() -> Task<Result<int>> {
    co_await pause(Duration(0));
    throw std::runtime_error("broken");
  };
  bench.start_into(jobs.ask<int>(throws), answer);
  bench.run();
  REQUIRE_FALSE(jobs.empty());
  const auto loop = [](JobQueue& queue, bool& thrown) -> Task<void> {
    try {
      co_await queue.do_next();
    } catch (const std::runtime_error&) {
      thrown = true;
    }
  };
  bool thrown = false;
  bench.get(loop(jobs, thrown));
  CHECK(thrown);  // the loop hears of it, too
  REQUIRE(bench.until([&] { return answer.has_value(); }));
  REQUIRE_FALSE(*answer);
  CHECK(answer->error().code == Errc::cancelled);
  // And the queue goes on.
  std::optional<Result<int>> next;
  const std::function<Task<Result<int>>()> works = []() -> Task<Result<int>> { co_return 7; };
  bench.start_into(jobs.ask<int>(works), next);
  bench.run();
  bench.get(jobs.do_next());
  REQUIRE(bench.until([&] { return next.has_value(); }));
  REQUIRE(*next);
  CHECK(**next == 7);
}
