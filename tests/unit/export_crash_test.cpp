// kill -9 between the steps of an export: afterwards each person is in Net2 once, and linked.

#include <algorithm>
#include <cstdlib>
#include <thread>

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/export_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

#ifdef GATEHOUSE_CRASH_POINTS

namespace {

constexpr const char* work_name = "The export that is killed";

struct Ground {
  std::string directory, url, pin, mode;
};

Integration settings_at(const Ground& place) {
  auto made = export_settings(place.mode == "auto" ? ExportMode::automatic : ExportMode::approve);
  made.sync.require_identifier = RequiredIdentifier::none;
  made.net2 = server_settings(place.url, place.pin);
  return made;
}

/// Whatever happened before, it ends in the same state.
void work(const Ground& place) {
  boost::asio::io_context io;
  Exporting ours(io, place.directory, settings_at(place));
  // Ids of an attempt that was cut short are not used again.
  ours.clock.ms += std::chrono::milliseconds(std::chrono::seconds(::getpid())).count();
  ours.pass();
  for (const auto* name : {"Ada", "Grace"}) {
    if (get(ours.store->find_people(std::string("cloud/") + name)).empty())
      ours.employs(name, name, "Lovelace", "");  // so that nothing but the mark tells whose the user is
  }
  for (int round = 0; round < 3; ++round) {
    ours.pass();
    for (const auto& plan : ours.plans()) {
      if (plan.state == PlanState::open) (void)ours.apply(plan);
    }
  }
}

bool killed_at(const std::string& label, const Ground& place) {
  std::vector<std::string> words{"unit_tests", work_name};
  std::vector<char*> arguments{words[0].data(), words[1].data(), nullptr};
  std::vector<std::string> variables{"GATEHOUSE_CRASH_AT=" + label,
                                     "GATEHOUSE_TEST_DIRECTORY=" + place.directory,
                                     "GATEHOUSE_TEST_URL=" + place.url, "GATEHOUSE_TEST_PIN=" + place.pin,
                                     "GATEHOUSE_TEST_MODE=" + place.mode};
  std::vector<char*> environment;
  for (auto& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execve("/proc/self/exe", arguments.data(), environment.data());
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// The server on a thread of its own while others work against it.
class Serving {
 public:
  explicit Serving(boost::asio::io_context& io)
      : io_(io), work_(io.get_executor()), thread_([this] { io_.run(); }) {}
  ~Serving() {
    work_.reset();
    io_.stop();
    thread_.join();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

 private:
  boost::asio::io_context& io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace

TEST_CASE(work_name, "[.][crash-work]") {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    INFO(name);
    REQUIRE(value != nullptr);  // run by hand it would make its store wherever it stands
    return std::string(value);
  };
  work({variable("GATEHOUSE_TEST_DIRECTORY"), variable("GATEHOUSE_TEST_URL"), variable("GATEHOUSE_TEST_PIN"),
        variable("GATEHOUSE_TEST_MODE")});
}

TEST_CASE("D-9: a kill at any step of an export makes nobody twice and leaves nobody unlinked",
          "[export][crash]") {
  const std::string mode = GENERATE(values<std::string>({"auto", "approve"}));
  std::vector<std::string> labels{"export.created",      "export.created:2",     "export.linked",
                                  "store.choice.before", "store.choice.after",   "store.export.before",
                                  "store.export.after",  "store.choice.before:2"};
  if (mode == "approve") {
    for (const auto* label : {"store.plan.offer.after", "store.plan.state.before", "store.plan.state.after",
                              "store.plan.end.before", "store.plan.end.after"})
      labels.emplace_back(label);
  }
  for (const auto& label : labels) {
    DYNAMIC_SECTION(mode << " at " << label) {
      StoreDirectory directory;
      boost::asio::io_context io;
      SimulatedServer server(io, 2);
      server.world.directory.departments = {{7, "Staff"}};
      for (const auto& person : server.world.people.all())
        server.world.people.edit(person.id)->department = 7;
      const Ground place{directory.path.string(), server.url, server.pin, mode};
      {
        const Serving serving(io);
        REQUIRE(killed_at(label, place));
        work(place);
      }
      std::vector<std::string> marks;
      for (const auto& user : server.world.people.all()) {
        const auto mark = user.fields.find(12);
        if (mark == user.fields.end() || mark->second.empty()) continue;
        marks.push_back(mark->second);
        CHECK(user.levels == std::vector<int>{3});
        CHECK(user.department == 7);
      }
      std::ranges::sort(marks);
      REQUIRE(marks.size() == 2);
      CHECK(marks[0] != marks[1]);
      CHECK(server.world.people.count() == 4);

      SetClock clock;
      auto store = open_store(directory.path, clock);
      CHECK(get(store->count_people()).total == 4);
      for (const auto* name : {"cloud/Ada", "cloud/Grace"}) {
        const auto found = get(store->find_people(name));
        REQUIRE(found.size() == 1);
        CHECK(found[0].sources.size() == 2);
        CHECK(std::ranges::count(marks, owner_mark(found[0].id)) == 1);
      }
      CHECK(get(store->live_plans()).empty());
      CHECK(get(store->open_issues(hq)).empty());
    }
  }
}

#endif
