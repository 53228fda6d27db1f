// Cloud employees into Net2, from the roster to the server and back into the registry.

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/export_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

using Reasons = std::vector<IssueReason>;

/// Both ends; everybody whom Net2 has to begin with is in the department "Staff" and known after the first
/// pass.
struct ExportDesk {
  explicit ExportDesk(Integration with = export_settings(), int people = 3)
      : server(io, people), ours(io, directory.path, at(std::move(with))) {
    server.world.directory.departments = {{7, "Staff"}, {9, "Guests"}};
    for (const auto& person : server.world.people.all()) server.world.people.edit(person.id)->department = 7;
    ours.pass();
    server.writes.clear();
  }
  Integration at(Integration with) const {
    with.net2 = server_settings(server.url, server.pin);
    return with;
  }
  /// The users with a person's mark.
  std::vector<const sim::Person*> users_of(const Person& person) const {
    std::vector<const sim::Person*> found;
    for (const auto& user : server.world.people.all()) {
      const auto mark = user.fields.find(12);
      if (user.active && mark != user.fields.end() && mark->second == owner_mark(person.id))
        found.push_back(&user);
    }
    return found;
  }
  const sim::Person& user_of(const Person& person) const {
    const auto found = users_of(person);
    if (found.size() != 1) throw std::runtime_error(std::to_string(found.size()) + " users carry the mark");
    return *found.front();
  }
  bool wrote() const { return !server.writes.empty(); }

  StoreDirectory directory;
  boost::asio::io_context io;
  SimulatedServer server;
  Exporting ours;
};

/// Net2's groups are mapped to nobody, so that the users stay the cloud's alone.
Integration unlinked_settings() {
  auto made = export_settings();
  made.sync.groups = {{"Nowhere", PersonType::employee}};
  return made;
}

}  // namespace

TEST_CASE("S1-24: auto makes a cloud employee in Net2 at once, and the next pass links the two", "[export]") {
  ExportDesk desk;
  const auto before = desk.server.world.people.count();
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  const auto visitor_site = desk.ours.employs("C-2", "Grace", "Hopper", "grace@example.com", "lab");
  desk.ours.pass();
  const auto& user = desk.user_of(ada);
  CHECK(user.first == "Ada");
  CHECK(user.fields.at(9) == "ada@example.com");
  CHECK(user.levels == std::vector<int>{3});
  CHECK(desk.user_of(visitor_site).levels == std::vector<int>{5});  // S1-25: by default
  CHECK(user.department == 7);
  CHECK(desk.server.world.people.count() == before + 2);

  desk.ours.pass();
  const auto linked = desk.ours.person(ada.id.value());
  REQUIRE(linked.sources.size() == 2);
  CHECK(desk.ours.person("net2-hq/" + std::to_string(user.id)).id == ada.id);
  CHECK(desk.ours.journal(linked).size() == 1);
  CHECK(desk.ours.issues().empty());
  CHECK(desk.ours.plans().empty());

  desk.server.writes.clear();
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());
  CHECK(get(desk.ours.store->count_people()).total == before + 2);
}

TEST_CASE("S1-24: approve writes nothing before its plan is confirmed, and then exactly that", "[export]") {
  ExportDesk desk(export_settings(ExportMode::approve));
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  const auto report = desk.ours.pass();
  CHECK_FALSE(desk.wrote());
  const auto plans = desk.ours.plans();
  REQUIRE(plans.size() == 1);
  CHECK(plans[0].kind == PlanKind::to_net2);
  CHECK(plans[0].count == 1);
  REQUIRE(report.plan);
  CHECK(report.plan->id == plans[0].id);
  const auto changes = get(desk.ours.store->plan_changes(plans[0].id, 0, 10));
  REQUIRE(changes.size() == 1);
  CHECK(
      plan_change_json(changes[0]) ==
      R"({"op":"add","external_id":"","person":")" + ada.id.value() +
          R"(","name":"Ada Lovelace","fields":{"first_name":"Ada","last_name":"Lovelace","email":"ada@example.com",)"
          R"("access_level":"Staff","department":"Staff","owner":"gatehouse:)" +
          ada.id.value() + R"("}})");
  desk.ours.pass();
  REQUIRE(desk.ours.plans().size() == 1);
  CHECK(desk.ours.plans()[0].id == plans[0].id);  // the same is found: the plan is kept

  const auto applied = desk.ours.apply(plans[0]);
  if (!applied) FAIL(applied.error().detail);
  CHECK(desk.user_of(ada).levels == std::vector<int>{3});
  CHECK(desk.ours.plans().empty());
  CHECK(get(desk.ours.store->plan(plans[0].id)).state == PlanState::applied);
  desk.ours.pass();
  CHECK(desk.ours.person(ada.id.value()).sources.size() == 2);
  const auto again = desk.ours.apply(plans[0]);
  REQUIRE_FALSE(again);
}

