// Two Net2 servers, and another one behind a known address: whose is a record? (features.md S0-4, S1-8,
// S1-13, S1-15, S1-30..S1-34, B.2-3)
#include <algorithm>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/two_servers.hpp"

namespace gatehouse::whole {
namespace {

const std::string front_door =
    "doors:\n  - {id: net2-hq/6203980, name: Front door, site: hq, presence: onsite}\n";

/// Another Net2 server at the address, with people of its own. Their ids.
std::vector<int> become_another(const SyncHouse& house, int people) {
  house.net2.fault(R"({"kind":"another_server","seed":99})");
  json::array strangers;
  for (int i = 1; i <= people; ++i) {
    const auto name = "Stranger" + std::to_string(i);
    strangers.push_back(json::object{{"firstName", name},
                                     {"lastName", "Other"},
                                     {"email", name + "@example.net"},
                                     {"department", "Staff"}});
  }
  const auto added = house.net2.act("people", json::serialize(json::object{{"add", strangers}})).as_object();
  house.net2.fault(R"({"kind":"close_connections"})");
  std::vector<int> ids;
  for (const auto& id : added.at("ids").as_array()) ids.push_back(static_cast<int>(id.as_int64()));
  return ids;
}

/// Logs that somebody was let in at a door.
void let_in(const SyncHouse& house, int user, const std::string& door) {
  house.net2.act("event", R"({"event_type":20,"door":)" + door + R"(,"user":)" + std::to_string(user) + "}");
}

std::size_t events_told(SyncHouse& house) {
  return house.recorder.ledger().event_count("net2-hq");
}

/// The `nth` event that says that this user was let in, once it has come.
json::object granted_event(SyncHouse& house, int user, std::size_t nth = 1) {
  json::object found;
  eventually(20s, [&] {
    std::size_t count = 0;
    for (const auto& data : data_of(house.recorder.ledger(), "access.granted")) {
      if (text_at(data, "external_id") != std::to_string(user)) continue;
      if (++count == nth) found = data;
    }
    return !found.empty();
  });
  INFO(text(found));
  REQUIRE_FALSE(found.empty());
  return found;
}

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

  SECTION("with other doors: a plan says what would happen, and nothing else of it is taken over") {
    become_another(house, 30);
    REQUIRE(house.becomes("reimport_pending"));
    const auto plan = house.plan_of_kind("mapping_change");
    REQUIRE_FALSE(plan.empty());
    CHECK(number_at(plan, "count") >= 30);
    const auto run = house.gateway.ask({"sync", "run", "net2-hq", "--wait"});
    CHECK_THAT(run.err, !Catch::Contains("another Net2 server"));
    CHECK(text_at(house.plan_of_kind("mapping_change"), "plan") == text_at(plan, "plan"));
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

TEST_CASE("S1-8: another server with other doors moves no door, and is ours once its plan is applied",
          "[sync][match]") {
  SyncHouse house;
  house.gateway.site().more = front_door;
  house.configure();
  house.add_staff(6);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 6));
  const auto former = house.person(key_of(house.staff().at(0)));
  let_in(house, house.staff().at(0), "6203980");
  CHECK(text_at(granted_event(house, house.staff().at(0)), "person_id") == text_at(former, "id"));
  const auto told = events_told(house);

  const auto strangers = become_another(house, 8);
  const auto plan = house.plan_of_kind("mapping_change");
  REQUIRE_FALSE(plan.empty());
  CHECK(house.becomes("reimport_pending"));
  const auto refusal = house.refusal({"door", "open", "net2-hq/6203980", "--reason", "a test"});
  CHECK_THAT(refusal, Catch::Contains("another Net2 server answers"));
  house.net2.swipes(3);
  REQUIRE(house.polled(2));
  CHECK(events_told(house) == told);

