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
      {{"door", "open", "net2-hq/1", "--reason", "fun", "--break-glass"}, Verb::door_open, "net2-hq/1"},
      {{"door", "hold", "net2-hq/1", "--seconds", "900", "--reason", "fun"}, Verb::door_hold, "net2-hq/1"},
      {{"door", "close", "net2-hq/1", "--reason", "fun"}, Verb::door_close, "net2-hq/1"},
      {{"door", "mode", "net2-hq/1", "config"}, Verb::door_mode, "net2-hq/1"},
      {{"door", "discover"}, Verb::door_discover, ""},
      {{"access", "decide", "--person", "P", "--access-point", "a", "--at", "2026-06-01T10:00", "--direction",
        "out", "--mode", "qr"},
       Verb::access_decide,
       ""},
      {{"access", "sign-in", "--person", "P", "--access-point", "a"}, Verb::access_sign_in, ""},
      {{"access", "explain", "D"}, Verb::access_explain, "D"},
      {{"access", "list", "--since", "2h"}, Verb::access_list, ""},
      {{"access", "replay", "--config", "new.yaml", "--since", "7d"}, Verb::access_replay, "new.yaml"},
      {{"lockdown", "on", "--site", "hq"}, Verb::lockdown_on, ""},
      {{"lockdown", "off", "--site", "hq"}, Verb::lockdown_off, ""},
      {{"clock", "show"}, Verb::clock_show, ""},
      {{"clock", "reset", "--reason", "NTP is back"}, Verb::clock_reset, ""},
      {{"muster"}, Verb::muster, ""},
      {{"muster", "--site", "hq"}, Verb::muster, ""},
      {{"audit", "verify"}, Verb::audit_verify, ""},
      {{"audit", "show"}, Verb::audit_show, ""},
      {{"people", "enable", "P"}, Verb::people_enable, "P"},
      {{"people", "disable", "P"}, Verb::people_disable, "P"},
      {{"people", "tag", "P", "first aid"}, Verb::people_tag, "P"},
      {{"people", "untag", "P", "first aid"}, Verb::people_untag, "P"},
      {{"people", "grant", "P", "--door", "net2-hq/1", "--hours", "h", "--from", "2026-01-01", "--until",
        "2026-12-31"},
       Verb::people_grant,
       "P"},
      {{"people", "grant", "P", "--site", "hq"}, Verb::people_grant, "P"},
      {{"people", "revoke", "P", "G"}, Verb::people_revoke, "P"},
      {{"events", "--since", "2h", "--follow", "--integration", "net2-hq"}, Verb::events, ""},
      {{"outbox", "list", "--dead", "--lane", "alarm"}, Verb::outbox_list, ""},
      {{"outbox", "retry", "7"}, Verb::outbox_retry, "7"},
      {{"outbox", "drop", "7"}, Verb::outbox_drop, "7"},
      {{"token", "new"}, Verb::token_new, ""},
      {{"config", "show", "--effective"}, Verb::config_show, ""},
      {{"config", "show"}, Verb::config_show, ""},
      {{"config", "reload"}, Verb::config_reload, ""},
      {{"sync", "log"}, Verb::sync_log, ""},
      {{"sync", "log", "net2-hq"}, Verb::sync_log, "net2-hq"},
      {{"integration", "check", "a"}, Verb::integration_check, "a"},
      {{"integration", "pause", "a"}, Verb::integration_pause, "a"},
      {{"integration", "resume", "a"}, Verb::integration_resume, "a"},
      {{"integration", "remove", "a", "--people", "keep"}, Verb::integration_remove, "a"},
      {{"sync", "run"}, Verb::sync_run, ""},
      {{"sync", "run", "a", "--full", "--dry-run", "--wait"}, Verb::sync_run, "a"},
      {{"plan", "list"}, Verb::plan_list, ""},
      {{"plan", "show", "P"}, Verb::plan_show, "P"},
      {{"plan", "apply", "P", "--confirm", "214"}, Verb::plan_apply, "P"},
      {{"plan", "discard", "P"}, Verb::plan_discard, "P"},
      {{"issue", "list", "--kind", "match", "--integration", "a"}, Verb::issue_list, ""},
      {{"issue", "show", "1"}, Verb::issue_show, "1"},
      {{"issue", "fix", "--set", "email=a@b", "1"}, Verb::issue_fix, "1"},
      {{"issue", "merge", "1", "--into", "a/2"}, Verb::issue_merge, "1"},
      {{"issue", "skip", "1"}, Verb::issue_skip, "1"},
      {{"issue", "unskip", "1"}, Verb::issue_unskip, "1"},
      {{"purge", "plan", "--integration", "a", "--keep-source-enabled"}, Verb::purge_plan, ""},
      {{"purge", "plan", "--all-synced"}, Verb::purge_plan, ""},
      {{"people", "why", "P"}, Verb::people_why, "P"},
      {{"people", "decouple", "P", "--reason", "ill", "--until", "30d"}, Verb::people_decouple, "P"},
      {{"people", "couple", "P"}, Verb::people_couple, "P"},
      {{"people", "export", "P"}, Verb::people_export, "P"},
      {{"people", "erase", "P", "--yes"}, Verb::people_erase, "P"},
      {{"bundle", "f.tar.gz", "--force", "--config", "x.yaml", "--state-dir", "d"}, Verb::bundle, "f.tar.gz"},
      {{"activity", "--columns", "time,name", "--view", "problems", "--follow"}, Verb::activity, ""},
      {{"log", "api", "--since", "1h", "--failed"}, Verb::log_api, ""},
      {{"check"}, Verb::check, ""},
      {{"check", "x.yaml"}, Verb::check, "x.yaml"},
      {{"setup"}, Verb::setup, ""},
      {{"setup", "--answers", "a.yaml", "--credentials", "files", "--dry-run"}, Verb::setup, ""},
      {{"setup", "--password", "net2-hq"}, Verb::setup, ""},
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
      {"people", "list", "--type", "employe"},
      {"status", "extra"},
      {"status", "--bus"},
      {"status", "--bus", "none"},
      {"outbox", "list", "--lane", "fast"},
      {"purge", "plan"},
      {"purge", "plan", "--integration", ""},
      {"purge", "plan", "--integration", "a", "--all-synced"},
      {"plan", "show", ""},
      {"plan", "apply", "P", "--confirm", "-1"},
      {"plan", "apply", "P", "--confirm", "010"},
      {"plan", "apply", "P", "--confirm", "many"},
      {"sync", "run", ""},
      {"issue", "fix", "1"},
      {"issue", "fix", "1", "--set", "email"},
      {"issue", "fix", "1", "--set", "emial=a@b"},
      {"issue", "fix", "1", "--set", "email=a", "--set", "email=b"},
      {"issue", "merge", "1"},
      {"issue", "list", "--kind", "odd"},
      {"integration", "remove", "a", "--people", "eat"},
      {"door", "open", "d/1"},
      {"door", "open", "d/1", "--reason", ""},
      {"door", "hold", "d/1", "--reason", "fun"},
      {"door", "hold", "d/1", "--reason", "fun", "--seconds", "0"},
      {"door", "hold", "d/1", "--reason", "fun", "--seconds", "-1"},
      {"door", "hold", "d/1", "--reason", "fun", "--seconds", "43201"},
      {"door", "mode", "d/1"},
      {"door", "mode", "d/1", "ajar"},
      {"access", "decide", "--person", "P"},
      {"access", "decide", "--person", "", "--access-point", "a"},
      {"access", "decide", "--person", "P", "--access-point", "a", "--at", "10:00"},
      {"access", "decide", "--person", "P", "--access-point", "a", "--at", "2026-06-01T10:00:00Z"},
      {"access", "sign-in", "--person", "P", "--access-point", "a", "--at", "2026-06-01T10:00"},
      {"access", "explain"},
      {"access", "replay", "--since", "7d"},
      {"lockdown", "on"},
      {"lockdown", "--site", "hq"},
      {"clock", "reset"},
      {"clock", "reset", "--reason", ""},
      {"people", "grant", "P"},
      {"people", "grant", "P", "--door", "d/1", "--site", "hq"},
      {"people", "grant", "P", "--scope", ""},
      {"people", "tag", "P", ""},
      {"people", "revoke", "P"},
      {"activity", "--outcome", "added,skiped"},
      {"activity", "--outcome", ""},
  }));
  const auto line = read(words);
  CHECK(line.status == ExitStatus::usage);
  CHECK_FALSE(line.command);
  CHECK(line.out.empty());
  CHECK_THAT(line.err, Catch::Contains("Try: gatehouse"));
}

