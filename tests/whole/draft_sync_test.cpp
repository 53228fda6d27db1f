// The first sync of an integration: a draft with its gates, and the plan that it ends in (features.md S0.3).
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

/// The last run that came to the broker.
json::object last_run(const SyncHouse& house) {
  const auto runs = data_of(house.recorder.ledger(), "sync");
  return runs.empty() ? json::object() : runs.back();
}

bool phase_becomes(SyncHouse& house, const std::string& phase) {
  return eventually(20s, [&] { return text_at(last_run(house), "phase") == phase; });
}

TEST_CASE(
    "S0-19..S0-22, S0-29..S0-31, S0-33..S0-39: a first sync goes through errors, duplicates and review, in "
    "that order",
    "[sync][draft]") {
  SyncHouse house("confirm");
  house.add_staff(3);
  const int nameless = house.add({.first = "", .last = "Nameless", .email = "nameless@example.org"});
  const int breakless = house.add({.first = "Bad", .last = "Mail", .email = "not an address"});
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  const int twin = house.add({.first = "ADA ", .last = "Lovelace", .email = "Ada@Example.org"});
  const int alan = house.add({.first = "Alan", .last = "Turing", .email = "", .phone = "+44 1632 960001"});
  const int copy = house.add({.first = "Alan", .last = "Turing", .email = "", .phone = "(01632) 960001"});
  house.gateway.start();
  REQUIRE(house.becomes("draft"));
  REQUIRE(phase_becomes(house, "errors"));

  // S0-21: three buckets; S0-52: the exit status says that something is open.
  CHECK(house.issues("error").size() == 2);
  CHECK(house.gateway.ask({"issue", "list"}).status == 3);
  const auto name = house.issue_about(nameless, "missing_required_field");
  const auto mail = house.issue_about(breakless, "invalid_email");
  const auto second = house.issue_about(twin, "duplicate");
  REQUIRE_FALSE(name.empty());
  REQUIRE_FALSE(mail.empty());
  REQUIRE_FALSE(second.empty());
  CHECK(texts_at(second, "others") == std::vector<std::string>{std::to_string(ada)});
  CHECK(text_at(at(mail, "fields"), "email") == "not an address");
  CHECK_THAT(text_at(name, "hint"), Catch::Contains("issue fix " + text_at(name, "id")));
  CHECK(house.plans().empty());
  CHECK(house.people().empty());
  CHECK(house.tellings("person.upserted") == 0);

  // S0-31: no duplicate before the last error.
  const auto early = house.gateway.ask({"issue", "skip", text_at(second, "id")});
  CHECK(early.status == 1);
  CHECK_THAT(early.err, Catch::Contains("issue_order_violation"));

  // S0-29: mended here; S0-30: gone from the list at once.
  const auto wrong = house.gateway.ask({"issue", "fix", text_at(mail, "id"), "--set", "email=still none"});
  CHECK(wrong.status == 1);
  CHECK(house.refusal({"issue", "fix", text_at(mail, "id"), "--set", "email=bad.mail@example.org"}).empty());
  CHECK(house.issues("error").size() == 1);
  CHECK(house.refusal({"issue", "fix", text_at(name, "id"), "--set", "first_name=Norma"}).empty());
  CHECK(house.issues("error").empty());
  CHECK(text_at(last_run(house), "phase") != "review");
  CHECK(phase_becomes(house, "duplicates"));
  CHECK(house.plans().empty());

  // S0-34: one left out, S0-33: one merged; S0-32: also inside of one snapshot, by telephone.
  CHECK(house.refusal({"issue", "skip", text_at(second, "id")}).empty());
  const auto by_phone = house.issue_about(copy, "duplicate");
  REQUIRE_FALSE(by_phone.empty());
  const auto merged =
      house.gateway.ask({"issue", "merge", text_at(by_phone, "id"), "--into", std::to_string(alan)});
  INFO(merged.out << merged.err);
  CHECK(merged.status == 0);
  CHECK(house.no_issues());
  REQUIRE(phase_becomes(house, "review"));
  REQUIRE(house.told("plan", 1));

  // S0-37: what will be written, before it is.
  const auto plan = house.plan_of_kind("first_sync");
  REQUIRE_FALSE(plan.empty());
  const auto shown = house.plan(text_at(plan, "plan"));
  const auto& changes = shown.at("changes").as_array();
  CHECK(number_at(plan, "count") == 8);
  CHECK(changes.size() == 8);
  std::set<std::string> added, linked;
  for (const auto& change : changes) {
    const auto& one = change.as_object();
    (text_at(one, "op") == "link" ? linked : added).insert(text_at(one, "external_id"));
  }
  CHECK(linked == std::set<std::string>{std::to_string(copy)});
  CHECK(added.size() == 7);
  CHECK_FALSE(added.contains(std::to_string(twin)));

  // S0-38: only with the number of its changes.
  CHECK(house.gateway.ask({"plan", "apply", text_at(plan, "plan")}).status == 2);
  CHECK(house.gateway.ask({"plan", "apply", text_at(plan, "plan"), "--confirm", "7"}).status == 1);
  CHECK(house.people().empty());
  const auto applied = house.apply(plan);
  INFO(applied.out << applied.err);
  REQUIRE(applied.status == 0);
  REQUIRE(house.becomes("active"));
  REQUIRE(house.told("person.upserted", 8));

  const auto ledger = house.recorder.ledger();
  std::set<std::string> came;
  for (const auto& data : data_of(ledger, "person.upserted")) {
    const auto person = at(data, "person");
    for (const auto& source : person.at("sources").as_array())
      came.insert(text_at(source.as_object(), "external_id"));
  }
  std::set<std::string> listed = added;
  listed.merge(linked);
  CHECK(came == listed);
  CHECK(house.people().size() == 7);
  CHECK(house.person(key_of(alan)).at("id") == house.person(key_of(copy)).at("id"));
  CHECK(text_at(house.person(key_of(nameless)), "first_name") == "Norma");
  CHECK(text_at(house.person(key_of(breakless)), "email") == "bad.mail@example.org");
  CHECK(house.plans().empty());
  CHECK(house.apply(plan).status == 1);  // not twice

  // S0-39, S0-53: told as one run, and in the journal.
  const auto run = last_run(house);
  CHECK(text_at(run, "outcome") == "complete");
  CHECK(text_at(run, "trigger") == "first");
  CHECK(number_at(at(run, "counts"), "added") == 7);
  CHECK(text_at(house.list({"sync", "log", "net2-hq"}, "runs").at(0).as_object(), "run") != "");
  CHECK(eventually(10s, [&] { return house.alerts("sync_issues", "over") == 1; }));

  // A few more passes: nothing more.
  REQUIRE(house.polled(2));
  CHECK(house.tellings("person.upserted") == 8);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "S0-23, S0-24, S0-36, S0-56: a draft survives passes and kill -9 with its plan, issues and resolutions, "
    "and "
    "what has changed since makes the plan stale",
    "[sync][draft]") {
  SyncHouse house("confirm");
  house.add_staff(4);
  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  house.gateway.start();
  const auto issue = house.issue_about(bad, "invalid_email");
  REQUIRE_FALSE(issue.empty());

  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("draft"));
  const auto again = house.issue_about(bad, "invalid_email");
  CHECK(text_at(again, "id") == text_at(issue, "id"));
  CHECK(text_at(again, "since") == text_at(issue, "since"));
  REQUIRE(house.refusal({"issue", "skip", text_at(issue, "id")}).empty());

  const auto plan = house.plan_of_kind("first_sync");
  REQUIRE(number_at(plan, "count") == 4);
  REQUIRE(house.polled(3));
  REQUIRE(house.plans().size() == 1);
  CHECK(text_at(house.plans().at(0).as_object(), "plan") == text_at(plan, "plan"));
  CHECK(house.tellings("plan") == 1);

  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("draft"));
  REQUIRE(house.polled(2));
  const auto kept = house.plan_of_kind("first_sync");
  CHECK(text_at(kept, "plan") == text_at(plan, "plan"));
  CHECK(text_at(kept, "token") == text_at(plan, "token"));
  CHECK(house.no_issues());  // the skip was kept, too

  // S2-54: exactly what was read, or nothing.
  house.net2.change_person(house.staff().at(0), R"({"firstName":"Grace"})");
  const auto stale = house.apply(plan);
  INFO(stale.out << stale.err);
  CHECK(stale.status == 1);
  CHECK_THAT(stale.err, Catch::Contains("plan_stale"));
  CHECK(house.people().empty());
  CHECK(house.tellings("person.upserted") == 0);
  const auto fresh = house.plan_of_kind("first_sync");
  CHECK(text_at(fresh, "plan") != text_at(plan, "plan"));
  REQUIRE(house.apply(fresh).status == 0);
  REQUIRE(house.told("person.upserted", 4));
  CHECK(text_at(house.person(key_of(house.staff().at(0))), "first_name") == "Grace");
  CHECK(house.becomes("active"));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("S0-22: a plan is not applied while an error has come up since", "[sync][draft]") {
  SyncHouse house("confirm");
  house.add_staff(2);
  house.gateway.start();
  const auto plan = house.plan_of_kind("first_sync");
  REQUIRE_FALSE(plan.empty());
  house.add({.first = "Bad", .last = "Mail", .email = "none"});
  const auto refused = house.apply(plan);
  CHECK(refused.status == 1);
  CHECK(house.no_plan("first_sync"));
  CHECK(house.people().empty());
  CHECK(house.gateway.ask({"plan", "discard", text_at(plan, "plan")}).status == 1);
}

}  // namespace
}  // namespace gatehouse::whole
