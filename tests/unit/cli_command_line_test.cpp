#include <catch2/catch.hpp>
#include <stdlib.h>

#include "daemon/cli/command_line.hpp"

using namespace gatehouse;

namespace {

CommandLine read(std::vector<const char*> words) {
  words.insert(words.begin(), "gatehouse");
  return read_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

SCENARIO("--json and --bus may stand anywhere", "[cli]") {
  ::unsetenv("GATEHOUSE_BUS");
  const auto words = GENERATE(values<std::vector<const char*>>({
      {"--json", "--bus", "session", "people", "list", "--site", "hq"},
      {"people", "--json", "--bus=session", "list", "--site", "hq"},
      {"people", "list", "--site", "hq", "--bus", "session", "--json"},
      {"--bus", "session", "people", "list", "--json", "--site=hq"},
  }));
  const auto line = read(words);
  REQUIRE(line.command);
  CHECK(line.command->verb == Verb::people_list);
  CHECK(line.command->json);
  CHECK(line.command->bus == Bus{Bus::Kind::session, ""});
  CHECK(line.command->filter == std::map<std::string, std::string>{{"site", "hq"}});
}

TEST_CASE("Without a word about the bus it is the system's, or what the environment says", "[cli]") {
  ::unsetenv("GATEHOUSE_BUS");
  CHECK(read({"status"}).command->bus == Bus{Bus::Kind::system, ""});
  ::setenv("GATEHOUSE_BUS", "unix:path=/x", 1);
  CHECK(read({"status"}).command->bus == Bus{Bus::Kind::address, "unix:path=/x"});
  CHECK(read({"status", "--bus", "system"}).command->bus == Bus{Bus::Kind::system, ""});
  ::setenv("GATEHOUSE_BUS", "nonsense", 1);
  CHECK(read({"status"}).status == ExitStatus::usage);
  ::unsetenv("GATEHOUSE_BUS");
}

TEST_CASE("Every verb is understood", "[cli]") {
  struct Case {
    std::vector<const char*> words;
    Verb verb;
    std::string subject;
  };
  const auto row = GENERATE(values<Case>({
      {{"status"}, Verb::status, ""},
      {{"integration", "list"}, Verb::integration_list, ""},
      {{"integration", "show", "net2-hq"}, Verb::integration_show, "net2-hq"},
      {{"people", "list", "--search", "a", "--access", "no"}, Verb::people_list, ""},
      {{"people", "show", "net2-hq/1"}, Verb::people_show, "net2-hq/1"},
      {{"door", "list"}, Verb::door_list, ""},
      {{"door", "show", "net2-hq/1"}, Verb::door_show, "net2-hq/1"},
      {{"events", "--since", "2h", "--follow", "--integration", "net2-hq"}, Verb::events, ""},
      {{"outbox", "list", "--dead", "--lane", "alarm"}, Verb::outbox_list, ""},
      {{"config", "show", "--effective"}, Verb::config_show, ""},
      {{"config", "show"}, Verb::config_show, ""},
      {{"config", "reload"}, Verb::config_reload, ""},
      {{"sync", "log"}, Verb::sync_log, ""},
      {{"sync", "log", "net2-hq"}, Verb::sync_log, "net2-hq"},
      {{"check"}, Verb::check, "/etc/gatehouse/gatehouse.yaml"},
      {{"check", "x.yaml"}, Verb::check, "x.yaml"},
  }));
  const auto line = read(row.words);
  INFO(line.err);
  REQUIRE(line.command);
  CHECK(line.command->verb == row.verb);
  CHECK(line.command->subject == row.subject);

  auto help = row.words;
  help.push_back("--help");
  const auto helped = read(help);
  CHECK(helped.status == ExitStatus::done);
  CHECK_FALSE(helped.command);
  CHECK_THAT(helped.out, Catch::Contains("Example:\n  gatehouse " + std::string(row.words.front())));
}

TEST_CASE("Wrong usage ends with 2 and a hint", "[cli]") {
  const auto words = GENERATE(values<std::vector<const char*>>({
      {},
      {"people"},
      {"peoples", "list"},
      {"people", "show"},
      {"people", "list", "--access", "perhaps"},
      {"people", "list", "--sight", "hq"},
      {"status", "extra"},
      {"status", "--bus"},
      {"status", "--bus", "none"},
      {"outbox", "list", "--lane", "fast"},
  }));
  const auto line = read(words);
  CHECK(line.status == ExitStatus::usage);
  CHECK_FALSE(line.command);
  CHECK(line.out.empty());
  CHECK_THAT(line.err, Catch::Contains("Try: gatehouse"));
}

TEST_CASE("The version is told", "[cli]") {
  CHECK_THAT(read({"--version"}).out, Catch::StartsWith("gatehouse "));
  CHECK(read({"--version"}).status == ExitStatus::done);
}
