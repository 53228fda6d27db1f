// Cloud employees into Net2, from outside: a signed roster.put at one end, Net2's own REST interface at the
// other (features.md S1-24 to S1-26).
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

constexpr int owner_field = 12;
constexpr int email_field = 9;
constexpr int all_hours = 1;
constexpr int working_hours = 2;

json::object employee(const std::string& id, const std::string& first, const std::string& last,
                      const std::string& phone, const std::string& type = "employee") {
  auto person = roster_person(id, type, first, last);
  person["phone"] = phone;
  return person;
}

struct ExportHouse : AccessHouse {
  explicit ExportHouse(const std::string& mode) {
    net2.act("field", R"({"id": 12, "name": "Gatehouse"})");
    own = add({.first = "Olga", .last = "Owned", .email = "olga@example.com"});
    permit(own, R"({"accessLevels": [1], "individualPermissions": [{"id": 1, "timezoneId": 1}]})");
    // What the cloud may still write once Net2 rules the rest.
    gateway.site().sync_more = "      authority: {phone: cloud}\n      export: {mode: " + mode +
                               ", person_types: [employee], access_level: {hq: Working hours, default: "
                               "\"All hours, all doors\"}, owner_field: \"custom:Gatehouse\"}\n";
    gateway.write_config();
    gateway.start();
    REQUIRE(becomes("active"));
    REQUIRE(
        recorder.wait(10s, [](const Ledger& l) { return !deep(l.last("/up/state"), "data.epoch").empty(); }));
  }

  json::value ask_net2(const std::string& method, const std::string& target,
                       const std::string& body = {}) const {
    Argv argv{std::string(GATEHOUSE_SOURCE_DIR) + "/tests/whole/net2-ask", test_certificates() + "/ca.pem",
              std::to_string(net2.port()), method, target};
    if (!body.empty()) argv.push_back(body);
    const auto answer = run(argv);
    if (answer.status != 0) throw std::runtime_error(answer.err);
    return json::parse(answer.out);
  }
  void permit(int user, const std::string& permissions) const {
    ask_net2("PUT", "users/" + std::to_string(user) + "/doorpermissionset", permissions);
  }
  json::object user(std::int64_t id) const {
    return ask_net2("GET", "users/" + std::to_string(id)).as_object();
  }
  json::object permissions(std::int64_t id) const {
    return ask_net2("GET", "users/" + std::to_string(id) + "/doorpermissionset").as_object();
  }
  static std::string field(const json::object& user, int id) {
    for (const auto& entry : user.at("customFields").as_array()) {
      if (number_at(entry.as_object(), "id") == id) return text_at(entry.as_object(), "value");
    }
    return {};
  }
  /// Whose owner mark is of this person; 0: nobody.
  std::int64_t user_of(const std::string& person) const {
    const auto users = ask_net2("GET", "users");
    for (const auto& entry : users.as_array()) {
      const auto id = number_at(entry.as_object(), "id");
      if (field(user(id), owner_field) == "gatehouse:" + person) return id;
    }
    return 0;
  }
  json::object put(json::value from, const std::string& to, json::array people) {
    return call("roster.put", {{"from", std::move(from)},
                               {"to", to},
                               {"batch", 0},
                               {"people", std::move(people)},
                               {"visits", json::array{}}});
  }
  json::object snapshot(const std::string& to, json::array people) {
    const auto count = people.size();
    return call("roster.put", {{"from", nullptr},
                               {"to", to},
                               {"snapshot", "s-" + to},
                               {"batch", 0},
                               {"people", std::move(people)},
                               {"visits", json::array{}},
                               {"end", json::object{{"count", count}}}});
  }

  int own = 0;  ///< a user of Net2's own
};

