// Runs and plans: the real program against the real service on a real bus.
#ifdef GATEHOUSE_PROGRAM

#include <sstream>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/run_command.hpp"
#include "served_gateway.hpp"

using namespace gatehouse;
using boost::json::parse;
using gatehouse::test::me;
using gatehouse::test::ServedGateway;

SCENARIO("A run can be started, or waited for", "[cli][sync]") {
  ServedGateway gateway;

  SECTION("started, it goes on when the command has returned") {
    gateway.served.console.hold_runs = true;
    const auto started = gateway.says({"sync", "run", "net2-hq", "--full", "--json"});
    CHECK(started.status == 0);
    CHECK(started.out == "{\"started\":true}\n");
    CHECK(gateway.last_deed() == "run net2-hq full" + me());
    CHECK(gateway.served.console.runs_ended == 0);
    gateway.served.console.hold_runs = false;
    gateway.served.on_io([&] { gateway.served.console.run_gate.cancel(); });
    CHECK_THAT(gateway.says({"sync", "run"}).out, Catch::Contains("gatehouse sync log"));
    CHECK(gateway.served.console.runs_ended >= 1);
  }
  SECTION("what is refused at once is told, although nobody waits") {
    const auto unknown = gateway.says({"sync", "run", "net2-qh"});
    CHECK(unknown.status == 1);
    CHECK(unknown.err ==
          "gatehouse: there is no integration 'net2-qh'\nSee what there is: gatehouse integration list\n");
    const auto off = gateway.says({"sync", "run", "off", "--json"});
    CHECK(off.status == 1);
    CHECK_THAT(off.out, Catch::StartsWith(R"({"error":{"code":"refused","message":")"));
    CHECK_THAT(off.err, Catch::Contains("switched off"));
  }
  SECTION("waited for, its outcome is the exit status") {
    struct Case {
      const char* integration;
      int status;
      const char* advice;
    };
    for (const auto& row :
         {Case{"net2-hq", 0, "500 seen, 3 added"}, Case{"guarded", 3, "gatehouse plan list"},
          Case{"draft", 3, "gatehouse plan list"},
          Case{"completed_with_issues", 3, "gatehouse issue list --integration"},
          Case{"partial", 3, "gatehouse integration check partial"},
          Case{"failed", 1, "gatehouse integration check failed"}}) {
      INFO(row.integration);
      const auto words = gateway.says({"sync", "run", row.integration, "--wait"});
      CHECK(words.status == row.status);
      CHECK_THAT(words.out, Catch::Contains(row.advice));
      CHECK_THAT(words.out, !Catch::Contains("\x1b"));
      const auto document = gateway.json({"sync", "run", row.integration, "--wait"}, row.status);
      CHECK(text_field(list_field(document, "runs")[0], "integration") == row.integration);
    }
    CHECK_THAT(gateway.says({"sync", "run", "failed", "--wait"}).err, Catch::Contains("failed failed: d"));
  }
  SECTION("a dry run is waited for, and lists the changes") {
    const auto words = gateway.says({"sync", "run", "net2-hq", "--dry-run"});
    CHECK(words.status == 0);
    CHECK_THAT(words.out, Catch::Contains("net2-hq would change:\n  add      2\n  remove   1\n"));
    CHECK_THAT(words.out, Catch::Contains("email a@b, tags -"));
    CHECK(gateway.last_deed() == "run net2-hq dry" + me());
    const auto document = gateway.json({"sync", "run", "net2-hq", "--dry-run"});
    CHECK(list_field(list_field(document, "runs")[0], "changes").size() == 3);
  }
  SECTION("an answer that is longer than a message of the bus can be comes whole") {
    const auto document = gateway.json({"sync", "run", "long", "--wait"});
    CHECK(text_field(list_field(document, "runs")[0], "detail").size() == 20u << 20);
  }
  SECTION("a caller that is killed does no harm to the run") {
    gateway.served.console.hold_runs = true;
    const std::string address = gateway.bus.address();
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(GATEHOUSE_PROGRAM, "gatehouse", "sync", "run", "net2-hq", "--wait", "--bus", address.c_str(),
              nullptr);
      ::_exit(127);
    }
    while (gateway.served.console.runs_begun == 0) std::this_thread::yield();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(gateway.says({"door", "list"}).status == 0);
    CHECK(gateway.served.console.runs_ended == 0);
    gateway.served.on_io([&] { gateway.served.console.run_gate.cancel(); });
    CHECK(gateway.says({"door", "list"}).status == 0);
    CHECK(gateway.served.console.runs_ended == 1);
  }
}

TEST_CASE("Who waits before a screen sees how far the run is", "[cli][sync]") {
  ServedGateway gateway;
  gateway.served.console.hold_runs = true;
  gateway.served.console.let_go_at_progress = true;
  std::ostringstream out, err;
  Terminal terminal{.out = out, .err = err, .err_is_screen = true};
  Invocation command;
  command.verb = Verb::sync_run;
  command.subject = "net2-hq";
  command.wait = true;
  command.json = true;
  command.bus = {Bus::Kind::address, gateway.bus.address()};
  CHECK(run_command(command, terminal) == ExitStatus::done);
  CHECK(list_field(parse(out.str()), "runs").size() == 1);
  CHECK_THAT(err.str(), Catch::Contains("net2-hq: applying, 1,200 of 5,000"));
  CHECK_THAT(err.str(), Catch::EndsWith("\r\x1b[K"));  // gone when it is over
}

