// Issues, integrations and single people: the real program against the real service on a real bus.
#ifdef GATEHOUSE_PROGRAM

#include <filesystem>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/cli/json_fields.hpp"
#include "served_gateway.hpp"

using namespace gatehouse;
using gatehouse::test::me;
using gatehouse::test::run_program;
using gatehouse::test::ServedGateway;

SCENARIO("Issues are listed and settled", "[cli][sync]") {
  ServedGateway gateway;

  SECTION("open ones are not well, with --json as well") {
    const auto list = gateway.says({"issue", "list"});
    CHECK(list.status == 3);
    CHECK_THAT(list.out, Catch::Contains("invalid_email  net2-hq      1            Ada   email ada@"));
    CHECK_THAT(list.out, Catch::Contains("1 open issue\n"));
    const auto document = gateway.json({"issue", "list", "--kind", "match"}, 3);
    CHECK(text_field(list_field(document, "issues")[0], "kind") == "match");
    gateway.served.console.issues_open = false;
    CHECK(gateway.says({"issue", "list"}).out == "no open issues\n");
    CHECK(list_field(gateway.json({"issue", "list"}), "issues").empty());
  }
  SECTION("one is shown with what to do") {
    CHECK_THAT(gateway.says({"issue", "show", "12"}).out, Catch::Contains("set another e-mail"));
    CHECK(gateway.says({"issue", "show", "99"}).status == 1);
  }
  SECTION("each way to settle one reaches the daemon with who asked") {
    struct Case {
      std::vector<std::string> words;
      const char* deed;
    };
    for (const auto& row : {Case{{"issue", "fix", "12", "--set", "email=a=b@c", "--set", "phone="},
                                 "fix 12 email=a=b@c phone="},
                            Case{{"issue", "merge", "12", "--into", "net2-hq/7"}, "merge 12 into net2-hq/7"},
                            Case{{"issue", "skip", "12"}, "skip 12"}}) {
      INFO(row.deed);
      const auto done = gateway.says(row.words);
      CHECK(done.status == 0);
      CHECK(done.out == "issue 12 is resolved; 1 open issue of net2-hq: gatehouse issue list\n");
      CHECK(gateway.last_deed() == row.deed + me());
      CHECK(bool_field(gateway.json(row.words), "resolved") == true);
    }
  }
  SECTION("one that is still open afterwards is not well, unless that was the point") {
    const auto still = gateway.says({"issue", "fix", "13", "--set", "email=x"});
    CHECK(still.status == 3);
    CHECK_THAT(still.out, Catch::Contains("issue 13 is still open; see: gatehouse issue show 13"));
    const auto undone = gateway.says({"issue", "unskip", "13"});
    CHECK(undone.status == 0);
    CHECK_THAT(undone.out, Catch::Contains("the skip is taken back, and it is open again as 14;"));
    CHECK(gateway.last_deed() == "unskip 13" + me());
  }
}

SCENARIO("Taking people away is planned, and told in full", "[cli][sync]") {
  ServedGateway gateway;

  SECTION("a purge") {
    const auto purge = gateway.says({"purge", "plan", "--integration", "net2-hq"});
    CHECK(purge.status == 0);
    CHECK(gateway.last_deed() == "purge net2-hq" + me());
    CHECK_THAT(purge.out, Catch::Contains("3 changes"));
    CHECK_THAT(purge.out, Catch::Contains("Of these, 1 has grants, 2 are decoupled."));
    CHECK_THAT(purge.out, Catch::Contains("cannot be undone"));
    CHECK_THAT(purge.out, Catch::Contains("gatehouse integration resume net2-hq"));
    CHECK_THAT(purge.out, Catch::Contains("remove  3            Bob"));
    CHECK_THAT(purge.out, Catch::EndsWith("gatehouse plan apply purge --confirm 3\n"));
    const auto kept = gateway.says({"purge", "plan", "--all-synced", "--keep-source-enabled"});
    CHECK(gateway.last_deed() == "purge  keep" + me());
    CHECK_THAT(kept.out, Catch::Contains("its next run brings them back"));
    CHECK(text_field(gateway.json({"purge", "plan", "--all-synced"}), "plan.plan") == "purge");
  }
  SECTION("the removal of an integration") {
    const auto removal = gateway.says({"integration", "remove", "net2-hq"});
    CHECK(removal.status == 0);
    CHECK(gateway.last_deed() == "remove net2-hq people disable" + me());
    CHECK_THAT(removal.out, Catch::Contains("These people stay, with their grants"));
    CHECK_THAT(removal.out, Catch::Contains("and 211 more: gatehouse plan show purge"));
    gateway.says({"integration", "remove", "net2-hq", "--people", "delete"});
    CHECK(gateway.last_deed() == "remove net2-hq people delete" + me());
  }
}

