// What administrators say of a person: the switch, tags, grants.

#include <catch2/catch.hpp>

#include "daemon/app/access_asks.hpp"
#include "tests/unit/access_house.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

GrantAsk of_door(const std::string& door) {
  GrantAsk ask;
  ask.door = door;
  return ask;
}

std::string reason_of(AccessHouse& house) {
  return text_field(house.says(house.verbs.decide_access(house.at_reception("net2-hq/1"))), "reason");
}

}  // namespace

SCENARIO("S2-H5: the switch shuts every door to a person, and opens none by itself", "[access][verbs]") {
  AccessHouse house;
  CHECK(reason_of(house) == "employee");
  const auto off = house.says(house.verbs.enable_person("net2-hq/1", false, "uid 0 (root)"));
  CHECK(bool_field(off, "access.admin_enabled") == false);
  CHECK(reason_of(house) == "access_disabled");
  CHECK(house.news == 1);
  house.says(house.verbs.enable_person("net2-hq/1", false, "uid 0 (root)"));
  house.says(house.verbs.enable_person("net2-hq/1", true, "uid 0 (root)"));
  CHECK(reason_of(house) == "employee");

  const auto rows = house.audited();
  REQUIRE(rows.size() == 3);
  CHECK(rows[2].entry.action == "people.disable");
  CHECK(rows[2].entry.outcome == "done");
  CHECK(rows[2].entry.actor == "uid 0 (root)");
  CHECK(rows[2].entry.target == house.ada().id.value());
  CHECK(rows[2].entry.person == house.ada().id);
  CHECK(rows[1].entry.outcome == "unchanged");
  CHECK(rows[0].entry.action == "people.enable");
  CHECK(house.refuses(house.verbs.enable_person("eve@example.com", false, "x")).code == Errc::not_found);
}

SCENARIO("S2-H2: a grant lets somebody in beside the rules, until it is revoked", "[access][verbs]") {
  AccessHouse house;
  auto closed = house_settings();
  closed.policy.policy.employees.open = false;
  house.use(closed);
  CHECK(reason_of(house) == "employees_closed");

  const auto given = house.says(house.verbs.grant("net2-hq/1", of_door("net2-hq/1"), "uid 0 (root)"));
  REQUIRE(list_field(given, "grants").size() == 1);
  const auto id = text_field(list_field(given, "grants")[0], "id");
  CHECK(id.size() == 26);
  CHECK(reason_of(house) == "grant");

  SECTION("the same again is the same") {
    const auto again = house.says(house.verbs.grant("net2-hq/1", of_door("net2-hq/1"), "uid 0 (root)"));
    REQUIRE(list_field(again, "grants").size() == 1);
    CHECK(text_field(list_field(again, "grants")[0], "id") == id);
    CHECK(house.audited()[0].entry.outcome == "unchanged");
  }
  SECTION("another one comes beside it, with its hours and dates by the gateway's own clock") {
    GrantAsk ask;
    ask.scope = "labs";
    ask.hours = "business";
    ask.from = "2026-06-01";
    ask.until = "2026-12-31T18:00";
    const auto two = house.says(house.verbs.grant("net2-hq/1", ask, "uid 0 (root)"));
    REQUIRE(list_field(two, "grants").size() == 2);
    const auto& grant = list_field(two, "grants")[1];
    CHECK(text_field(grant, "scope") == "labs");
    CHECK(text_field(grant, "hours") == "business");
    CHECK(text_field(grant, "from") == "2026-05-31T23:00:00Z");  // British summer time
    CHECK(text_field(grant, "until") == "2026-12-31T18:00:00Z");
    CHECK(house.audited()[0].entry.detail.find("2026-12-31T18:00:00Z") != std::string::npos);
  }
  SECTION("revoked, it is gone; one that is not there is told, with those that are") {
    const auto unknown = house.refuses(house.verbs.revoke("net2-hq/1", "G", "uid 0 (root)"));
    CHECK(unknown.code == Errc::not_found);
    CHECK(unknown.detail == "this person has no grant \"G\"; there is " + id + " (net2-hq/1)");
    CHECK(list_field(house.says(house.verbs.revoke("net2-hq/1", id, "uid 0 (root)")), "grants").empty());
    CHECK(reason_of(house) == "employees_closed");
    CHECK(house.audited()[0].entry.action == "people.revoke");
    CHECK(house.audited()[0].entry.detail.find(id) != std::string::npos);
  }
  SECTION("of two at once, none is lost: the second is told to try again") {
    std::optional<Result<std::string>> first, second;
    house.bench.start_into(house.verbs.tag_person("net2-hq/1", "a", true, "x"), first);
    house.bench.start_into(house.verbs.tag_person("net2-hq/1", "b", true, "y"), second);
    REQUIRE(house.bench.until([&] { return first && second; }));
    CHECK(first->ok() != second->ok());
    CHECK((first->ok() ? second : first)->error().code == Errc::busy);
    CHECK(house.ada().custom_tags.size() == 1);
    house.says(house.verbs.tag_person("net2-hq/1", "c", true, "y"));  // nobody is held for ever
    CHECK(house.ada().custom_tags.size() == 2);
  }
}

