// What operators ask of decisions, doors and the audit, and what comes of it.

#include <catch2/catch.hpp>

#include "tests/unit/access_house.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::size_t size_of(const boost::json::value& document, std::string_view list) {
  return list_field(document, list).size();
}

}  // namespace

SCENARIO("D-2: what a sign-in would come to can be asked, and nothing happens by it", "[access][verbs]") {
  AccessHouse house;

  SECTION("of somebody who is let in") {
    const auto said = house.says(house.verbs.decide_access(house.at_reception("Lovelace@example.com")));
    CHECK(text_field(said, "outcome") == "allow");
    CHECK(text_field(said, "reason") == "employee");
    CHECK(text_field(said, "mode") == "qr");  // the access point's first
    CHECK(text_field(said, "name") == "Ada Lovelace");
    CHECK(text_field(said, "sentence") == sentence(AccessReason::employee));
    CHECK(text_field(list_field(said, "doors")[0], "command") == "not_sent");
    CHECK(size_of(said, "trace") > 0);
  }
  SECTION("as if it were another time, by the clock on the gateway's wall") {
    auto ask = house.at_reception("net2-hq/1");
    ask.at = "2026-09-21T15:12";  // valid until 14:13:20 UTC
    CHECK(text_field(house.says(house.verbs.decide_access(ask)), "outcome") == "allow");
    ask.at = "2026-09-21T15:14";
    CHECK(text_field(house.says(house.verbs.decide_access(ask)), "reason") == "validity_expired");
    ask.at = "2026-09-21T14:14:00Z";
    CHECK(house.refuses(house.verbs.decide_access(ask)).code == Errc::invalid);
  }
  SECTION("of somebody or something that nobody knows: an answer too") {
    const auto nobody = house.says(house.verbs.decide_access(house.at_reception("eve@example.com")));
    CHECK(text_field(nobody, "reason") == "unknown_person");
    CHECK(find_field(nobody, "person_id") == nullptr);
    auto ask = house.at_reception("net2-hq/1");
    ask.access_point = "roof";
    CHECK(text_field(house.says(house.verbs.decide_access(ask)), "reason") == "unknown_access_point");
  }
  SECTION("words that are none are refused") {
    auto ask = house.at_reception("net2-hq/1");
    ask.direction = "up";
    CHECK(house.refuses(house.verbs.decide_access(ask)).code == Errc::invalid);
    ask.direction = "";
    ask.mode = "fax";
    CHECK(house.refuses(house.verbs.decide_access(ask)).code == Errc::invalid);
  }
  CHECK(house.commanded.empty());
  CHECK(house.audited().empty());
  CHECK(size_of(house.says(house.verbs.decisions("", {})), "decisions") == 0);
}

SCENARIO("A sign-in at the command line is decided, kept, and explained later", "[access][verbs]") {
  AccessHouse house;
  const auto signed_in = house.says(house.verbs.sign_in(house.at_reception("net2-hq/1"), "uid 0 (root)"));
  CHECK(house.commanded == std::vector<std::string>{"open 1"});
  CHECK(text_field(signed_in, "via") == "local");
  CHECK(text_field(list_field(signed_in, "doors")[0], "command") == "sent");

  const auto explained = house.says(house.verbs.explain(text_field(signed_in, "id")));
  CHECK(text_field(explained, "reason") == "employee");
  CHECK(text_field(explained, "name") == "Ada Lovelace");
  CHECK(number_field(explained, "basis.age_s") == 0);
  CHECK(text_field(list_field(explained, "basis.sources")[0], "integration") == "net2-hq");
  CHECK(house.refuses(house.verbs.explain("01J00000000000000000000000")).code == Errc::not_found);

  for (int i = 0; i < 4; ++i) {
    house.clock.ms += 60'000;
    house.says(house.verbs.sign_in(house.at_reception("eve@example.com"), "uid 0 (root)"));
  }
  auto page = house.says(house.verbs.decisions("", {.after = "", .limit = 3}));
  CHECK(size_of(page, "decisions") == 3);
  CHECK(text_field(list_field(page, "decisions")[0], "id") == text_field(signed_in, "id"));
  page = house.says(house.verbs.decisions("", {.after = text_field(page, "next"), .limit = 3}));
  CHECK(size_of(page, "decisions") == 2);
  CHECK(find_field(page, "next") == nullptr);
  CHECK(size_of(house.says(house.verbs.decisions("90s", {})), "decisions") == 2);
  CHECK(house.refuses(house.verbs.decisions("lately", {})).code == Errc::invalid);
}

