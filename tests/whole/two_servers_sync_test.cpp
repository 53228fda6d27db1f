// Two Net2 servers, and another one behind a known address: whose is a record? (features.md S0-4, S1-8,
// S1-13, S1-15, S1-30..S1-34, B.2-3)
#include <algorithm>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/two_servers.hpp"

namespace gatehouse::whole {
namespace {

TEST_CASE(
    "S0-4, S1-13, S1-15, S1-30, S1-31, B.2-3: the same person in two servers is one person, who must be in "
    "both",
    "[sync][match]") {
  TwoServers house;
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 1));
  const int same = house.add_there({.first = " ada", .last = "LOVELACE", .email = "Ada@Example.org"});
  const int other = house.add_there({.first = "Bob", .last = "Else", .email = "bob@example.org"});
  REQUIRE(house.told("person.upserted", 3));
  CHECK(house.people().size() == 2);
  const auto person = house.person(key_of(ada));
  INFO(text(person));
  CHECK(person.at("sources").as_array().size() == 2);
  CHECK(house.person(there(same)).at("id") == person.at("id"));
  CHECK(house.person(there(other)).at("id") != person.at("id"));
  // S1-15: how that is known.
  std::string rules;
  const auto why = house.why(key_of(ada));
  for (const auto& link : why.at("links").as_array()) rules += text_at(link.as_object(), "rule") + " ";
  CHECK_THAT(rules, Catch::Contains("email"));
  CHECK(house.no_issues());