SCENARIO("An integration is looked at and switched", "[cli][sync]") {
  ServedGateway gateway;
  CHECK_THAT(gateway.says({"integration", "pause", "net2-hq"}).out, Catch::StartsWith("net2-hq is paused\n"));
  CHECK(gateway.last_deed() == "pause net2-hq" + me());
  CHECK(gateway.says({"integration", "resume", "net2-hq"}).out ==
        "net2-hq is on again, and its status is active\n");
  CHECK(text_field(gateway.json({"integration", "pause", "net2-hq"}), "integration.status") == "paused");
}

SCENARIO("One person can be asked about, decoupled and coupled", "[cli][sync]") {
  ServedGateway gateway;
  const auto why = gateway.says({"people", "why", "P1"});
  CHECK(why.status == 0);
  CHECK_THAT(why.out, Catch::StartsWith(
                          "Ada Lovelace (P1), is not let in: removed at the source\nDecoupled (on leave): "));
  CHECK_THAT(why.out, Catch::Contains("net2-hq/1234: give the record an e-mail or a phone"));
  CHECK_THAT(why.out, Catch::Contains("phone +44"));
  CHECK_THAT(why.out, Catch::Contains("\nLately\n"));
  CHECK(list_field(gateway.json({"people", "why", "P1"}), "links").size() == 1);

  const auto decoupled = gateway.says({"people", "decouple", "P1", "--reason", "on leave", "--until", "30d"});
  CHECK(decoupled.out == "Ada Lovelace is decoupled: no run changes or removes this person\n");
  CHECK(gateway.last_deed() == "decouple P1 for on leave until 30d" + me());
  CHECK(gateway.says({"people", "couple", "P1"}).status == 0);
  CHECK(gateway.last_deed() == "couple P1" + me());
}

TEST_CASE("Each verb needs its own permission", "[cli][control][sync]") {
  if (::geteuid() != 0) {
    WARN("only root can become somebody else; not tried");
    return;
  }
  ServedGateway gateway;
  const auto program = gateway.bus.folder() / "gatehouse";
  std::filesystem::copy_file(GATEHOUSE_PROGRAM, program);
  const auto refusal = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {program.string(), "--bus", gateway.bus.address()});
    const auto ran = run_program(words, 65534);
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK_THAT(refusal({"plan", "list"}), Catch::Contains("viewing needs root"));
  CHECK_THAT(refusal({"activity"}), Catch::Contains("viewing needs root"));
  CHECK_THAT(refusal({"sync", "run"}), Catch::Contains("directing the synchronisation needs root"));
  CHECK_THAT(refusal({"sync", "run", "--wait"}), Catch::Contains("directing the synchronisation needs root"));
  CHECK_THAT(refusal({"issue", "skip", "12"}), Catch::Contains("directing the synchronisation needs root"));
  CHECK_THAT(refusal({"integration", "pause", "a"}), Catch::Contains("directing the synchronisation"));
  CHECK_THAT(refusal({"plan", "apply", "P1", "--confirm", "3"}), Catch::Contains("administering needs root"));
  CHECK_THAT(refusal({"people", "decouple", "P1"}), Catch::Contains("administering needs root"));
  CHECK_THAT(refusal({"purge", "plan", "--all-synced"}), Catch::Contains("administering needs root"));
  CHECK(gateway.served.console.deeds().empty());
}

#endif
