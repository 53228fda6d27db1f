// Doors, decisions and rights: the real program against the real service on a real bus.
#ifdef GATEHOUSE_PROGRAM

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/cli/json_fields.hpp"
#include "served_gateway.hpp"

using namespace gatehouse;
using gatehouse::test::me;
using gatehouse::test::ServedGateway;

namespace {

std::string last_deed(ServedGateway& gateway) {
  const auto deeds = gateway.served.access.deeds();
  return deeds.empty() ? "" : deeds.back();
}

}  // namespace

SCENARIO("D-2: a decision says what, why, what may be said at reception, and how it came about",
         "[cli][access]") {
  ServedGateway gateway;
  const std::vector<std::string> of_ada{"access", "decide", "--person", "P1", "--access-point", "reception"};

  SECTION("allowed") {
    const auto ran = gateway.says(of_ada);
    CHECK(ran.status == 0);
    CHECK(ran.out ==
          "ALLOWED: employee\n"
          "To be said: Please ask at reception.\n"
          "Ada \uFFFD[31mLovelace (employee), in at reception by kiosk, 2026-06-01 09:00:00\n"
          "\n"
          "DOOR       OUTCOME  REASON    COMMAND   WHY\n"
          "net2-hq/1  allow    employee  not_sent\n"
          "\n"
          "How it came about\n"
          "  pass  access_point\n"
          "  FAIL  freshness  net2-hq, 2026-06-01 10:00:00, 2 h 0 min old\n"
          "  skip  door_mode  net2-hq/1\n"
          "\n"
          "Nothing was opened: this only says.\n");
    CHECK(text_field(gateway.json(of_ada), "sentence") == "Please ask at reception.");
  }
  SECTION("a denial is an answer") {
    const auto denied =
        gateway.says({"access", "decide", "--person", "denied", "--access-point", "reception"});
    CHECK(denied.status == 0);
    CHECK(denied.err.empty());
    CHECK_THAT(denied.out, Catch::StartsWith("DENIED: access_disabled\n"));
    CHECK_THAT(denied.out, !Catch::Contains("DOOR "));
  }
  SECTION("somebody unknown is an answer too, with a hint") {
    const auto ran = gateway.says({"access", "decide", "--person", "nobody", "--access-point", "reception"});
    CHECK(ran.status == 0);
    CHECK_THAT(ran.err, Catch::Contains("gatehouse people list --search"));
  }
  SECTION("time, direction and mode are passed on; a key that several share is refused") {
    gateway.says({"access", "decide", "--person", "P1", "--access-point", "gate", "--at", "2026-06-01T10:00",
                  "--direction", "out", "--mode", "qr"});
    CHECK(last_deed(gateway) == "decide P1 at gate 2026-06-01T10:00 out qr");
    const auto shared =
        gateway.says({"access", "decide", "--person", "shared@example.com", "--access-point", "reception"});
    CHECK(shared.status == 1);
    CHECK(shared.out.empty());
  }
  SECTION("later it is explained, with the age of the facts") {
    const auto ran = gateway.says({"access", "explain", "D1"});
    CHECK(ran.status == 0);
    CHECK_THAT(ran.out, Catch::Contains("What it rested on\n  sources  net2-hq (gone)\n"
                                        "  age      2 h 0 min, reckoned over a restart\n"));
    CHECK(number_field(gateway.json({"access", "explain", "D1"}), "basis.age_s") == 7200);
    const auto unknown = gateway.says({"access", "explain", "D9"});
    CHECK(unknown.status == 1);
    CHECK_THAT(unknown.err, Catch::Contains("See what there is: gatehouse access list"));
  }
  SECTION("all that are kept are listed, page by page") {
    const auto ran = gateway.says({"access", "list", "--since", "2h"});
    CHECK(ran.status == 0);
    CHECK_THAT(ran.out, Catch::Contains("deny     2h") && Catch::Contains("3 decisions\n"));
    CHECK(list_field(gateway.json({"access", "list"}), "decisions").size() == 3);
  }
}

SCENARIO("A sign-in at the command line ends well only where a door took it", "[cli][access]") {
  ServedGateway gateway;
  const auto sign_in = [&](const char* person) {
    return gateway.says({"access", "sign-in", "--person", person, "--access-point", "reception", "--json"});
  };
  const auto good = sign_in("P1");
  CHECK(good.status == 0);
  CHECK(good.err.empty());
  CHECK(last_deed(gateway) == "sign in P1 at reception" + me());
  const auto denied = sign_in("denied");
  CHECK(denied.status == 1);
  CHECK(text_field(boost::json::parse(denied.out), "outcome") == "deny");
  CHECK(denied.err == "gatehouse: denied: access_disabled\nWhy: gatehouse access explain D1\n");
  const auto unlucky = sign_in("unlucky");
  CHECK(unlucky.status == 1);
  CHECK(unlucky.err == "gatehouse: net2-hq/1: failed: Net2 refused: 400\n");
}

