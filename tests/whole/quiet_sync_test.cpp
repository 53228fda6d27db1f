// What only looks leaves no trace: dry runs, staging, a value that nobody mapped (features.md S0-10, S0-37,
// S1-14; contract.md §2 `mode`, `import`).
#include <algorithm>
#include <filesystem>
#include <set>

#include <catch2/catch.hpp>

#include "tests/whole/sync_house.hpp"

namespace gatehouse::whole {
namespace {

namespace fs = std::filesystem;

std::set<std::string> files_of(const std::string& folder) {
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    out.insert(entry.path().filename().string());
  return out;
}

std::size_t about_people(const Ledger& ledger) {
  return ledger.count("person.upserted") + ledger.count("person.disabled") + ledger.count("person.removed") +
         ledger.count("activity") + ledger.count("sync") + ledger.count("plan");
}

/// Everything that operators can ask for about people and runs.
std::string everything(const SyncHouse& house) {
  std::string out;
  for (const auto& verb : {Argv{"people", "list"}, Argv{"activity"}, Argv{"sync", "log"},
                           Argv{"plan", "list"}, Argv{"issue", "list"}}) {
    auto asked = verb;
    asked.push_back("--json");
    out += house.gateway.ask(asked).out + "\n";
  }
  return out;
}

TEST_CASE("S0-37, B.2-6: a dry run lists what would change, and writes and sends nothing", "[sync][quiet]") {
  SyncHouse house;
  house.gateway.site().net2_more = "    automatic: false\n";
  house.configure();
  house.add_staff(3);
  house.gateway.start();
  REQUIRE(house.becomes("paused"));
  REQUIRE(text_at(house.pass(), "outcome") == "complete");
  REQUIRE(house.told("sync", 1));
  REQUIRE(eventually(20s, [&] { return house.gateway.outbox("pending") == 0; }));
  const int gone = house.staff().at(0);
  house.net2.remove_person(gone);
  house.net2.change_person(house.staff().at(1), R"({"telephone":"+44 1632 960123"})");
  const int fresh = house.add({.first = "New", .last = "Comer", .email = "new@example.org"});
  house.add({.first = "Bad", .last = "Mail", .email = "none"});
  const auto before = everything(house);
  const auto files = files_of(house.gateway.state_dir());
  const auto told = house.recorder.ask(about_people);
  const auto last = at(house.gateway.integration(), "last_run");

  const auto runs = house.list({"sync", "run", "net2-hq", "--dry-run"}, "runs");
  REQUIRE(runs.size() == 1);
  const auto run = runs.at(0).as_object();
  INFO(text(run));
  std::set<std::string> changes;
  for (const auto& change : run.at("changes").as_array())
    changes.insert(text_at(change.as_object(), "op") + " " + text_at(change.as_object(), "external_id"));
  CHECK(changes == std::set<std::string>{"add " + std::to_string(fresh), "disable " + std::to_string(gone),
                                         "update " + std::to_string(house.staff().at(1))});
  const auto counts = at(run, "counts");
  CHECK(number_at(counts, "added") == 1);
  CHECK(number_at(counts, "disabled") == 1);
  CHECK(number_at(counts, "errors") == 1);
  CHECK(everything(house) == before);
  CHECK(at(house.gateway.integration(), "last_run") == last);
  CHECK(files_of(house.gateway.state_dir()) == files);
  CHECK(house.gateway.outbox("pending") == 0);
  CHECK(house.recorder.ask(about_people) == told);

  // And then what it said happens.
  REQUIRE(text_at(house.pass(), "outcome") == "completed_with_issues");
  REQUIRE(house.told("person.disabled", 1));
  CHECK(house.people().size() == 4);
}

TEST_CASE("S1-14: staging computes everything, and neither keeps nor sends anything of it", "[sync][quiet]") {
  SyncHouse house;
  house.gateway.site().net2_more = "    mode: staging\n";
  house.configure();
  house.add_staff(3);
  house.add({.first = "Bad", .last = "Mail", .email = "none"});
  house.gateway.start();
  REQUIRE(house.becomes("staging"));
  REQUIRE(house.polled(2));
  const auto run = house.pass();
  CHECK(number_at(at(run, "counts"), "added") == 3);
  CHECK(number_at(at(run, "counts"), "errors") == 1);
  CHECK(house.people().empty());
  CHECK(house.activity().empty());
  CHECK(house.issues().empty());
  CHECK(house.plans().empty());
  CHECK(house.list({"sync", "log"}, "runs").empty());
  CHECK(house.recorder.ask(about_people) == 0);

  // Taken live, it begins like any other.
  house.edit("    mode: staging\n", "    mode: apply\n");
  REQUIRE(house.reload().empty());
  REQUIRE(house.told("person.upserted", 3));
  CHECK(house.becomes("issues"));
}

TEST_CASE("S0-37: import modes leave out what they say, with its own outcome", "[sync][quiet]") {
  SyncHouse house;
  house.add_staff(2);
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 2));