  const auto applied = house.apply(plan);
  INFO(applied.out << applied.err << text(plan));
  REQUIRE(applied.status == 0);
  CHECK(house.becomes("active"));
  CHECK(house.plans().empty());
  CHECK(house.people({"--access", "yes"}).size() == 8);
  CHECK(house.person(text_at(former, "id")).at("access").as_object().at("effective").as_bool() == false);
  // Its events go on in a generation of their own, and name its own people.
  const int last = strangers.back();
  const auto now = house.net2.state();
  let_in(house, last, json::serialize(now.at("doors").as_array().at(0).as_object().at("id")));
  CHECK(text_at(granted_event(house, last), "person_id") == text_at(house.person(key_of(last)), "id"));
  CHECK(house.recorder.ledger().of("access.granted").back().id.starts_with("net2-hq/2/"));
  house.gateway.kill();
  house.gateway.start();
  CHECK(house.becomes("active"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-8: replaced controllers are no other server while the people are the same", "[sync][match]") {
  SyncHouse house;
  house.add_staff(6);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 6));
  const auto before = house.net2.state();
  for (const auto& door : before.at("doors").as_array()) {
    const auto id = json::serialize(door.as_object().at("id"));
    house.net2.act("doors", R"({"do":"remove","door":)" + id + "}");
  }
  house.net2.act("doors", R"({"do":"add","id":5550001,"name":"New front door"})");
  house.net2.fault(R"({"kind":"close_connections"})");
  CHECK(eventually(20s, [&] {
    const auto doors = house.list({"door", "list"}, "doors");
    return doors.size() == 1 && text_at(doors.at(0).as_object(), "id") == "net2-hq/5550001";
  }));
  CHECK(house.becomes("active"));
  CHECK_THAT(house.gateway.ask({"audit", "show"}).out, Catch::Contains("net2.doors_replaced"));
  let_in(house, house.staff().at(0), "5550001");
  CHECK(text_at(granted_event(house, house.staff().at(0)), "person_id") ==
        text_at(house.person(key_of(house.staff().at(0))), "id"));
  CHECK(house.tellings("person.upserted") == 6);
  CHECK(house.plans().empty());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-8: while other people answer, their events are nobody's of ours", "[sync][match]") {
  SyncHouse house;
  house.gateway.site().more = front_door;
  house.configure();
  house.add_staff(4);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 4));
  const int first = house.staff().at(0);
  const auto former = house.person(key_of(first));
  json::array others;
  json::array ours;
  for (std::size_t i = 0; i < house.staff().size(); ++i) {
    const int id = house.staff().at(i);
    const auto name = "Person" + std::to_string(i + 1);
    others.push_back(json::object{
        {"id", id}, {"firstName", "Bo" + name}, {"lastName", "Other"}, {"email", name + "@example.net"}});
    ours.push_back(json::object{
        {"id", id}, {"firstName", name}, {"lastName", "Staff"}, {"email", name + "@example.org"}});
  }
  house.net2.act("people", json::serialize(json::object{{"edit", others}}));
  const auto plan = house.plan_of_kind("mapping_change");
  REQUIRE_FALSE(plan.empty());
  REQUIRE(house.becomes("reimport_pending"));
  SECTION("also after a restart of the gateway") {
    house.gateway.kill();
    house.gateway.start();
  }
  SECTION("from the moment on in which they are found") {}
  let_in(house, first, "6203980");
  CHECK(granted_event(house, first).at("person_id").is_null());
  CHECK(house.tellings("presence") == 0);
  for (const auto& event : house.list({"events"}, "events"))
    CHECK(event.as_object().at("person_id").is_null());

  house.net2.act("people", json::serialize(json::object{{"edit", ours}}));
  REQUIRE(house.becomes("active"));
  CHECK(house.plans().empty());
  let_in(house, first, "6203980");
  CHECK(text_at(granted_event(house, first, 2), "person_id") == text_at(former, "id"));
  CHECK(house.told("presence", 1));
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