SCENARIO("D-10: a configuration is tried on past sign-ins", "[cli][access]") {
  ServedGateway gateway;
  const auto folder = gateway.bus.folder() / "config";
  std::filesystem::create_directories(folder / "conf.d");
  const auto file = (folder / "gatehouse.yaml").string();
  std::ofstream(file) << "gateway: {id: hq-01, tenant: acme, sites: [hq]}\n";

  const auto ran = gateway.says({"access", "replay", "--config", file});
  CHECK(ran.status == 0);
  CHECK(ran.err.empty());
  CHECK(last_deed(gateway) == "replay 7d");
  CHECK_THAT(ran.out,
             Catch::StartsWith("Decided again: 40 sign-ins; 2 would end otherwise.\n"
                               "3 would end alike for another reason.\n"
                               "1 sign-in would now be refused, 1 let in, 0 let in by other doors:\n"));
  CHECK_THAT(ran.out, Catch::Contains("allow employee") && Catch::Contains("deny employees_closed"));
  CHECK(number_field(gateway.json({"access", "replay", "--config", file, "--since", "2h"}), "changed") == 2);
  CHECK(last_deed(gateway) == "replay 2h");

  // One with a fault, in whichever of its files, is told as by `check`, and nobody is asked.
  std::ofstream(folder / "conf.d" / "more.yaml") << "polcy: {}\n";
  const auto faulty = gateway.says({"access", "replay", "--config", file});
  CHECK(faulty.status == 1);
  CHECK(faulty.out.empty());
  CHECK_THAT(faulty.err, Catch::Contains("more.yaml:1:1") && Catch::Contains("policy"));
  CHECK(gateway.served.access.deeds().size() == 2);
}

SCENARIO("S1-11: doors are listed with the access points that have them", "[cli][access]") {
  ServedGateway gateway;
  const auto list = gateway.says({"door", "list"});
  CHECK(list.status == 0);
  CHECK(list.out ==
        "ID         NAME   SITE  KIND  MODE                PRESENCE  ACCESS POINTS  RELAY    WARNINGS\n"
        "net2-hq/1  Front              blocked (set here)  onsite    reception      closed   power fault\n"
        "net2-hq/2  Back               not configured                -              unknown\n"
        "2 doors\n"
        "1 assigned to access points, 1 not\n");
  CHECK(list_field(gateway.json({"door", "list"}), "doors").size() == 2);

  // S2-H11: lines that a YAML reader takes as what they say, whatever a door is called.
  const auto found = gateway.says({"door", "discover"});
  CHECK(found.status == 0);
  CHECK(found.out ==
        "doors:\n"
        "  - {id: net2-hq/2, name: \"Back \\\"B\\\": \uFFFD[2J, no #1\", kind: timed, open: 5s}\n");
  CHECK(list_field(gateway.json({"door", "discover"}), "doors").size() == 1);
}

SCENARIO("S2-H9: an operator opens a door, for a reason, and hears whether Net2 took it", "[cli][access]") {
  ServedGateway gateway;
  const auto open = [&](const char* door, const char* more = nullptr) {
    std::vector<std::string> words{"door", "open", door, "--reason", "parcel"};
    if (more != nullptr) words.emplace_back(more);
    return gateway.says(words);
  };
  const auto opened = open("net2-hq/1");
  CHECK(opened.status == 0);
  CHECK(opened.out == "net2-hq/1 is opened: Net2 has accepted\n");
  CHECK(last_deed(gateway) == "open net2-hq/1 for parcel" + me());
  CHECK(open("net2-hq/1", "--break-glass").status == 0);
  CHECK(last_deed(gateway) == "open net2-hq/1 for parcel break-glass" + me());

  const auto failed = open("net2-hq/8");
  CHECK(failed.status == 1);
  CHECK(failed.out.empty());
  CHECK(failed.err == "gatehouse: net2-hq/8 did not do it: the connection was cut\n");
  const auto unknown = open("net2-hq/7", "--json");
  CHECK(unknown.status == 1);
  CHECK(text_field(boost::json::parse(unknown.out), "command") == "unknown");
  CHECK(unknown.err ==
        "gatehouse: net2-hq/7 was asked, and it is not known whether it did it: the connection was cut\n"
        "Look: gatehouse door show net2-hq/7\n");
  const auto refused = open("net2-hq/9");
  CHECK(refused.status == 1);
  CHECK(refused.err == "gatehouse: door_blocked: the door is blocked\n");

  CHECK(gateway.says({"door", "hold", "net2-hq/1", "--seconds", "900", "--reason", "van"}).out ==
        "net2-hq/1 is held open: Net2 has accepted\n");
  CHECK(last_deed(gateway) == "hold net2-hq/1 900 for van" + me());
  CHECK(gateway.says({"door", "close", "net2-hq/1", "--reason", "over"}).status == 0);
  CHECK(last_deed(gateway) == "close net2-hq/1 for over" + me());
}