TEST_CASE("A verb that there is not is named, with the one that was meant", "[cli]") {
  struct Row {
    std::vector<const char*> words;
    const char* told;
  };
  const auto row = GENERATE(values<Row>({
      {{"docter"}, "'docter' is no verb; did you mean 'doctor'?"},
      {{"--bus", "session", "--json", "stauts"}, "'stauts' is no verb; did you mean 'status'?"},
      {{"people", "lits"}, "'lits' is no verb of people; did you mean 'list'?"},
      {{"plan", "--json", "aply", "P"}, "'aply' is no verb of plan; did you mean 'apply'?"},
      {{"xyzzy"}, "'xyzzy' is no verb\n"},
  }));
  const auto line = read(row.words);
  CHECK(line.status == ExitStatus::usage);
  CHECK_THAT(line.err, Catch::StartsWith(std::string("gatehouse: ") + row.told));
  CHECK_THAT(line.err, Catch::Contains("--help\n"));
}

TEST_CASE("Wrong usage is told on stdout as well where JSON is asked for", "[cli]") {
  const auto line = read({"people", "show", "--json"});
  CHECK(line.status == ExitStatus::usage);
  CHECK_THAT(line.out, Catch::StartsWith(R"({"error":{"code":"usage","message":")"));
  CHECK_FALSE(line.err.empty());
  CHECK(read({"people", "show"}).out.empty());
}

TEST_CASE("What is given with a verb is kept as it is", "[cli]") {
  using Filter = std::map<std::string, std::string>;
  const auto decide = read({"access", "decide", "--access-point", "a", "--person", "P", "--mode", "qr"});
  CHECK(decide.command->person == "P");
  CHECK(decide.command->access_point == "a");
  CHECK(decide.command->filter == Filter{{"mode", "qr"}});
  const auto hold = read({"door", "hold", "d/1", "--seconds", "43200", "--reason", "fun"});
  CHECK(hold.command->seconds == 43200);
  CHECK(hold.command->reason == "fun");
  CHECK_FALSE(read({"door", "open", "d/1", "--reason", "fun"}).command->break_glass);
  CHECK(read({"door", "mode", "d/1", "blocked"}).command->word == "blocked");
  CHECK(read({"people", "revoke", "P", "G"}).command->word == "G");
  CHECK(read({"people", "grant", "P", "--scope", "s", "--from", "2026-01-01"}).command->filter ==
        Filter{{"scope", "s"}, {"from", "2026-01-01"}});
  const auto fix = read({"issue", "fix", "1", "--set", "email=a=b", "--set", "phone="});
  REQUIRE(fix.command);
  CHECK(fix.command->set == std::map<std::string, std::string>{{"email", "a=b"}, {"phone", ""}});
  CHECK(read({"plan", "apply", "P"}).command->confirm == std::nullopt);
  CHECK(read({"plan", "apply", "P", "--confirm", "0"}).command->confirm == 0);
  CHECK(read({"sync", "run", "--dry-run"}).command->wait);
  CHECK(read({"integration", "remove", "a"}).command->people == "disable");
  const auto activity = read({"activity", "--columns", "a,b", "--columns=c", "--reason", "no_site"});
  CHECK(activity.command->columns == std::vector<std::string>{"a", "b", "c"});
  CHECK(activity.command->filter == std::map<std::string, std::string>{{"reason", "no_site"}});
}

TEST_CASE("The version is told", "[cli]") {
  CHECK_THAT(read({"--version"}).out, Catch::StartsWith("gatehouse "));
  CHECK(read({"--version"}).status == ExitStatus::done);
}