TEST_CASE("S1-24: a plan from which something has changed is stale, and nothing is written", "[export]") {
  ExportDesk desk(export_settings(ExportMode::approve));
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  const auto plan = desk.ours.plans().at(0);
  SECTION("somebody else was employed") {
    desk.ours.employs("C-2", "Grace", "Hopper", "grace@example.com");
  }
  SECTION("the person has another name") {
    desk.ours.employs("C-1", "Ada", "King", "ada@example.com");
  }
  SECTION("the level has another number") {
    desk.server.world.directory.levels[3].id = 33;
  }
  SECTION("Net2 has the person meanwhile") {
    sim::Person user;
    user.first = "Ada";
    user.last = "Lovelace";
    user.fields[9] = "ada@example.com";
    desk.server.world.people.add(user);
  }
  const auto applied = desk.ours.apply(plan);
  REQUIRE_FALSE(applied);
  CHECK(applied.error().detail.starts_with(plan_stale));
  CHECK_FALSE(desk.wrote());
  for (const auto& now : desk.ours.plans()) CHECK(now.id != plan.id);
}

TEST_CASE("S1-25: a level's name that Net2 has not is an issue, and nothing is written until it has",
          "[export]") {
  const auto mode = GENERATE(ExportMode::automatic, ExportMode::approve);
  ExportDesk desk(export_settings(mode));
  desk.server.world.directory.levels[5].name = "Guests";
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());
  CHECK(desk.ours.plans().empty());
  REQUIRE(desk.ours.reasons() == Reasons{IssueReason::unknown_access_level});
  CHECK(desk.ours.issues()[0].fields.at("access_level") == "Visitors");
  const auto number = desk.ours.issues()[0].number;
  desk.ours.pass();
  CHECK(desk.ours.issues().at(0).number == number);  // one and the same, however often it is looked at

  desk.server.world.directory.levels[5].name = "Visitors";
  desk.ours.pass();
  CHECK(desk.ours.issues().empty());
  CHECK((mode == ExportMode::approve ? desk.ours.plans().size() : desk.users_of(ada).size()) == 1);
}

TEST_CASE("S1-26: what is customised in Net2 stays; a new name of ours changes the name only", "[export]") {
  ExportDesk desk(unlinked_settings());
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  const auto id = desk.user_of(ada).id;
  auto& user = *desk.server.world.people.edit(id);
  user.levels = {4};
  user.individual = {{2, 1}};
  user.expires = 1'500'000'000'000 / 60'000 * 60'000;  // a leaver
  user.pin = "4711";
  const sim::Person namesake = [&] {
    sim::Person other;
    other.first = "Ada";
    other.last = "Lovelace";
    return *desk.server.world.people.find(desk.server.world.people.add(other));
  }();
  const auto before = *desk.server.world.people.find(id);
  desk.server.writes.clear();
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());

  desk.ours.employs("C-1", "Ada", "King", "ada@example.com");
  desk.ours.pass();
  const auto& after = *desk.server.world.people.find(id);
  CHECK(after.last == "King");
  CHECK(after.levels == before.levels);
  CHECK(after.individual.size() == 1);
  CHECK(after.expires == before.expires);
  CHECK(after.pin == before.pin);
  CHECK(desk.server.writes.size() == 1);
  CHECK(desk.server.world.people.find(namesake.id)->last == "Lovelace");
  CHECK(desk.users_of(ada).size() == 1);
}

TEST_CASE("S1-24: a user whose mark was removed by hand is ours no longer", "[export]") {
  ExportDesk desk(unlinked_settings());
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  const auto id = desk.user_of(ada).id;
  desk.server.world.people.edit(id)->fields.erase(12);
  desk.server.writes.clear();
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());
  CHECK(desk.users_of(ada).empty());
}

TEST_CASE("S1-24: somebody who is in Net2 already is linked by the sync, not made", "[export]") {
  ExportDesk desk;
  sim::Person user;
  user.first = "Ada";
  user.last = "Lovelace";
  user.fields[9] = "ada@example.com";
  user.department = GENERATE(7, 0);  // of a department that is mapped, and of none
  const int id = desk.server.world.people.add(user);
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());
  CHECK(desk.users_of(ada).empty());
  CHECK(desk.ours.person(ada.id.value()).sources.size() == (user.department == 7 ? 2 : 1));
  CHECK(desk.server.world.people.find(id)->levels.empty());
}