SCENARIO("A plan is read, confirmed by its number, and applied", "[cli][sync]") {
  ServedGateway gateway;

  SECTION("it is listed and shown") {
    CHECK_THAT(gateway.says({"plan", "list"}).out, Catch::Contains("P1    net2-hq      first_sync  open"));
    const auto shown = gateway.says({"plan", "show", "P1"});
    CHECK(shown.status == 0);
    CHECK_THAT(shown.out, Catch::StartsWith("Plan P1: first_sync, net2-hq, 3 changes\n  add      2\n"));
    CHECK_THAT(shown.out, Catch::Contains("add     1            Ada   email a@b, tags -"));
    CHECK_THAT(shown.out, Catch::EndsWith("\n  gatehouse plan apply P1 --confirm 3\n"));
    CHECK_THAT(shown.out, !Catch::Contains("\x1b"));
    CHECK(list_field(gateway.json({"plan", "show", "P1"}), "changes").size() == 3);
    const auto unknown = gateway.says({"plan", "show", "P2"});
    CHECK(unknown.status == 1);
    CHECK_THAT(unknown.err, Catch::Contains("See what there is: gatehouse plan list"));
  }
  SECTION("one of many pages comes whole") {
    const auto huge = gateway.json({"plan", "show", "huge"});
    REQUIRE(list_field(huge, "changes").size() == 1000);
    CHECK(text_field(list_field(huge, "changes")[999], "external_id") == "999");
    CHECK(text_field(huge, "token") == "t");
    CHECK(find_field(huge, "next") == nullptr);
    CHECK_THAT(gateway.says({"plan", "show", "huge"}).out, Catch::Contains("\n  add      1,000\n"));
  }
  SECTION("one that ends while it is read is not taken for a shorter one") {
    const auto words = gateway.says({"plan", "show", "ends"});
    CHECK(words.status == 1);
    CHECK(words.out.empty());
    CHECK_THAT(words.err, Catch::Contains("the plan has ended while it was read"));
    const auto json = gateway.says({"plan", "show", "ends", "--json"});
    CHECK(json.status == 1);
    CHECK_THROWS(parse(json.out));
  }
  SECTION("one that has ended is shown without what it listed, and cannot be applied") {
    const auto ended = gateway.says({"plan", "show", "old"});
    CHECK(ended.status == 0);
    CHECK(ended.out ==
          "Plan old: first_sync, net2-hq, 3 changes, applied\nWhat it listed is no longer kept.\n");
    CHECK(list_field(gateway.json({"plan", "show", "old"}), "changes").empty());
    const auto apply = gateway.says({"plan", "apply", "old"});
    CHECK(apply.status == 1);
    CHECK_THAT(apply.err, Catch::Contains("it is applied"));
  }
  SECTION("without the number it is told, and nothing happens") {
    const auto asked = gateway.says({"plan", "apply", "P1"});
    CHECK(asked.status == 2);
    CHECK(asked.out.empty());
    CHECK(asked.err ==
          "gatehouse: the plan has 3 changes; read what they are: gatehouse plan show P1\n"
          "Then: gatehouse plan apply P1 --confirm 3\n");
    CHECK(gateway.says({"plan", "apply", "P2"}).status == 1);
    CHECK(gateway.served.console.deeds().empty());
  }
  SECTION("with the number it is applied") {
    const auto applied = gateway.says({"plan", "apply", "P1", "--confirm", "3"});
    CHECK(applied.status == 0);
    CHECK(applied.out == "applied 3 changes\n");
    CHECK(gateway.last_deed() == "apply P1" + me());
    CHECK(number_field(gateway.json({"plan", "apply", "P1", "--confirm", "3"}), "applied") == 3);
    CHECK(gateway.says({"plan", "apply", "P1", "--confirm", "4"}).status == 1);
  }
  SECTION("a stale one says so") {
    const auto stale = gateway.says({"plan", "apply", "stale", "--confirm", "3", "--json"});
    CHECK(stale.status == 1);
    CHECK_THAT(stale.out, Catch::StartsWith(R"({"error":{"code":"plan_stale","message":"plan_stale: 2 )"));
    CHECK_THAT(stale.err, Catch::Contains("plan_stale: 2 people have changed since"));
    CHECK_THAT(stale.err, Catch::Contains("gatehouse plan list"));
  }
  SECTION("it can be discarded") {
    CHECK(gateway.says({"plan", "discard", "P1"}).status == 0);
    CHECK(gateway.last_deed() == "discard P1" + me());
    CHECK(text_field(gateway.json({"plan", "discard", "P1"}), "plan") == "P1");
  }
}

#endif
