// The real program against the real service on a real bus.
#ifdef GATEHOUSE_PROGRAM

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/cli/json_fields.hpp"
#include "served_console.hpp"

using namespace gatehouse;
using gatehouse::test::PrivateBus;
using gatehouse::test::Ran;
using gatehouse::test::run_program;
using gatehouse::test::ServedConsole;

namespace {

Ran gatehouse_says(const PrivateBus& bus, std::vector<std::string> words, uid_t user = 0) {
  words.insert(words.begin(), {GATEHOUSE_PROGRAM, "--bus", bus.address()});
  return run_program(words, user);
}

}  // namespace

SCENARIO("The command line shows what the daemon knows", "[cli][control]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());

  SECTION("status, in words and in JSON") {
    const auto words = gatehouse_says(bus, {"status"});
    CHECK(words.status == 0);
    CHECK_THAT(words.out, Catch::Contains("! net2-hq is unreachable: connection refused"));
    CHECK_THAT(words.out, Catch::Contains("→ is the Net2 server running?"));
    const auto json = gatehouse_says(bus, {"status", "--json"});
    CHECK(text_field(boost::json::parse(json.out), "gateway") == "acme/hq-01");
    CHECK(json.err.empty());
  }
  SECTION("a list longer than a page comes whole") {
    const auto json = gatehouse_says(bus, {"people", "list", "--json"});
    CHECK(json.status == 0);
    CHECK(json.err.empty());
    const auto document = boost::json::parse(json.out);
    const auto& people = list_field(document, "people");
    REQUIRE(people.size() == test::FactsConsole::people_count);
    CHECK(text_field(people[1199], "id") == "P1199");
    CHECK(find_field(document, "next") == nullptr);
    const auto table = gatehouse_says(bus, {"people", "list"});
    CHECK_THAT(table.out, Catch::EndsWith("\n1,200 people\n"));
    CHECK_THAT(table.out, !Catch::Contains("\x1b"));
  }
  SECTION("a list that breaks off in the middle is a failure, not a shorter list") {
    const auto broken = gatehouse_says(bus, {"people", "list", "--json", "--search", "break"});
    CHECK(broken.status == 1);
    CHECK_THAT(broken.err, Catch::Contains("disk I/O error"));
    CHECK_THROWS(boost::json::parse(broken.out));
  }
  SECTION("every other verb") {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"integration", "list"},
                                               {"integration", "show", "net2-hq"},
                                               {"people", "show", "P1"},
                                               {"door", "list"},
                                               {"door", "show", "a"},
                                               {"events"},
                                               {"outbox", "list", "--dead"},
                                               {"config", "show"},
                                               {"sync", "log"}}) {
      INFO(words.front());
      const auto table = gatehouse_says(bus, words);
      CHECK(table.status == 0);
      CHECK(table.err.empty());
      CHECK_FALSE(table.out.empty());
      auto with_json = words;
      with_json.emplace_back("--json");
      const auto json = gatehouse_says(bus, with_json);
      CHECK(json.status == 0);
      CHECK_NOTHROW(boost::json::parse(json.out));
    }
  }
  SECTION("a refusal says why and what to do") {
    const auto unknown = gatehouse_says(bus, {"integration", "show", "net2-qh"});
    CHECK(unknown.status == 1);
    CHECK(unknown.out.empty());
    CHECK(unknown.err ==
          "gatehouse: there is no integration 'net2-qh'\nSee what there is: gatehouse integration list\n");
    const auto reload = gatehouse_says(bus, {"config", "reload", "--json"});
    CHECK(reload.status == 1);
    CHECK(
        reload.out ==
        R"({"error":{"code":"invalid","message":"gatehouse.yaml:3:5: unknown key 'polll'\ngatehouse.yaml:9:1: )"
        R"(missing 'url'"}})"
        "\n");
    CHECK(reload.err ==
          "gatehouse: gatehouse.yaml:3:5: unknown key 'polll'\ngatehouse.yaml:9:1: missing 'url'\n"
          "The last good configuration stays in force.\n");
  }
  SECTION("somebody who is neither root, nor the gateway's user, nor in its group, is refused") {
    if (::geteuid() != 0) {
      WARN("only root can become somebody else; not tried");
      return;
    }
    const auto program = bus.folder() / "gatehouse";
    std::filesystem::copy_file(GATEHOUSE_PROGRAM, program);
    constexpr uid_t nobody = 65534;
    const auto refused = run_program({program.string(), "--bus", bus.address(), "status"}, nobody);
    CHECK(refused.status == 1);
    CHECK(refused.out.empty());
    CHECK_THAT(refused.err, Catch::Contains("viewing needs root"));
    CHECK_THAT(refused.err, Catch::Contains("usermod -aG gatehouse"));
    const auto reload = run_program({program.string(), "--bus", bus.address(), "config", "reload"}, nobody);
    CHECK(reload.status == 1);
    CHECK(served.console.reloads == 0);
  }
}