TEST_CASE("D-9: an outage in the middle is no issue; afterwards everybody is there once", "[export]") {
  const auto* fault = GENERATE(R"({"kind":"502","path":"users","method":"POST","skip":1,"count":1})",
                               R"({"kind":"refuse","path":"users","method":"POST","skip":1,"count":1})",
                               R"({"kind":"reset","path":"users","method":"POST","skip":1,"count":1})",
                               R"({"kind":"after_write","path":"users","method":"POST","skip":1,"count":1})",
                               R"({"kind":"502","path":"users","skip":8,"count":30})",
                               R"({"kind":"after_write","path":"departments","method":"PUT","count":1})",
                               R"({"kind":"502","path":"doorpermissionset","count":3})");
  const auto mode = GENERATE(ExportMode::automatic, ExportMode::approve);
  DYNAMIC_SECTION(fault << (mode == ExportMode::approve ? " approve" : " auto")) {
    ExportDesk desk(export_settings(mode));
    std::vector<Person> people;
    for (const auto* name : {"Ada", "Grace", "Edith"})
      people.push_back(desk.ours.employs(name, name, "Lovelace", std::string(name) + "@example.com"));
    if (mode == ExportMode::approve) {
      desk.ours.pass();
      const auto plan = desk.ours.plans().at(0);
      desk.server.fault(fault);
      const auto applied = desk.ours.apply(plan);  // whether it comes through at once or not
      if (!applied) CHECK(applied.error().detail.find("plan_stale") == std::string::npos);
    } else {
      desk.server.fault(fault);
      (void)desk.ours.try_pass();
    }
    desk.server.world.faults.clear("");
    desk.ours.pass();
    desk.ours.pass();
    for (const auto& person : people) {
      const auto& user = desk.user_of(person);
      CHECK(user.levels == std::vector<int>{3});
      CHECK(user.department == 7);
      CHECK(desk.ours.person(person.id.value()).sources.size() == 2);
    }
    CHECK(desk.ours.issues().empty());
    CHECK(desk.ours.plans().empty());
  }
}

TEST_CASE("D-9: a write that Net2 refuses is an issue with its words, once in the journal, and tried again",
          "[export]") {
  ExportDesk desk;
  const auto ada = desk.ours.employs("C-1", "Ada", "Lovelace", std::string(50, 'a') + "@example.com");
  const auto grace = desk.ours.employs("C-2", "Grace", "Hopper", "grace@example.com");
  desk.ours.pass();
  desk.ours.pass();
  CHECK(desk.users_of(ada).empty());
  CHECK(desk.users_of(grace).size() == 1);
  REQUIRE(desk.ours.reasons() == Reasons{IssueReason::export_refused});
  const auto issue = desk.ours.issues()[0];
  CHECK(issue.others == std::vector<std::string>{ada.id.value()});
  CHECK(issue.fields.at(ada.id.value()).find("holds 50 characters") != std::string::npos);
  const auto failures = [&] {
    const auto rows = get(desk.ours.store->list_activity({}, std::nullopt, {"", 1000})).rows;
    return std::ranges::count(rows, Outcome::failed, &ActivityRow::outcome);
  };
  CHECK(failures() == 1);

  desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  CHECK(desk.users_of(ada).size() == 1);
  CHECK(desk.ours.issues().empty());
}

TEST_CASE("S1-24: without the field for the mark nothing is written, and an issue says so", "[export]") {
  ExportDesk desk;
  desk.server.world.directory.fields[11].name = "Car registration";
  desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());
  REQUIRE(desk.ours.reasons() == Reasons{IssueReason::export_refused});
  CHECK(desk.ours.issues()[0].fields.at("why").find("no custom field 'Gatehouse'") != std::string::npos);
}

TEST_CASE("S1-24: an export that is switched off has no plan and no issue left", "[export]") {
  ExportDesk desk(export_settings(ExportMode::approve));
  desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  SECTION("a plan waited") {
    desk.ours.pass();
  }
  SECTION("an issue was open") {
    desk.server.world.directory.levels[5].name = "Guests";
    desk.ours.pass();
  }
  const auto plans = desk.ours.plans();
  desk.ours.begin_anew(desk.at(export_settings(ExportMode::off)));
  desk.ours.pass();
  CHECK(desk.ours.plans().empty());
  CHECK(desk.ours.issues().empty());
  CHECK_FALSE(desk.wrote());
  if (!plans.empty()) CHECK_FALSE(desk.ours.apply(plans[0]));
}

TEST_CASE("S1-24: staging and drafts export nothing", "[export]") {
  auto settings = export_settings();
  SECTION("staging") {
    settings.mode = IntegrationMode::staging;
  }
  SECTION("a first sync that waits") {
    settings.sync.first = FirstSync::confirm;
  }
  SECTION("import: dry_run") {
    settings.sync.import = ImportMode::dry_run;
  }
  ExportDesk desk(settings);
  desk.ours.employs("C-1", "Ada", "Lovelace", "ada@example.com");
  desk.ours.pass();
  CHECK_FALSE(desk.wrote());
}
