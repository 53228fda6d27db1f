// People and directories as nobody wishes them: each a clear issue or a skip with its reason, and everybody
// else goes through (features.md S0-26..S0-28, S0-5, S0-6, B.2-5, B.2-8).
#include <algorithm>
#include <map>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

/// A request to Net2's own interface, as its desktop would make it. The answer from the status line on.
std::string rest(const SyncHouse& house, const std::string& method, const std::string& path,
                 const std::string& body, const std::string& more = {}) {
  const auto file = house.dir / "request";
  write_file(file, method + " /api/v1" + path + " HTTP/1.1\r\nHost: NET2PC\r\nConnection: close\r\n" + more +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto said =
      run({"sh", "-c",
           "openssl s_client -quiet -connect 127.0.0.1:" + std::to_string(house.net2.port()) + " < " + file});
  return said.out;
}

/// As an administrator of the Net2 server. Throws where it is refused.
void administer(const SyncHouse& house, const std::string& method, const std::string& path,
                const std::string& body = {}) {
  const auto granted = rest(house, "POST", "/authorization/tokens",
                            "username=System%20engineer&password=secret&grant_type=password&client_id=" +
                                std::string("gatehouse-licence&scope=offline_access"),
                            "Content-Type: application/x-www-form-urlencoded\r\n");
  const auto begin = granted.find('{');
  if (begin == std::string::npos) throw std::runtime_error("no token: " + granted);
  const auto token =
      text_at(json::parse(granted.substr(begin, granted.rfind('}') + 1 - begin)).as_object(), "access_token");
  const auto answer = rest(house, method, path, body,
                           "Content-Type: application/json\r\nAuthorization: Bearer " + token + "\r\n");
  if (answer.find(" 20") != answer.find(' ')) throw std::runtime_error(method + " " + path + ": " + answer);
}

std::map<std::string, std::string> skipped(const SyncHouse& house) {
  std::map<std::string, std::string> out;
  for (const auto& row : house.activity({"--outcome", "skipped"}))
    out[text_at(row.as_object(), "external_id")] = text_at(row.as_object(), "reason");
  return out;
}

TEST_CASE(
    "S0-6, S0-26, S0-27, S0-32, S2-38, S2-43: odd people are named with their reason, and the others come",
    "[sync][input]") {
  SyncHouse house;
  house.add_staff(5);
  const int lost =
      house.add({.first = "No", .last = "Department", .email = "no@example.org", .department = ""});
  const int mute = house.add({.first = "No", .last = "Identifier", .email = " ", .phone = "  "});
  const int broken =
      house.add({.first = "Line", .last = "Break", .email = "line@example.org\nx@example.org"});
  const int endless =
      house.add({.first = std::string(10'000, 'n'), .last = "Endless", .email = "endless@example.org"});
  const int one =
      house.add({.first = "Same", .last = "Name", .email = "one@example.org", .phone = "01632 960001"});
  const int two =
      house.add({.first = "Same", .last = "Name", .email = "two@example.org", .phone = "01632 960002"});
  const int quoted =
      house.add({.first = "  \"O'Brien\\ ", .last = "</b>\t\xC5\x81ukasz", .email = "ob@example.org"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 8));
  INFO(house.gateway.log());
  CHECK(skipped(house) ==
        std::map<std::string, std::string>{{std::to_string(lost), "group_not_mapped"},
                                           {std::to_string(mute), "missing_identifier"},
                                           {std::to_string(broken), "invalid_email"},
                                           {std::to_string(endless), "missing_required_field"}});
  CHECK_THAT(text_at(at(house.issue_about(endless, "missing_required_field"), "fields"), "first_name"),
             Catch::Contains(" characters"));
  CHECK_FALSE(house.issue_about(broken, "invalid_email").empty());
  CHECK(house.issues().size() == 2);
  CHECK(house.person(key_of(one)).at("id") != house.person(key_of(two)).at("id"));
  CHECK(text_at(house.person(key_of(quoted)), "first_name") == "\"O'Brien\\");
  CHECK(text_at(house.person(key_of(quoted)), "last_name") == "</b> \xC5\x81ukasz");
  CHECK(house.gateway.ask({"issue", "list"}).status == 3);
  CHECK(house.gateway.ask({"people", "list"}).status == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-26, S0-27: where most records fail alike, the mapping is named and not each of them",
          "[sync][input]") {
  SyncHouse house("confirm", 12);
  house.edit("email: \"custom:Email\"", "email: \"custom:Personnel number\"");
  house.configure();
  house.gateway.start();
  REQUIRE(house.becomes("draft"));
  REQUIRE(eventually(20s, [&] { return !house.issues().empty(); }));
  const auto issues = house.issues();
  REQUIRE(issues.size() == 1);
  const auto issue = issues.at(0).as_object();
  INFO(text(issue));
  CHECK(text_at(issue, "reason") == "field_map_suspect");
  CHECK_THAT(text_at(at(issue, "fields"), "email"), Catch::Contains("Personnel number"));
  CHECK(house.gateway.ask({"issue", "skip", text_at(issue, "id")}).status == 1);
  CHECK(house.plans().empty());
  house.edit("email: \"custom:Personnel number\"", "email: \"custom:Email\"");
  REQUIRE(house.reload().empty());
  CHECK(house.no_issues());
  CHECK(number_at(house.plan_of_kind("first_sync"), "count") == 12);
}

TEST_CASE("S0-5, B.2-5: two departments of one name are one group", "[sync][input]") {
  SyncHouse house;
  house.gateway.site().groups = "{Staff: employee}";
  house.configure();
  house.add_staff(3);
  const int twin =
      house.add({.first = "Other", .last = "Staff", .email = "other@example.org", .department = "Second"});
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  CHECK(house.person(key_of(twin)).empty());
  administer(house, "PUT", "/departments/9", R"({"id":9,"name":"Staff"})");
  REQUIRE(house.told("person.upserted", 4));
  CHECK(house.people({"--access", "yes"}).size() == 4);
  CHECK(house.becomes("active"));
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-8, B.2-8: a custom field that was renamed on the server stops the reading, and takes nobody's e-mail",
    "[sync][input]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  house.net2.act("field", R"({"id":9,"name":"Mail address"})");
  REQUIRE(house.becomes("issues"));
  const auto now = house.gateway.integration();
  INFO(text(now));
  CHECK_THAT(text_at(now, "detail"), Catch::Contains("Email"));
  CHECK_FALSE(text_at(now, "hint").empty());
  CHECK(house.gateway.ask({"sync", "run", "net2-hq", "--wait"}).status == 1);
  CHECK(text_at(house.person(key_of(house.staff().at(0))), "email") == "Person1@example.org");
  CHECK(house.tellings("person.upserted") == 3);
  CHECK(house.tellings("person.disabled") == 0);
  house.net2.act("field", R"({"id":9,"name":"Email"})");
  CHECK(house.becomes("active"));
  CHECK(house.tellings("person.upserted") == 3);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-5, S0-28, B.2-5: by access levels people may be in several groups, and a deleted one takes them away "
    "only past the guard",
    "[sync][input]") {
  SyncHouse house;
  house.gateway.site().groups = "{Staff: employee, Cleaners: contractor, Working hours: employee}";
  house.edit("group_by: department", "group_by: access_level");
  house.configure();
  const auto add_with = [&](const std::string& name, const std::string& levels) {
    const int id = house.add({.first = name, .last = "Level", .email = name + "@example.org"});
    administer(house, "PUT", "/users/" + std::to_string(id) + "/doorpermissionset",
               R"({"accessLevels":)" + levels + R"(,"individualPermissions":[]})");
    return id;
  };
  std::vector<int> staff;
  for (int i = 1; i <= 7; ++i) staff.push_back(add_with("Person" + std::to_string(i), "[3]"));
  const int both = add_with("Both", "[2,3]");    // of the same type
  const int torn = add_with("Torn", "[3,4]");    // employee and contractor
  const int nobody = add_with("Nobody", "[5]");  // not mapped
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 8));
  CHECK(text_at(house.person(key_of(both)), "person_type") == "employee");
  const auto issue = house.issue_about(torn, "multiple_groups");
  REQUIRE_FALSE(issue.empty());
  CHECK_THAT(text_at(at(issue, "fields"), "groups"), Catch::Contains("Cleaners"));
  CHECK(skipped(house)[std::to_string(nobody)] == "group_not_mapped");
  CHECK(house.refusal({"issue", "fix", text_at(issue, "id"), "--set", "person_type=contractor"}).empty());
  REQUIRE(house.told("person.upserted", 9));
  CHECK(text_at(house.person(key_of(torn)), "person_type") == "contractor");

  administer(house, "DELETE", "/accesslevels/3");
  REQUIRE(house.becomes("guarded"));
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(number_at(house.plan_of_kind("guard"), "count") == 7);
  CHECK(flag_at(at(house.person(key_of(both)), "access"), "effective"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-2, B.2-8: an empty or half-read directory is an error and no removal", "[sync][input]") {
  SyncHouse house;
  house.add_staff(6);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 6));
  SECTION("nobody at all") {
    house.net2.act("people", R"({"remove":"all"})");
    REQUIRE(house.becomes("issues"));
    CHECK_THAT(text_at(house.gateway.integration(), "detail"), Catch::Contains("empty list"));
    const auto run = house.gateway.ask({"sync", "run", "net2-hq", "--full", "--wait"});
    CHECK(run.status == 1);
    CHECK_THAT(run.err, Catch::Contains("empty list"));
  }
  SECTION("a list that breaks off") {
    house.net2.fault(R"({"kind":"truncate","path":"querydb","part":0.5})");
    CHECK(house.gateway.ask({"sync", "run", "net2-hq", "--full", "--wait"}).status == 1);
    house.net2.clear_faults();
    CHECK(house.becomes("active"));
  }
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(house.people({"--access", "yes"}).size() == 6);
  CHECK(house.list({"sync", "log"}, "runs").size() >= 2);  // S0-53: the failed ones, too
}

}  // namespace
}  // namespace gatehouse::whole