TEST_CASE("Following prints each event once, as it comes", "[cli][control]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  std::array<int, 2> out{};
  REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  const std::string address = bus.address();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::execl(GATEHOUSE_PROGRAM, "gatehouse", "events", "--follow", "--json", "--bus", address.c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  FILE* lines = ::fdopen(out[0], "r");
  const auto next_id = [&] {
    std::array<char, 4096> line{};
    REQUIRE(::fgets(line.data(), line.size(), lines) != nullptr);
    return text_field(boost::json::parse(line.data()), "event_id");
  };
  CHECK(next_id() == "net2-hq/1/0");
  CHECK(next_id() == "net2-hq/1/1");
  served.console.events_known = 3;
  served.tell_changed("facts");
  CHECK(next_id() == "net2-hq/1/2");
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  ::fclose(lines);
}

TEST_CASE("The policy that is shipped lets in root and the group, and nobody else", "[cli][control]") {
  if (::geteuid() != 0) {
    WARN("only root can become somebody else; not tried");
    return;
  }
  // As strict as Debian's system bus, and then our file.
  PrivateBus bus(std::string(R"(<policy context="default">
    <allow user="*"/><deny own="*"/><deny send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/>
    <allow receive_type="error"/><allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy><include>)") +
                 GATEHOUSE_SOURCE_DIR "/systemd/org.gatehouse.Gateway1.conf</include>");
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  CHECK(gatehouse_says(bus, {"status"}).status == 0);
  const auto program = bus.folder() / "gatehouse";
  std::filesystem::copy_file(GATEHOUSE_PROGRAM, program);
  const auto refused = run_program({program.string(), "--bus", bus.address(), "status"}, 65534);
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Catch::Contains("does not let you talk to gatehoused"));
}

SCENARIO("A daemon that is not there ends with 4 and says how to start it", "[cli]") {
  PrivateBus bus;
  const auto no_bus = gatehouse_says(bus, {"status"});
  CHECK(no_bus.status == 4);
  CHECK_THAT(no_bus.err, Catch::Contains("cannot reach the bus at unix:path="));
  bus.start();
  const auto no_daemon = gatehouse_says(bus, {"status"});
  CHECK(no_daemon.status == 4);
  CHECK(no_daemon.out.empty());
  CHECK_THAT(no_daemon.err, Catch::Contains("systemctl status gatehouse"));
  CHECK_THAT(no_daemon.err, Catch::Contains("--bus"));
}

SCENARIO("check needs no daemon", "[cli]") {
  PrivateBus folder;
  const auto file = (folder.folder() / "gatehouse.yaml").string();
  std::ofstream(file) << "gateway:\n  id: hq-01\n  tenant: acme\n  timezoen: Europe/London\n  sites: [hq]\n";
  const auto words = run_program({GATEHOUSE_PROGRAM, "check", file});
  CHECK(words.status == 1);
  CHECK(words.out.empty());
  CHECK_THAT(words.err, Catch::Contains(file + ":4:3: "));
  CHECK_THAT(words.err, Catch::Contains("timezone"));
  const auto json = run_program({GATEHOUSE_PROGRAM, "check", file, "--json"});
  CHECK(json.status == 1);
  CHECK(json.err.empty());
  const auto document = boost::json::parse(json.out);
  CHECK(bool_field(document, "ok") == false);
  REQUIRE_FALSE(list_field(document, "faults").empty());
  CHECK(number_field(list_field(document, "faults")[0], "line") == 4);
  CHECK(number_field(list_field(document, "faults")[0], "column") == 3);

  std::ofstream(file) << "gateway:\n  id: hq-01\n  tenant: acme\n  timezone: Europe/London\n  sites: [hq]\n";
  const auto good = run_program({GATEHOUSE_PROGRAM, "check", file});
  INFO(good.err);
  CHECK(good.status == 0);
  CHECK(run_program({GATEHOUSE_PROGRAM, "check", (folder.folder() / "missing.yaml").string()}).status == 1);
}

#endif