SCENARIO("D-10: a configuration is tried on what was decided", "[access][verbs]") {
  AccessHouse house;
  const auto signed_in = house.says(house.verbs.sign_in(house.at_reception("net2-hq/1"), "uid 0 (root)"));
  house.clock.ms += 120'000;
  house.says(house.verbs.sign_in(house.at_reception("eve@example.com"), "uid 0 (root)"));
  auto closed = house_settings();
  closed.policy.policy.employees.open = false;
  house.candidates = {{"same", house_settings()}, {"closed", closed}};

  const auto same = house.says(house.verbs.replay("same", ""));
  CHECK(number_field(same, "looked_at") == 2);
  CHECK(number_field(same, "changed") == 0);
  const auto other = house.says(house.verbs.replay("closed", ""));
  CHECK(number_field(other, "changed") == 1);
  CHECK(number_field(other, "newly_denied") == 1);
  const auto& changed = list_field(other, "decisions")[0];
  CHECK(text_field(changed, "id") == text_field(signed_in, "id"));
  CHECK(text_field(changed, "person") == house.ada().id.value());
  CHECK(text_field(changed, "was.reason") == "employee");
  CHECK(text_field(changed, "would_be.outcome") == "deny");
  CHECK(text_field(changed, "would_be.reason") == "employees_closed");
  CHECK(number_field(house.says(house.verbs.replay("closed", "1m")), "changed") == 0);

  // What an operator set at a door goes before any file, so it does in a replay.
  house.says(house.verbs.set_door_mode("net2-hq/1", "blocked", "uid 0 (root)"));
  CHECK(number_field(house.says(house.verbs.replay("same", "")), "newly_denied") == 1);
  CHECK(house.refuses(house.verbs.replay("broken", "")).detail == "new.yaml:1:1: unknown key 'polcy'");
  CHECK(house.commanded.size() == 1);
}

SCENARIO("S1-11, S2-H3: doors are shown with what is known and said of them", "[access][verbs]") {
  AccessHouse house;
  DoorView front{.integration = hq,
                 .door = {Net2DoorId(1), "ACU 1"},
                 .status = DoorStatus{},
                 .configured = house_settings().doors[0]};
  DoorView stranger{
      .integration = hq, .door = {Net2DoorId(9), "Bike shed"}, .status = std::nullopt, .configured = {}};
  house.known_to_net2 = {front, stranger};

  const auto listed = house.says(house.verbs.doors());
  REQUIRE(size_of(listed, "doors") == 3);
  CHECK(number_field(listed, "assigned") == 1);
  CHECK(number_field(listed, "unassigned") == 2);
  const auto& first = list_field(listed, "doors")[0];
  CHECK(text_field(first, "name") == "Front door");
  CHECK(text_field(first, "net2_name") == "ACU 1");
  CHECK(text_field(first, "presence") == "onsite");
  CHECK(text_field(first, "policy") == "site");
  CHECK(list_field(first, "access_points").size() == 1);
  CHECK(bool_field(list_field(listed, "doors")[1], "configured") == false);
  const auto& lab = list_field(listed, "doors")[2];
  CHECK(bool_field(lab, "in_net2") == false);
  CHECK(text_field(lab, "policy") == "scope");
  CHECK(text_field(lab, "scope") == "labs");

  const auto discovered = house.says(house.verbs.discover_doors());
  REQUIRE(size_of(discovered, "doors") == 1);
  CHECK(text_field(list_field(discovered, "doors")[0], "id") == "net2-hq/9");

  const auto blocked = house.says(house.verbs.set_door_mode("net2-hq/1", "blocked", "uid 0 (root)"));
  CHECK(text_field(blocked, "mode") == "blocked");
  CHECK(text_field(blocked, "configured_mode") == "normal");
  CHECK(text_field(house.says(house.verbs.decide_access(house.at_reception("net2-hq/1"))), "reason") ==
        "door_blocked");
  CHECK(text_field(house.says(house.verbs.set_door_mode("net2-hq/1", "config", "x")), "mode") == "normal");
  CHECK(house.refuses(house.verbs.set_door_mode("net2-hq/1", "ajar", "x")).code == Errc::invalid);
  const auto unknown = house.refuses(house.verbs.set_door_mode("net2-hq/9", "blocked", "x"));
  CHECK(unknown.code == Errc::not_found);
  CHECK(unknown.detail ==
        "no door \"net2-hq/9\" in the configuration; there is net2-hq/1, net2-hq/2 (gatehouse door list)");
  CHECK(house.refuses(house.verbs.door("net2-hq/7")).code == Errc::not_found);
}