SCENARIO("S2-H8: modes and lockdown are set, and say how they are taken back", "[cli][access]") {
  ServedGateway gateway;
  CHECK(gateway.says({"door", "mode", "net2-hq/1", "blocked"}).out ==
        "net2-hq/1 is blocked until: gatehouse door mode net2-hq/1 config\n");
  CHECK(gateway.says({"door", "mode", "net2-hq/1", "config"}).out ==
        "net2-hq/1 is as the configuration says: normal\n");
  const auto on = gateway.says({"lockdown", "on", "--site", "hq"});
  CHECK(on.status == 0);
  CHECK_THAT(on.out, Catch::EndsWith("\nLocked down now: hq\n"));
  CHECK(last_deed(gateway) == "lockdown hq on" + me());
  CHECK(list_field(gateway.json({"lockdown", "off", "--site", "hq"}), "lockdown").empty());
  CHECK(last_deed(gateway) == "lockdown hq off" + me());
  const auto nowhere = gateway.says({"lockdown", "on", "--site", "moon"});
  CHECK(nowhere.status == 1);
  CHECK_THAT(nowhere.err, Catch::Contains("there is hq"));
}

SCENARIO("D-8: who is on site can be printed, with ages and known gaps", "[cli][access]") {
  ServedGateway gateway;
  const auto ran = gateway.says({"muster"});
  CHECK(ran.status == 0);
  CHECK(ran.out ==
        "On site, 2026-06-01 10:02:00: 2 people\n"
        "\n"
        "NAME                   TYPE      SITE  SINCE                      AGO  WHERE      ID\n"
        "Ada \uFFFD[31mLovelace      employee  hq    2026-06-01 09:00:00  1 h 2 min  reception  P1\n"
        "(name cannot be read)            hq    2026-06-01 09:00:00       30 s  net2-hq/1  P2\n"
        "\n"
        "How old what is known is\n"
        "  net2-hq  1 min, NOT connected: later movements may be missing\n"
        "  cloud  never proved current\n");
  CHECK(text_field(list_field(gateway.json({"muster", "--site", "2"}), "on_site")[0], "site") == "hq2");
}

SCENARIO("The audit is shown, newest first, and proved whole or broken", "[cli][audit]") {
  ServedGateway gateway;
  const auto shown = gateway.says({"audit", "show"});
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Catch::Contains("reason parcel") && Catch::Contains("(erased)"));
  CHECK_THAT(shown.out, Catch::EndsWith("2 rows\n"));
  CHECK(list_field(gateway.json({"audit", "show"}), "audit").size() == 2);

  const auto whole = gateway.says({"audit", "verify"});
  CHECK(whole.status == 0);
  CHECK(whole.out == "12 rows, the chain is whole; its head is 12 sha256:ab\n");
  gateway.served.access.audit_broken = true;
  const auto broken = gateway.says({"audit", "verify"});
  CHECK(broken.status == 3);
  CHECK(broken.err == "gatehouse: the audit is broken at row 7: row 7 was changed\n");
  CHECK(bool_field(gateway.json({"audit", "verify"}, 3), "ok") == false);
}

SCENARIO("S2-H5: an administrator's word about a person is taken and shown", "[cli][access]") {
  ServedGateway gateway;
  const auto granted = gateway.says({"people", "grant", "ada@b", "--door", "net2-hq/1", "--hours", "business",
                                     "--from", "2026-01-01", "--until", "2026-12-31"});
  CHECK(granted.status == 0);
  CHECK(granted.out == "Ada Lovelace\n  G1  door net2-hq/1, hours business, until 2026-12-31 00:00:00\n");
  CHECK(last_deed(gateway) == "grant ada@b net2-hq/1 business 2026-01-01 2026-12-31" + me());
  CHECK(gateway.says({"people", "revoke", "ada@b", "G1"}).out == "Ada Lovelace\n  no grants\n");
  CHECK(gateway.says({"people", "disable", "ada@b"}).out ==
        "Ada Lovelace is disabled: no door opens for this person\n");
  CHECK(last_deed(gateway) == "disable ada@b" + me());
  CHECK(gateway.says({"people", "enable", "ada@b"}).out == "Ada Lovelace is enabled\n");
  CHECK(gateway.says({"people", "tag", "ada@b", "first aid"}).out ==
        "Ada Lovelace\n  tags: staff, first aid\n");
  CHECK(last_deed(gateway) == "tag ada@b first aid" + me());
  CHECK(text_field(gateway.json({"people", "untag", "ada@b", "x"}), "first_name") == "Ada");
  const auto synced = gateway.says({"people", "untag", "ada@b", "synced"});
  CHECK(synced.status == 1);
  CHECK_THAT(synced.err, Catch::Contains("comes from the person's source"));
}

#endif
