// The lists that can be looked at in views, and the file that keeps the views.
#ifdef GATEHOUSE_PROGRAM

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/saved_views.hpp"
#include "served_console.hpp"

using namespace gatehouse;
using boost::json::parse;
using gatehouse::test::PrivateBus;
using gatehouse::test::Ran;
using gatehouse::test::run_program;
using gatehouse::test::ServedConsole;

namespace {

/// A gateway, and a user with a configuration folder of their own.
struct ServedDesk {
  ServedDesk() : served((bus.start(), bus)) {
    ::setenv("XDG_CONFIG_HOME", bus.folder().c_str(), 1);
    REQUIRE(served.offered());
  }
  ~ServedDesk() { ::unsetenv("XDG_CONFIG_HOME"); }
  ServedDesk(const ServedDesk&) = delete;
  ServedDesk& operator=(const ServedDesk&) = delete;

  Ran says(std::vector<std::string> words) {
    words.insert(words.begin(), {GATEHOUSE_PROGRAM, "--bus", bus.address()});
    return run_program(words);
  }
  std::filesystem::path file() const { return bus.folder() / "gatehouse" / "views.yaml"; }

  PrivateBus bus;
  ServedConsole served;
};

boost::json::array activity_of(const Ran& ran) {
  CHECK(ran.status == 0);
  CHECK(ran.err.empty());
  return list_field(parse(ran.out), "activity");
}

std::string first_line(const Ran& ran) {
  return ran.out.substr(0, ran.out.find('\n'));
}

}  // namespace

SCENARIO("Activity is the newest, all since a moment, or those picked out", "[cli][activity]") {
  ServedDesk desk;

  SECTION("the newest 500, oldest first") {
    const auto newest = activity_of(desk.says({"activity", "--json"}));
    REQUIRE(newest.size() == 500);
    CHECK(number_field(newest.front(), "id") == 701);
    CHECK(number_field(newest.back(), "id") == 1200);
  }
  SECTION("all since a moment, however many") {
    CHECK(activity_of(desk.says({"activity", "--since", "1d", "--json"})).size() == 1200);
    CHECK_THAT(desk.says({"activity", "--since", "1d"}).out, Catch::EndsWith("\n1,200 records\n"));
  }
  SECTION("one outcome, or several") {
    const auto failed = activity_of(desk.says({"activity", "--outcome", "failed", "--json"}));
    CHECK(failed.size() == 400);
    const auto two =
        activity_of(desk.says({"activity", "--outcome", "failed,added", "--since", "1d", "--json"}));
    CHECK(two.size() == 800);
    const auto newest = activity_of(desk.says({"activity", "--view", "problems", "--json"}));
    REQUIRE(newest.size() == 500);
    CHECK(number_field(newest.back(), "id") == 1200);
    for (const auto& one : newest) CHECK(text_field(one, "outcome") != "added");
  }
  SECTION("what makes no sense is refused") {
    CHECK(desk.says({"activity", "--outcome", "sleeping"}).status == 2);
    const auto column = desk.says({"activity", "--columns", "time,nmae"});
    CHECK(column.status == 2);
    CHECK(column.out.empty());
    CHECK_THAT(column.err, Catch::Contains("did you mean 'name'?"));
    const auto view = desk.says({"activity", "--view", "problem"});
    CHECK(view.status == 2);
    CHECK_THAT(view.err, Catch::Contains("did you mean 'problems'?"));
  }
}

