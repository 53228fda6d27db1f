// What a sync tells: messages as their schemas say, who owns which field, and what is no news
// (features.md S0-39, S1-34, S2-13, S2-17..S2-21, B.2-4, B.2-9).
#include <algorithm>
#include <map>
#include <sstream>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

/// How many messages of each type came, held against config/messages; empty where one is not as it should be.
std::map<std::string, int> validated(const SyncHouse& house) {
  json::array messages;
  const auto ledger = house.recorder.ledger();
  for (const auto& fact : ledger.facts())
    messages.push_back(json::object{{"topic", fact.topic}, {"payload", fact.payload}});
  const auto file = house.dir / "messages.json";
  write_file(file, json::serialize(messages));
  const std::string here(GATEHOUSE_SOURCE_DIR);
  const auto outcome =
      run({here + "/tests/whole/validate-messages", here + "/config/messages", file}, {}, 120s);
  UNSCOPED_INFO(outcome.out << outcome.err);
  std::map<std::string, int> counts;
  if (outcome.status != 0) return counts;
  std::istringstream in(outcome.out);
  std::string type;
  for (int count = 0; in >> type >> count;) counts[type] = count;
  return counts;
}

TEST_CASE("S0-20, S0-39, S0-53, B.2-9: every message of a sync's life is as its schema says",
          "[sync][schemas]") {
  SyncHouse house("confirm");
  house.gateway.site().sync_more =
      "      on_removed: delete\n      delete_after: 0s\n"
      "      guard: {removals: {count: 1, percent: 100, window: 24h}}\n";
  house.configure();
  house.add_staff(4);
  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  house.add({.first = "No", .last = "Department", .email = "no@example.org", .department = ""});
  house.gateway.start();
  const auto issue = house.issue_about(bad, "invalid_email");
  REQUIRE_FALSE(issue.empty());
  CHECK(house.refusal({"issue", "skip", text_at(issue, "id")}).empty());
  REQUIRE(house.apply(house.plan_of_kind("first_sync")).status == 0);
  REQUIRE(house.told("person.upserted", 4));
  house.net2.act("people", R"({"remove":[1,2]})");
  const auto guard = house.plan_of_kind("guard");
  REQUIRE(house.apply(guard).status == 0);
  REQUIRE(house.told("person.disabled", 2));
  REQUIRE(house.told("person.removed", 2));
  CHECK(house.refusal({"people", "decouple", key_of(house.staff().at(2)), "--reason", "leave"}).empty());
  const auto purge = house.gateway.json({"purge", "plan", "--all-synced"});
  REQUIRE(house.apply(purge).status == 0);
  REQUIRE(eventually(20s, [&] { return house.gateway.outbox("pending") == 0; }));
  const auto counts = validated(house);
  for (const auto* type :
       {"sync", "plan", "activity", "alert", "person.upserted", "person.disabled", "person.removed"}) {
    INFO("the type " << type);
    CHECK(counts.contains(type));
  }
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S1-34, B.2-4: a field that no source owns is not written, and its difference is an issue",
          "[sync][fields]") {
  SyncHouse house;
  house.gateway.site().sync_more = "      authority: {phone: none, email: source}\n";
  house.configure();
  house.add_staff(2);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));
  const int id = house.staff().at(0);
  house.net2.change_person(id, R"({"telephone":"+44 1632 960555","email":"anew@example.org"})");
  const auto issue = house.issue_about(id, "field_differs");
  REQUIRE_FALSE(issue.empty());
  CHECK(text_at(at(issue, "fields"), "phone") == "+44 1632 960555");
  CHECK(text_at(house.person(key_of(id)), "phone").empty());
  CHECK(text_at(house.person(key_of(id)), "email") == "anew@example.org");
  house.net2.change_person(id, R"({"telephone":""})");
  CHECK(house.no_issues());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S2-13: who loses the identifier keeps what was known, with the reason, and no access is lost by it",
    "[sync][fields]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));
  const int id = house.staff().at(0);
  house.net2.change_person(id, R"({"email":""})");
  REQUIRE(eventually(20s, [&] { return house.activity({"--reason", "missing_identifier"}).size() == 1; }));
  const auto person = house.person(key_of(id));
  CHECK(flag_at(at(person, "access"), "effective"));
  CHECK(text_at(person, "email") == "Person1@example.org");
  CHECK(house.tellings("person.disabled") == 0);
  const auto why = house.why(key_of(id));
  CHECK(text_at(why.at("links").as_array().at(0).as_object(), "skip") == "missing_identifier");
  CHECK_FALSE(text_at(why.at("links").as_array().at(0).as_object(), "hint").empty());
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S2-17..S2-21, S2-37, S2-40: an edit overwrites and is told by the names of its fields, and the rest is "
    "silence",
    "[sync][fields]") {
  SyncHouse house;
  house.edit("phone: telephone",
             "phone: telephone, tags: \"custom:Notes\", membership_status: \"custom:Position\"");
  house.configure();
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int id = house.staff().at(1);
  const auto before = house.person(key_of(id));
  house.net2.change_person(id, R"({"firstName":"Grace","lastName":"Hopper","telephone":"+44 1632 960777",)"
                               R"("department":"Cleaners","customFields":[{"id":10,"value":"active"},)"
                               R"({"id":13,"value":"gym, pool"}]})");
  REQUIRE(house.told("person.upserted", 4));
  const auto person = house.person(key_of(id));
  CHECK(text_at(person, "last_name") == "Hopper");
  CHECK(text_at(person, "membership_status") == "active");
  CHECK(texts_at(at(person, "tags"), "synced") == std::vector<std::string>{"gym", "pool"});
  CHECK(text_at(person, "last_synced") > text_at(before, "last_synced"));
  auto changed = texts_at(data_of(house.recorder.ledger(), "person.upserted").back(), "changed");
  std::ranges::sort(changed);
  CHECK(changed == std::vector<std::string>{"first_name", "last_name", "membership_status", "person_type",
                                            "phone", "tags"});
  const auto rows = house.activity({"--outcome", "updated"});
  REQUIRE(rows.size() == 1);
  auto fields = texts_at(rows.at(0).as_object(), "fields");
  std::ranges::sort(fields);
  CHECK(fields == changed);
  const auto told = house.recorder.ask([](const Ledger& ledger) { return ledger.facts().size(); });
  REQUIRE(house.polled(3));
  const auto later = house.recorder.ledger();
  CHECK(later.count("person.upserted") == 4);
  CHECK(later.count("sync") <= 2);
  CHECK(later.facts().size() <= told + 1);  // a retained state may be renewed
  CHECK(house.activity({"--outcome", "processed"}).empty());
  CHECK(lines(later.broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