TEST_CASE("A grant that makes no sense is refused with what there is", "[access][verbs]") {
  AccessHouse house;
  struct Case {
    GrantAsk ask;
    std::string why;
  };
  const auto row = GENERATE(values<Case>({
      {{}, "exactly one of"},
      {{.door = "net2-hq/1", .scope = {}, .site = "hq", .hours = {}, .from = {}, .until = {}},
       "exactly one of"},
      {{.door = "net2-hq/7", .scope = {}, .site = {}, .hours = {}, .from = {}, .until = {}},
       "there is net2-hq/1, net2-hq/2"},
      {{.door = {}, .scope = "lab", .site = {}, .hours = {}, .from = {}, .until = {}}, "there is labs"},
      {{.door = {}, .scope = {}, .site = "moon", .hours = {}, .from = {}, .until = {}}, "there is hq, annex"},
      {{.door = {}, .scope = {}, .site = "hq", .hours = "night", .from = {}, .until = {}},
       "there is business"},
      {{.door = {}, .scope = {}, .site = "hq", .hours = {}, .from = "soon", .until = {}}, "from: \"soon\""},
      {{.door = {}, .scope = {}, .site = "hq", .hours = {}, .from = {}, .until = "2026-05-31"},
       "lies in the past"},
      {{.door = {}, .scope = {}, .site = "hq", .hours = {}, .from = "2026-07-02", .until = "2026-07-02"},
       "does not lie after"},
  }));
  INFO(row.why);
  CHECK_THAT(house.refuses(house.verbs.grant("net2-hq/1", row.ask, "x")).detail, Catch::Contains(row.why));
  CHECK(house.ada().grants.empty());
  CHECK(house.audited().empty());
}

SCENARIO("Tags are given and taken, and those of the source stay the source's", "[access][verbs]") {
  AccessHouse house;
  house.says(house.verbs.tag_person("net2-hq/1", "first aid", true, "uid 0 (root)"));
  house.says(house.verbs.tag_person("net2-hq/1", "first aid", true, "uid 0 (root)"));
  CHECK(house.ada().custom_tags == std::vector<std::string>{"first aid"});
  CHECK(house.audited()[0].entry.outcome == "unchanged");
  CHECK(house.audited()[1].entry.detail == R"({"tag":"first aid"})");

  house.says(house.verbs.tag_person("net2-hq/1", "first aid", false, "uid 0 (root)"));
  house.says(house.verbs.tag_person("net2-hq/1", "first aid", false, "uid 0 (root)"));
  CHECK(house.ada().custom_tags.empty());
  const auto synced = house.refuses(house.verbs.tag_person("net2-hq/1", "staff", false, "uid 0 (root)"));
  CHECK(synced.code == Errc::refused);
  CHECK_THAT(synced.detail, Catch::Contains("comes from the person's source"));
  CHECK(house.refuses(house.verbs.tag_person("net2-hq/1", "\n", true, "x")).code == Errc::invalid);
}

TEST_CASE("A tag is a word that can be read", "[access][verbs]") {
  const std::string longest(64, 'a');
  std::string wide;
  for (int i = 0; i < 64; ++i) wide += "é";
  for (const auto& good : {std::string("vip"), std::string("first aid"), std::string("Empfang: früh"),
                           longest, wide, std::string("\xF0\x9F\x94\x91")}) {
    INFO(good);
    CHECK(check_tag(good).ok());
  }
  for (const auto& bad :
       {std::string(), std::string(" vip"), std::string("vip "), longest + 'a', wide + 'a',
        std::string("a\nb"), std::string("a\x7f"), std::string("a\0b", 3), std::string("\xff"),
        std::string("\xC3"), std::string("\xC0\x80"), std::string("\xED\xA0\x80"), std::string("\xC2\x85"),
        std::string("a\xE2\x80\xAE"
                    "b"),
        std::string("a\xE2\x80\x8B"), std::string("\xF4\x90\x80\x80")}) {
    INFO(bad);
    CHECK_FALSE(check_tag(bad).ok());
  }
}