TEST_CASE(
    "S1-24, S1-25, S1-26: a signed roster's employee becomes a Net2 user of ours, and nobody else is touched",
    "[access][export]") {
  ExportHouse house("auto");
  const auto others = house.user(house.own);
  const auto others_rights = house.permissions(house.own);
  REQUIRE(flag_at(house.snapshot("c1", {employee("e-1", "Ada", "Cloud", "020 7946 0001"),
                                        employee("v-1", "Victor", "Visitor", "020 7946 0002", "visitor")}),
                  "ok"));
  REQUIRE(eventually(20s, [&] { return !house.person("cloud/e-1").empty(); }));
  const auto ada = text_at(house.person("cloud/e-1"), "id");
  std::int64_t number = 0;
  REQUIRE(eventually(30s, [&] { return (number = house.user_of(ada)) != 0; }));
  auto made = house.user(number);
  CHECK(text_at(made, "firstName") == "Ada");
  CHECK(text_at(made, "lastName") == "Cloud");
  CHECK(text_at(made, "telephone") == "020 7946 0001");
  CHECK(ExportHouse::field(made, email_field) == "Ada@cloud.example");
  CHECK(house.permissions(number).at("accessLevels") == json::array{working_hours});
  // One person from then on, with both sources.
  CHECK(eventually(20s,
                   [&] { return text_at(house.person("net2-hq/" + std::to_string(number)), "id") == ada; }));
  // S1-25: visitors are not employees.
  CHECK(house.user_of(text_at(house.person("cloud/v-1"), "id")) == 0);

  // S1-26: what somebody has set in Net2 since then survives what we write.
  const auto target = "users/" + std::to_string(number);
  made["expiryDate"] = "2031-05-06T07:08:00";
  made["activateDate"] = "2026-01-02T03:04:00";
  house.ask_net2("PUT", target, json::serialize(made));
  house.permit(static_cast<int>(number),
               R"({"accessLevels": [1], "individualPermissions": [{"id": 1, "timezoneId": 1}]})");
  const auto rights = house.permissions(number);
  REQUIRE(rights.at("accessLevels") == json::array{all_hours});
  REQUIRE(flag_at(house.put("c1", "c2", {employee("e-1", "Ada", "Cloud", "020 7946 0009")}), "ok"));
  REQUIRE(eventually(30s, [&] { return text_at(house.user(number), "telephone") == "020 7946 0009"; }));
  const auto after = house.user(number);
  CHECK(text_at(after, "expiryDate").starts_with("2031-05-06T07:08:00"));
  CHECK(text_at(after, "activateDate").starts_with("2026-01-02T03:04:00"));
  CHECK(house.permissions(number) == rights);
  CHECK(ExportHouse::field(after, owner_field) == "gatehouse:" + ada);
  CHECK(house.user(house.own) == others);
  CHECK(house.permissions(house.own) == others_rights);
  // Each write is in the journal.
  CHECK(eventually(10s, [&] { return !house.activity({"--outcome", "processed"}).empty(); }));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-24: with export approve each batch is a plan, and with off nothing is written",
          "[access][export]") {
  SECTION("approve") {
    ExportHouse house("approve");
    REQUIRE(flag_at(house.snapshot("c1", {employee("e-1", "Ada", "Cloud", "020 7946 0001")}), "ok"));
    REQUIRE(eventually(30s, [&] { return !house.plan_of_kind("export").empty(); }));
    const auto plan = house.plan_of_kind("export");
    const auto ada = text_at(house.person("cloud/e-1"), "id");
    CHECK(number_at(plan, "count") == 1);
    CHECK(house.user_of(ada) == 0);
    const auto applied = house.apply(plan);
    INFO(applied.err);
    REQUIRE(applied.status == 0);
    CHECK(eventually(20s, [&] { return house.user_of(ada) != 0; }));
  }
  SECTION("off") {
    ExportHouse house("off");
    const auto before = house.net2.people();
    REQUIRE(flag_at(house.snapshot("c1", {employee("e-1", "Ada", "Cloud", "020 7946 0001")}), "ok"));
    REQUIRE(eventually(20s, [&] { return !house.person("cloud/e-1").empty(); }));
    house.pass();
    CHECK(house.plan_of_kind("export").empty());
    CHECK(house.net2.people() == before);
    CHECK(house.net2.asked("POST users") == 0);
  }
}

TEST_CASE("S1-24: the missing name of a level is an issue before anything is written", "[access][export]") {
  ExportHouse house("auto");
  house.edit("hq: Working hours", "hq: Nowhere");
  REQUIRE(house.reload().empty());
  const auto before = house.net2.people();
  REQUIRE(flag_at(house.snapshot("c1", {employee("e-1", "Ada", "Cloud", "020 7946 0001")}), "ok"));
  const auto named = [&] {
    for (const auto& issue : house.issues()) {
      if (text_at(issue.as_object(), "reason") == "unknown_access_level") return true;
    }
    return false;
  };
  CHECK(eventually(30s, named));
  CHECK(house.net2.people() == before);
}

}  // namespace
}  // namespace gatehouse::whole