  SECTION("update_only: nobody new") {
    house.gateway.site().sync_more = "      import: update_only\n";
    REQUIRE(house.reload().empty());
    const int fresh = house.add({.first = "New", .last = "Comer", .email = "new@example.org"});
    house.net2.change_person(house.staff().at(0), R"({"telephone":"+44 1632 960123"})");
    REQUIRE(house.told("person.upserted", 3));
    CHECK(house.person(key_of(fresh)).empty());
    REQUIRE(eventually(20s, [&] { return house.activity({"--outcome", "excluded"}).size() == 1; }));
  }
  SECTION("new_only: nobody changed") {
    house.gateway.site().sync_more = "      import: new_only\n";
    REQUIRE(house.reload().empty());
    house.net2.change_person(house.staff().at(0), R"({"telephone":"+44 1632 960123"})");
    const int fresh = house.add({.first = "New", .last = "Comer", .email = "new@example.org"});
    REQUIRE(house.told("person.upserted", 3));
    CHECK_FALSE(house.person(key_of(fresh)).empty());
    CHECK(text_at(house.person(key_of(house.staff().at(0))), "phone").empty());
    CHECK(house.activity({"--reason", "excluded_by_mode"}).size() >= 1);
  }
  SECTION("dry_run: nothing") {
    house.gateway.site().sync_more = "      import: dry_run\n";
    REQUIRE(house.reload().empty());
    house.add({.first = "New", .last = "Comer", .email = "new@example.org"});
    house.net2.remove_person(house.staff().at(0));
    REQUIRE(house.polled(2));
    CHECK(house.people({"--access", "yes"}).size() == 2);
    CHECK(house.tellings("person.disabled") == 0);
  }
}

TEST_CASE(
    "S0-10: the value of a field that nobody mapped is nowhere: not in the store, the log or at the broker",
    "[sync][quiet]") {
  SyncHouse house;
  const std::string canary = "canary-7f3b9e51";
  const std::string mapped = "mapped-5c1d";
  house.net2.act(
      "people", R"({"add":{"firstName":"Ada","lastName":"Lovelace","department":"Staff","email":")" + mapped +
                    R"(@example.org","fax":")" + canary + R"(","extension":")" + canary +
                    R"(","pin":"739154",)" + R"("middleName":")" + canary +
                    R"(","customFields":[{"id":10,"value":")" + canary + R"("},{"id":13,"value":")" + canary +
                    R"("}]}})");
  const int bad = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  house.net2.change_person(bad, R"({"fax":")" + canary + R"("})");
  house.start_and_import();
  REQUIRE(house.told("person.upserted", 1));
  REQUIRE_FALSE(house.issue_about(bad, "invalid_email").empty());
  house.pass();
  REQUIRE(house.polled(1));
  const auto sent = house.recorder.ledger();
  CHECK(house.gateway.stop() == 0);
  std::size_t found_mapped = 0;
  for (const auto& entry : fs::recursive_directory_iterator(house.dir / "gateway")) {
    if (!entry.is_regular_file()) continue;
    const auto content = read_file(entry.path().string());
    INFO(entry.path().string());
    CHECK(content.find(canary) == std::string::npos);
    found_mapped += content.find(mapped) != std::string::npos ? 1 : 0;
  }
  CHECK(found_mapped > 0);  // else this could not fail
  for (const auto& fact : sent.facts()) CHECK(fact.payload.find(canary) == std::string::npos);
  CHECK(house.gateway.log().find(canary) == std::string::npos);
}

}  // namespace
}  // namespace gatehouse::whole
