// kill -9 on either side of the move that makes a snapshot current.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/feed_bench.hpp"

#ifdef GATEHOUSE_CRASH_POINTS

namespace gatehouse {
namespace {

using test::FeedBench;
using test::snapshot;

constexpr const char* taker_name = "A process takes the next snapshot of a feed";
constexpr const char* directory_variable = "GATEHOUSE_TEST_FEED";

/// Takes the next snapshot in a process of its own, to be killed at a label. True if it was.
bool killed_at(const std::string& label, const std::filesystem::path& directory) {
  std::vector<std::string> words{"unit_tests", taker_name};
  std::vector<char*> arguments{words[0].data(), words[1].data(), nullptr};
  std::vector<std::string> variables{"GATEHOUSE_CRASH_AT=" + label,
                                     std::string(directory_variable) + "=" + directory.string()};
  std::vector<char*> environment{variables[0].data(), variables[1].data(), nullptr};
  const pid_t child = ::fork();
  if (child == 0) {
    ::execve("/proc/self/exe", arguments.data(), environment.data());
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace

TEST_CASE("A process takes the next snapshot of a feed", "[feed][crash]") {
  const char* given = std::getenv(directory_variable);
  FeedBench bench(given);
  if (given == nullptr) bench.drop("a.jsonl", snapshot({"1"}));
  CHECK(bench.said() == "taken");
}

TEST_CASE("A kill around the move leaves a feed with the old snapshot or the new one", "[feed][crash]") {
  const std::string second = GENERATE("a.jsonl", "b.jsonl");
  const std::string label = GENERATE("feed.aside.after", "feed.move.before", "feed.move.after");
  DYNAMIC_SECTION(label << " of " << second) {
    FeedBench bench;
    bench.drop("a.jsonl", snapshot({"old"}));
    REQUIRE(bench.said() == "taken");
    bench.write("done/20990101T000000.000Z-z.jsonl", snapshot({"neither"}));
    bench.drop(second, snapshot({"new"}));
    REQUIRE(killed_at(label, bench.path));
    bench.open();
    if (label != "feed.move.after") {
      CHECK(bench.ids() == "old");
      CHECK(bench.said() == "taken");
    }
    CHECK(bench.ids() == "new");
    CHECK(bench.said() == "nothing");
    bench.open();
    CHECK(bench.ids() == "new");
    CHECK(bench.content("done/" + second) == snapshot({"new"}));
    CHECK(bench.on_shelf("done").size() == 3);
  }
}

}  // namespace gatehouse

#endif
