// Runs after the first: partial success, operators' words that last as long as they are needed, and ids that
// change hands (features.md S0-40, S0-43, S0-44, B.2-6, B.2-11).
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

bool alerted(const SyncHouse& house, const std::string& state, std::size_t times) {
  return eventually(20s, [&] { return house.alerts("sync_issues", state) == times; });
}

/// What operators have said of the record, as `people why` tells it.
json::object overrides(const SyncHouse& house, int id) {
  const auto why = house.why(key_of(id));
  const auto* links = why.if_contains("links");
  return links != nullptr && !links->as_array().empty() ? at(links->as_array().at(0).as_object(), "overrides")
                                                        : json::object();
}

TEST_CASE(
    "S0-30, S0-43, S0-44, S0-50..S0-52, S2-33, S2-34, S2-36..S2-38, S2-43, S2-47: what is clean goes "
    "straight in, the rest waits, "
    "and "
    "that is told once",
    "[sync][later]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  REQUIRE(house.told("person.upserted", 3));

  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  const int mute = house.add({.first = "Mute", .last = "Nobody", .email = ""});
  const int good = house.add({.first = "Good", .last = "One", .email = "good@example.org"});
  REQUIRE(house.told("person.upserted", 4));
  const auto issue = house.issue_about(bad, "invalid_email");
  REQUIRE_FALSE(issue.empty());
  REQUIRE(house.becomes("issues"));
  REQUIRE(alerted(house, "raised", 1));
  REQUIRE(house.polled(2));
  CHECK(house.alerts("sync_issues", "raised") == 1);
  CHECK(number_at(house.gateway.integration(), "issues") == 1);
  const auto waited = house.gateway.ask({"sync", "run", "net2-hq", "--wait", "--json"});
  INFO(waited.out << waited.err);
  CHECK(waited.status == 3);
  CHECK_THAT(waited.out, Catch::Contains("completed_with_issues"));
  CHECK(house.person(key_of(bad)).empty());
  CHECK(text_at(house.person(key_of(good)), "first_name") == "Good");

  // S2-33, S2-34: why, for each record, and found by name, number or reason.
  const auto added = house.activity({"--outcome", "added", "--search", "Good"});
  REQUIRE(added.size() == 1);
  CHECK(text_at(added.at(0).as_object(), "external_id") == std::to_string(good));
  const auto skipped = house.activity({"--outcome", "skipped", "--reason", "missing_identifier"});
  REQUIRE(skipped.size() == 1);
  CHECK(text_at(skipped.at(0).as_object(), "external_id") == std::to_string(mute));
  CHECK_FALSE(text_at(skipped.at(0).as_object(), "hint").empty());
  CHECK_FALSE(text_at(skipped.at(0).as_object(), "run").empty());
  CHECK(house.activity({"--search", "invalid_email"}).size() == 1);

  // S0-29: mended here. The word lapses once the source has a good one of its own.
  CHECK(house.refusal({"issue", "fix", text_at(issue, "id"), "--set", "email=here@example.org"}).empty());
  REQUIRE(house.told("person.upserted", 5));
  CHECK(text_at(house.person(key_of(bad)), "email") == "here@example.org");
  CHECK(text_at(overrides(house, bad), "email") == "here@example.org");
  REQUIRE(alerted(house, "over", 1));
  CHECK(house.becomes("active"));
  house.net2.change_person(bad, R"({"email":"there@example.org"})");
  REQUIRE(house.told("person.upserted", 6));
  CHECK(text_at(house.person(key_of(bad)), "email") == "there@example.org");
  CHECK(eventually(10s, [&] { return overrides(house, bad).empty(); }));

  // S0-30: mended at the source, nobody has to say anything.
  house.net2.change_person(mute, R"({"email":"broken"})");
  REQUIRE_FALSE(house.issue_about(mute, "invalid_email").empty());
  REQUIRE(alerted(house, "raised", 2));
  house.net2.change_person(mute, R"({"email":"mute@example.org"})");
  REQUIRE(house.told("person.upserted", 7));
  CHECK(house.no_issues());
  CHECK(alerted(house, "over", 2));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-34: a record that was left out stays out over passes and restarts, until that is taken back",
          "[sync][later]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  const auto issue = house.issue_about(bad, "invalid_email");
  REQUIRE_FALSE(issue.empty());
  CHECK(house.refusal({"issue", "skip", text_at(issue, "id")}).empty());
  CHECK(house.no_issues());
  CHECK(house.activity({"--reason", "operator_skip"}).size() == 1);
  house.net2.change_person(bad, R"({"email":"good@example.org"})");
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  CHECK(text_at(house.pass(), "outcome") == "complete");
  CHECK(house.people().size() == 2);
  CHECK(house.refusal({"issue", "unskip", text_at(issue, "id")}).empty());
  REQUIRE(house.told("person.upserted", 3));
  CHECK(house.people().size() == 3);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-40: the same id with another name and e-mail is denied until somebody says who it is",
          "[sync][later]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int id = house.staff().at(1);
  const auto before = house.person(key_of(id));
  house.net2.change_person(id, R"({"firstName":"Mallory","lastName":"Other","email":"mallory@example.org"})");
  const auto issue = house.issue_about(id, "identity_changed");
  REQUIRE_FALSE(issue.empty());
  REQUIRE(house.told("person.disabled", 1));
  const auto denied = house.person(key_of(id));
  CHECK(denied.at("id") == before.at("id"));
  CHECK(text_at(denied, "first_name") == text_at(before, "first_name"));
  CHECK_FALSE(flag_at(at(denied, "access"), "source_present"));
  CHECK_FALSE(flag_at(at(denied, "access"), "effective"));
  CHECK(flag_at(at(denied, "access"), "admin_enabled"));
  CHECK(house.becomes("issues"));
  REQUIRE(house.polled(2));
  CHECK(house.tellings("person.disabled") == 1);
  const auto number = text_at(issue, "id");
  std::size_t people = 3;

  SECTION("the same person: the id and everything that hangs on it stays") {
    CHECK(house.refusal({"issue", "fix", number, "--set", "person=same"}).empty());
    REQUIRE(house.told("person.upserted", 4));
    const auto now = house.person(key_of(id));
    CHECK(now.at("id") == before.at("id"));
    CHECK(text_at(now, "first_name") == "Mallory");
    CHECK(flag_at(at(now, "access"), "effective"));
    CHECK(house.tellings("person.removed") == 0);
    // The word was about this change; the next one asks again.
    house.net2.change_person(id, R"({"firstName":"Eve","lastName":"Third","email":"eve@example.org"})");
    CHECK_FALSE(house.issue_about(id, "identity_changed").empty());
  }
  SECTION("somebody else: a new person, and the former one ends as on_removed says") {
    CHECK(house.refusal({"issue", "fix", number, "--set", "person=new"}).empty());
    REQUIRE(house.told("person.upserted", 4));
    REQUIRE(house.told("person.disabled", 2));
    const auto now = house.person(key_of(id));
    CHECK(now.at("id") != before.at("id"));
    CHECK(text_at(now, "first_name") == "Mallory");
    const auto former = house.person(text_at(before, "id"));
    CHECK(text_at(former, "first_name") == text_at(before, "first_name"));
    CHECK_FALSE(flag_at(at(former, "access"), "source_present"));
    const auto told = data_of(house.recorder.ledger(), "person.disabled").at(1);
    CHECK(text_at(told, "person_id") == text_at(before, "id"));
    CHECK(text_at(told, "reason") == "removed_at_source");
    CHECK(house.tellings("person.removed") == 0);
    people = 4;
  }
  SECTION("the source takes it back: all is as it was") {
    house.net2.change_person(id,
                             R"({"firstName":"Person2","lastName":"Staff","email":"Person2@example.org"})");
    REQUIRE(house.told("person.upserted", 4));
    CHECK(house.no_issues());
    CHECK(flag_at(at(house.person(key_of(id)), "access"), "effective"));
  }
  CHECK(house.people().size() == people);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-40, S2-23, B.2-11: a user made anew in Net2 is offered for re-linking, and keeps the person",
          "[sync][later]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int old = house.staff().at(0);
  const auto before = house.person(key_of(old));
  house.net2.remove_person(old);
  const int anew = house.add({.first = "Person1", .last = "Staff", .email = "person1@example.org"});
  const auto issue = house.issue_about(anew, "recreated");
  REQUIRE_FALSE(issue.empty());
  CHECK(text_at(issue, "kind") == "match");
  CHECK(texts_at(issue, "others") == std::vector<std::string>{text_at(before, "id")});
  CHECK(house.people().size() == 3);  // nobody new
  REQUIRE(house.polled(2));

  SECTION("merged: one person under the new id, and the old id is nobody's") {
    CHECK(house.refusal({"issue", "merge", text_at(issue, "id"), "--into", text_at(before, "id")}).empty());
    const auto now = house.person(key_of(anew));
    CHECK(now.at("id") == before.at("id"));
    CHECK(now.at("grants") == before.at("grants"));
    CHECK(now.at("sources").as_array().size() == 1);
    CHECK(flag_at(at(now, "access"), "effective"));
    CHECK(house.person(key_of(old)).empty());
    CHECK(house.no_issues());
    CHECK(house.people().size() == 3);
    REQUIRE(house.polled(2));
    CHECK(flag_at(at(house.person(key_of(anew)), "access"), "effective"));
    CHECK(house.tellings("person.removed") == 0);
  }
  SECTION("refused: another person, and the old one leaves") {
    CHECK(house.refusal({"issue", "fix", text_at(issue, "id"), "--set", "person=new"}).empty());
    const auto now = house.person(key_of(anew));
    CHECK(now.at("id") != before.at("id"));
    REQUIRE(house.told("person.disabled", 1));
    CHECK_FALSE(flag_at(at(house.person(key_of(old)), "access"), "effective"));
  }
  CHECK(house.becomes("active"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-29: a fix that is made while the source cannot be read is kept, and counts when it can",
          "[sync][later]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  const auto issue = house.issue_about(bad, "invalid_email");
  REQUIRE_FALSE(issue.empty());
  house.net2.fault(R"({"kind":"502"})");
  const auto fixed =
      house.gateway.ask({"issue", "fix", text_at(issue, "id"), "--set", "email=bad@example.org"});
  CHECK(fixed.status == 1);
  CHECK_THAT(fixed.err, Catch::Contains("it is kept"));
  REQUIRE(house.becomes("unreachable"));
  house.net2.clear_faults();
  CHECK(house.told("person.upserted", 3));
  CHECK(house.no_issues());
}

TEST_CASE("S0-40: a denied identity stays denied over a restart, and is over when its record goes",
          "[sync][later]") {
  SyncHouse house;
  house.add_staff(3);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 3));
  const int id = house.staff().at(1);
  house.net2.change_person(id, R"({"firstName":"Mallory","lastName":"Other","email":"mallory@example.org"})");
  const auto issue = house.issue_about(id, "identity_changed");
  REQUIRE(house.told("person.disabled", 1));
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("issues"));
  REQUIRE(house.polled(1));
  CHECK(text_at(house.issue_about(id, "identity_changed"), "id") == text_at(issue, "id"));
  CHECK_FALSE(flag_at(at(house.person(key_of(id)), "access"), "effective"));
  house.net2.remove_person(id);
  CHECK(house.no_issues());
  CHECK(house.becomes("active"));
  CHECK(house.tellings("person.disabled") == 1);  // no access was left to take
  CHECK(house.tellings("person.upserted") == 3);
  CHECK(house.people().size() == 3);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