TEST_CASE("Following activity prints each record once, as it comes", "[cli][activity]") {
  ServedDesk desk;
  desk.served.console.activity_known = 2;
  std::array<int, 2> out{};
  REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  const std::string address = desk.bus.address();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::execl(GATEHOUSE_PROGRAM, "gatehouse", "activity", "--follow", "--json", "--bus", address.c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  FILE* lines = ::fdopen(out[0], "r");
  const auto next_id = [&] {
    std::array<char, 4096> line{};
    REQUIRE(::fgets(line.data(), line.size(), lines) != nullptr);
    return number_field(parse(line.data()), "id");
  };
  CHECK(next_id() == 1);
  CHECK(next_id() == 2);
  // The line and nothing else: the list is read again when the daemon says so, not by the clock.
  const auto before = std::chrono::steady_clock::now();
  desk.served.console.activity_known = 4;
  desk.served.tell_changed("facts");
  CHECK(next_id() == 3);
  CHECK(next_id() == 4);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  ::fclose(lines);
}

SCENARIO("Columns are chosen, and views are kept", "[cli][activity]") {
  ServedDesk desk;

  SECTION("columns stand in the order in which they were asked for") {
    CHECK(first_line(desk.says({"activity", "--columns", "name,id"})) == "NAME    ID");
    CHECK(first_line(desk.says({"log", "api", "--columns=status,verb"})) == "STATUS  VERB");
  }
  SECTION("a view is kept and used again, and the command line goes before it") {
    const auto kept = desk.says({"activity", "--outcome", "failed", "--since", "1d", "--columns", "id,name",
                                 "--save-view", "bad-days"});
    CHECK(kept.status == 0);
    CHECK(kept.err == "view 'bad-days' is kept in " + desk.file().string() + "\n");
    const auto used = desk.says({"activity", "--view", "bad-days"});
    CHECK(first_line(used) == "  ID  NAME");
    CHECK_THAT(used.out, Catch::EndsWith("\n400 records\n"));
    const auto other =
        desk.says({"activity", "--view", "bad-days", "--outcome", "added", "--columns", "outcome"});
    CHECK_THAT(other.out, Catch::StartsWith("OUTCOME\nadded\n"));
    CHECK(desk.says({"log", "api", "--view", "bad-days"}).status == 2);  // it is a view of the other list
  }
  SECTION("with --json nothing but the document is said") {
    const auto kept = desk.says({"activity", "--save-view", "mine", "--json"});
    CHECK(activity_of(kept).size() == 500);
  }
  SECTION("names that come with the program cannot be taken") {
    CHECK(desk.says({"activity", "--save-view", "problems"}).status == 2);
    CHECK_FALSE(std::filesystem::exists(desk.file()));
  }
  SECTION("a file with a fault is named with the place, and left alone") {
    std::filesystem::create_directories(desk.file().parent_path());
    std::ofstream(desk.file()) << "activity:\n  mine:\n    colums: [time]\n";
    const auto broken = desk.says({"activity", "--view", "mine"});
    CHECK(broken.status == 1);
    CHECK_THAT(broken.err, Catch::Contains("views.yaml:3:5: unknown key 'colums'; did you mean 'columns'?"));
    CHECK(desk.says({"activity", "--save-view", "other"}).status == 1);
    CHECK(load_views(desk.file()).error().code == Errc::invalid);
  }
}

SCENARIO("What was asked of Net2 can be looked through", "[cli][activity]") {
  ServedDesk desk;
  const auto calls = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"log", "api", "--json"});
    const auto ran = desk.says(words);
    CHECK(ran.status == 0);
    return list_field(parse(ran.out), "calls");
  };
  CHECK(calls({}).size() == 3);
  CHECK(calls({"--failed"}).size() == 2);
  CHECK(calls({"--view", "problems", "--integration", "annex"}).size() == 1);
  CHECK(calls({"--search", "users"}).size() == 1);
  CHECK_THAT(desk.says({"log", "api", "--since", "1h"}).out, Catch::EndsWith("\n3 calls\n"));
}

TEST_CASE("Views come back from the file as they were kept", "[cli][activity]") {
  PrivateBus folder;
  const auto file = folder.folder() / "new" / "views.yaml";
  CHECK(load_views(file)->empty());
  const SavedView odd{{"time", "name"}, {{"search", "\"O'Hara\": {x}\n\\ é"}, {"since", "1d"}}};
  REQUIRE(save_view(file, "activity", "null", odd).ok());
  REQUIRE(save_view(file, "log_api", "slow", {{}, {{"failed", "true"}}}).ok());
  REQUIRE(save_view(file, "activity", "b: c", {}).ok());
  const auto views = load_views(file);
  REQUIRE(views.ok());
  CHECK(views->at("activity").at("null") == odd);
  CHECK(views->at("activity").at("b: c") == SavedView{});
  CHECK(views->at("log_api").at("slow").filter == std::map<std::string, std::string>{{"failed", "true"}});
  CHECK(find_view(*views, "activity", "default")->columns.empty());
  CHECK(find_view(*views, "activity", "null")->columns == odd.columns);
  CHECK_FALSE(find_view(*views, "log_api", "null").ok());
  CHECK(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}) ==
        1);  // nothing is left over
}

#endif