  house.annex.remove_person(same);
  REQUIRE(house.told("person.disabled", 1));
  CHECK_FALSE(flag_at(at(house.person(key_of(ada)), "access"), "effective"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-4, S1-13: two servers that are read at the same time make one person of each whom both have",
          "[sync][match]") {
  TwoServers house;
  for (int i = 1; i <= 4; ++i) {
    const auto name = "Both" + std::to_string(i);
    house.add({.first = name, .last = "Here", .email = name + "@example.org"});
    house.add_there({.first = name, .last = "Here", .email = name + "@example.org"});
  }
  house.start_and_import();
  REQUIRE(house.becomes("active", "net2-annex"));
  REQUIRE(house.told("person.upserted", 8));
  CHECK(house.people().size() == 4);
  CHECK(house.no_issues());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-31..S1-33: what agrees only in part is asked about, never guessed", "[sync][match]") {
  TwoServers house;
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  const int alan = house.add({.first = "Alan", .last = "Turing", .email = "alan@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));

  const int mail = house.add_there({.first = "Augusta", .last = "King", .email = "ada@example.org"});
  const int name = house.add_there({.first = "Alan", .last = "Turing", .email = "turing@example.net"});
  const auto by_mail = house.issue_there(mail);
  const auto by_name = house.issue_there(name);
  CHECK(text_at(by_mail, "reason") == "email_differs_in_name");
  CHECK(text_at(by_name, "reason") == "name_only");
  for (const auto& issue : {by_mail, by_name}) CHECK(text_at(issue, "kind") == "match");
  CHECK(texts_at(by_mail, "others") == std::vector<std::string>{text_at(house.person(key_of(ada)), "id")});
  CHECK(house.people().size() == 2);
  CHECK(house.becomes("issues", "net2-annex"));
  CHECK(house.becomes("active"));  // the other one has nothing to do with it

  CHECK(house.refusal({"issue", "merge", text_at(by_mail, "id"), "--into", key_of(ada)}).empty());
  CHECK(house.refusal({"issue", "fix", text_at(by_name, "id"), "--set", "person=new"}).empty());
  CHECK(house.no_issues());
  CHECK(house.people().size() == 3);
  CHECK(house.person(there(mail)).at("id") == house.person(key_of(ada)).at("id"));
  CHECK(house.person(there(name)).at("id") != house.person(key_of(alan)).at("id"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-32, S1-33: where the configuration says so a name is enough, and a stranger is not",
          "[sync][match]") {
  TwoServers house("      match: {name_only: link, none: review}\n");
  const int alan = house.add({.first = "Alan", .last = "Turing", .email = "alan@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 1));
  const int name = house.add_there({.first = "Alan", .last = "Turing", .email = "turing@example.net"});
  const int stranger = house.add_there({.first = "Eve", .last = "Unknown", .email = "eve@example.net"});
  CHECK(text_at(house.issue_there(stranger), "reason") == "no_match");
  REQUIRE(house.told("person.upserted", 2));
  CHECK(house.person(there(name)).at("id") == house.person(key_of(alan)).at("id"));
  CHECK(house.people().size() == 1);
}

TEST_CASE("S2-5, S2-7: each source has its own switch, and the other one goes on", "[sync][match]") {
  TwoServers house;
  house.add_staff(1);
  const int bob = house.add_there({.first = "Bob", .last = "Else", .email = "bob@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));
  house.edit("name: Annex Net2\n    kind: net2\n    enabled: true",
             "name: Annex Net2\n    kind: net2\n    enabled: false");
  REQUIRE(house.reload().empty());
  REQUIRE(house.becomes("disabled", "net2-annex"));
  CHECK(house.becomes("active"));
  house.annex.remove_person(bob);
  house.add_staff(1);
  REQUIRE(house.told("person.upserted", 3));
  REQUIRE(house.polled(1));
  CHECK(flag_at(at(house.person(there(bob)), "access"), "effective"));
  CHECK(house.tellings("person.disabled") == 0);
}

TEST_CASE("B.2-14: where two sources say two types the first rules, and an issue says so", "[sync][match]") {
  TwoServers house;
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 1));
  const int cleaner = house.add_there(
      {.first = "Ada", .last = "Lovelace", .email = "ada@example.org", .department = "Cleaners"});
  const auto issue = house.issue_there(cleaner);
  CHECK(text_at(issue, "reason") == "type_differs");
  CHECK(text_at(house.person(key_of(ada)), "person_type") == "employee");
  CHECK(house.person(there(cleaner)).at("id") == house.person(key_of(ada)).at("id"));
  REQUIRE(house.polled(2));
  CHECK(text_at(house.person(key_of(ada)), "person_type") == "employee");
  house.annex.change_person(cleaner, R"({"department":"Staff"})");
  CHECK(house.no_issues());
}

TEST_CASE("S1-8: another server at a known address takes nobody's access and brings nobody in",
          "[sync][match]") {
  SyncHouse house;
  house.add_staff(24);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 24));

  SECTION("with other doors: nothing of it is read") {
    house.net2.fault(R"({"kind":"another_server","seed":99})");
    house.net2.fault(R"({"kind":"close_connections"})");
    REQUIRE(house.becomes("reimport_pending"));
    CHECK(house.plans().empty());
  }
  SECTION("with the same doors and other people: a plan says what would happen") {
    json::array strangers;
    for (const int id : house.staff()) {
      const auto name = "Stranger" + std::to_string(id);
      strangers.push_back(json::object{
          {"id", id}, {"firstName", name}, {"lastName", "Other"}, {"email", name + "@example.net"}});
    }
    house.net2.act("people", json::serialize(json::object{{"edit", strangers}}));
    REQUIRE(house.becomes("reimport_pending"));
    const auto plan = house.plan_of_kind("mapping_change");
    REQUIRE_FALSE(plan.empty());
    CHECK(number_at(plan, "count") >= 24);
    REQUIRE(house.polled(2));
    CHECK(house.issues().empty());
  }
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(house.tellings("person.removed") == 0);
  CHECK(house.tellings("person.upserted") == 24);
  CHECK(house.people({"--access", "yes"}).size() == 24);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S1-8, S0-40: another server's people, once confirmed, are new people, and the former ones are denied",
    "[sync][match]") {
  SyncHouse house;
  house.add_staff(24);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 24));
  const auto former = house.person(key_of(house.staff().at(0)));
  json::array strangers;
  for (const int id : house.staff()) {
    const auto name = "Stranger" + std::to_string(id);
    strangers.push_back(json::object{
        {"id", id}, {"firstName", name}, {"lastName", "Other"}, {"email", name + "@example.net"}});
  }
  house.net2.act("people", json::serialize(json::object{{"edit", strangers}}));
  const auto plan = house.plan_of_kind("mapping_change");
  CHECK(number_at(plan, "count") == 48);
  std::size_t disabled = 0;
  for (const auto& change : house.changes(plan)) disabled += text_at(change, "op") == "disable" ? 1 : 0;
  CHECK(disabled == 24);
  const auto applied = house.apply(plan);
  INFO(applied.out << applied.err << text(plan));
  REQUIRE(applied.status == 0);
  REQUIRE(house.told("person.upserted", 48));
  REQUIRE(house.told("person.disabled", 24));
  CHECK(house.tellings("person.removed") == 0);
  CHECK(house.becomes("active"));
  CHECK(house.people({"--access", "yes"}).size() == 24);
  const auto left = house.person(text_at(former, "id"));
  CHECK(text_at(left, "first_name") == text_at(former, "first_name"));
  CHECK_FALSE(flag_at(at(left, "access"), "effective"));
  CHECK(house.person(key_of(house.staff().at(0))).at("id") != former.at("id"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S2-48, S0-55: what is taken from one source leaves the people whom another one has too",
          "[sync][match]") {
  TwoServers house;
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 1));
  const int same = house.add_there({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  const int other = house.add_there({.first = "Bob", .last = "Else", .email = "bob@example.org"});
  REQUIRE(house.told("person.upserted", 3));
  json::object plan;
  SECTION("purged") {
    plan = house.gateway.json({"purge", "plan", "--integration", "net2-annex"});
  }
  SECTION("removed") {
    plan = house.gateway.json({"integration", "remove", "net2-annex", "--people", "delete"});
  }
  INFO(text(plan));
  REQUIRE(house.apply(plan).status == 0);
  REQUIRE(house.told("person.removed", 1));
  const auto left = house.person(key_of(ada));
  CHECK(flag_at(at(left, "access"), "effective"));
  CHECK(left.at("sources").as_array().size() == 1);
  CHECK(house.person(there(same)).empty());
  CHECK(house.person(there(other)).empty());
  CHECK(house.people().size() == 1);
  CHECK(house.becomes("disabled", "net2-annex"));
  CHECK(house.becomes("active"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