SCENARIO("S2-H9, D-19: an operator's act at a door goes through, is refused, or breaks the glass",
         "[access][verbs]") {
  AccessHouse house;
  const auto opened = house.says(house.verbs.open_door("net2-hq/2", "parcel", false, "uid 0 (root)"));
  CHECK(text_field(opened, "door") == "net2-hq/2");
  CHECK(text_field(opened, "action") == "open");
  CHECK(text_field(opened, "command") == "sent");
  CHECK(house.commanded == std::vector<std::string>{"open 2"});

  house.says(house.verbs.set_lockdown("hq", true, "uid 0 (root)"));
  CHECK_THAT(house.refuses(house.verbs.open_door("net2-hq/2", "parcel", false, "uid 0 (root)")).detail,
             Catch::StartsWith("lockdown"));
  CHECK(house.commanded.size() == 1);
  house.clock.ms += 1000;
  house.says(house.verbs.open_door("net2-hq/2", "fire", true, "uid 0 (root)"));
  CHECK(house.commanded.size() == 2);
  const auto row = house.audited().front();
  CHECK(row.entry.actor == "uid 0 (root)");
  CHECK(row.entry.target == "net2-hq/2");

  CHECK(size_of(house.says(house.verbs.set_lockdown("hq", false, "uid 0 (root)")), "lockdown") == 0);
  const auto nowhere = house.refuses(house.verbs.set_lockdown("moon", true, "uid 0 (root)"));
  CHECK(nowhere.detail == "no site \"moon\" in the configuration; there is hq, annex");
  CHECK(house.refuses(house.verbs.open_door("net2-hq/7", "x", false, "y")).code == Errc::not_found);
  CHECK(house.refuses(house.verbs.hold_door("net2-hq/7", 9, "x", "y")).code == Errc::not_found);
  CHECK(house.refuses(house.verbs.close_door("net2-hq/7", "x", "y")).code == Errc::not_found);
  CHECK(house.commanded.size() == 2);
}

SCENARIO("D-8: who is on site is known by name, and how old that is", "[access][verbs]") {
  AccessHouse house;
  house.says(house.verbs.sign_in(house.at_reception("net2-hq/1"), "uid 0 (root)"));
  house.clock.ms += 90'000;
  const auto muster = house.says(house.verbs.muster(""));
  REQUIRE(size_of(muster, "on_site") == 1);
  const auto& ada = list_field(muster, "on_site")[0];
  CHECK(text_field(ada, "name") == "Ada Lovelace");
  CHECK(text_field(ada, "person_type") == "employee");
  CHECK(text_field(ada, "access_point") == "reception");
  CHECK(find_field(ada, "door") == nullptr);
  CHECK(number_field(ada, "age_s") == 90);
  CHECK(text_field(list_field(muster, "knowledge")[0], "integration") == "net2-hq");
  CHECK(number_field(list_field(muster, "knowledge")[0], "age_s") == 90);
  CHECK(size_of(house.says(house.verbs.muster("annex")), "on_site") == 0);
  CHECK(house.refuses(house.verbs.muster("moon")).code == Errc::not_found);
}

SCENARIO("The audit is shown newest first, page by page, and proved", "[access][verbs][audit]") {
  AccessHouse house;
  for (int i = 1; i <= 5; ++i) {
    AuditEntry entry{.actor = "uid 0 (root)",
                     .action = "plan.apply",
                     .target = "P" + std::to_string(i),
                     .outcome = "done",
                     .detail = R"({"n":1})",
                     .person = std::nullopt};
    std::vector<AuditEntry> entries{entry};
    REQUIRE(house.bench.get(house.store->note(std::move(entries), {})));
  }
  auto page = house.says(house.verbs.audit({.after = "", .limit = 3}));
  REQUIRE(size_of(page, "audit") == 3);
  CHECK(text_field(list_field(page, "audit")[0], "target") == "P5");
  CHECK(number_field(list_field(page, "audit")[0], "detail.n") == 1);
  page = house.says(house.verbs.audit({.after = text_field(page, "next"), .limit = 3}));
  REQUIRE(size_of(page, "audit") == 2);
  CHECK(text_field(list_field(page, "audit")[1], "target") == "P1");
  CHECK(find_field(page, "next") == nullptr);
  CHECK(house.refuses(house.verbs.audit({.after = "1x", .limit = 3})).code == Errc::invalid);

  const auto proved = house.says(house.verbs.verify_audit());
  CHECK(bool_field(proved, "ok") == true);
  CHECK(number_field(proved, "rows") == 5);
  CHECK(number_field(proved, "head.number") == 5);
}
