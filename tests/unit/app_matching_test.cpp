// Whose a record is, from the source to the registry: links, merges, changed identities, people made anew.

#include <catch2/catch.hpp>

#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

using Kind = RecordChoice::Kind;

TEST_CASE("B.2-3: a stored link is stronger than any rule", "[sync][matching]") {
  SyncDesk desk;
  desk.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com"),
                        somebody(2, "Bo", "Berg", "bo@example.com")};
  desk.run();
  const auto ada = desk.person(1)->id;
  desk.source.at(1).values[2] = "new@example.com";
  desk.source.at(2).values[2] = "ada@example.com";  // the address has moved on
  CHECK(desk.run().run.counts.updated == 2);
  CHECK(desk.person(1)->id == ada);
  CHECK(desk.everybody().size() == 2);
  CHECK(desk.issues().empty());
}

TEST_CASE("B.2-10: of a merge the person who was known survives, with what the administrator set",
          "[sync][matching]") {
  SyncDesk desk;
  desk.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com")};
  desk.run();
  const auto ada = *desk.person(1);
  desk.source.people.push_back(somebody(2, "Ada", "Lovelace", "ada@example.com"));
  desk.run();
  CHECK(desk.reason(2) == IssueReason::duplicate);
  CHECK_FALSE(desk.issue(1));
  desk.say(2, Kind::link, ada.id);
  auto report = desk.run();
  CHECK(report.run.counts.updated == 1);
  CHECK(desk.issues().empty());
  REQUIRE(desk.everybody().size() == 1);
  CHECK(desk.person(2)->id == ada.id);
  CHECK(desk.person(1)->sources.size() == 2);
  CHECK(desk.person(1)->sources[1].rule == LinkRule::merged);
  const auto before = desk.world.written();
  desk.run();
  CHECK(desk.world.written() == before);
  desk.source.people.erase(desk.source.people.begin());
  desk.run();
  CHECK_FALSE(desk.person(2)->source_present());  // both of them had to say so
}

TEST_CASE("S0-40: an id that was given to somebody else denies the person until an operator has looked",
          "[sync][matching]") {
  SyncDesk desk;
  desk.people(1, 5);
  desk.run();
  const auto former = desk.person(1)->id;
  desk.source.at(1) = somebody(1, "Bo", "Berg", "bo@example.com");
  auto report = desk.run();
  CHECK(report.run.counts.errors == 1);
  CHECK(desk.reason(1) == IssueReason::identity_changed);
  CHECK(desk.person(1)->id == former);
  CHECK(desk.person(1)->facts.first_name == "Ada");
  CHECK_FALSE(desk.person(1)->effective());
  const auto before = desk.world.written();
  report = desk.run();
  CHECK(report.run.counts.errors == 1);
  CHECK(desk.world.written() == before);
  SECTION("it is the same person") {
    desk.say(1, Kind::same);
    desk.run();
    CHECK(desk.person(1)->id == former);
    CHECK(desk.person(1)->facts.first_name == "Bo");
    CHECK(desk.person(1)->effective());
    CHECK(desk.issues().empty());
    desk.source.at(1) = somebody(1, "Cy", "Clay", "cy@example.com");  // the word was about the first change
    desk.run();
    CHECK(desk.reason(1) == IssueReason::identity_changed);
  }
  SECTION("it is somebody else") {
    desk.say(1, Kind::stranger);
    desk.run();
    CHECK(desk.person(1)->id != former);
    CHECK(desk.person(1)->facts.first_name == "Bo");
    CHECK(desk.person(1)->effective());
    const auto left = get(desk.world.store->find_people(former.value()));
    REQUIRE(left.size() == 1);
    CHECK(left[0].facts.first_name == "Ada");
    CHECK_FALSE(left[0].effective());
    CHECK(desk.issues().empty());
    CHECK(desk.everybody().size() == 6);
    CHECK_FALSE(desk.run().run.counts.anything());
  }
  SECTION("the source takes it back") {
    desk.source.at(1) = record(1);
    desk.run();
    CHECK(desk.person(1)->effective());
    CHECK(desk.issues().empty());
  }
}

TEST_CASE("S0-40: a doubtful id that was left out before is denied as well, and the guard counts no doubt",
          "[sync][matching]") {
  SyncDesk desk;
  desk.people(1, 5);
  desk.run();
  desk.say(1, Kind::skip);
  desk.source.at(1) = somebody(1, "Bo", "Berg", "bo@example.com");
  desk.run();
  CHECK(desk.skip(1) == SkipReason::operator_skip);
  CHECK_FALSE(desk.person(1)->effective());
  CHECK(desk.issues().empty());
  CHECK(get(desk.world.store->removals_since(desk.integration.id, Instant{})) == 0);
}

TEST_CASE("B.2-11: who is made anew under another id keeps access until an operator has looked",
          "[sync][matching]") {
  SyncDesk desk;
  desk.people(1, 5);
  desk.run();
  const auto ada = desk.person(1)->id;
  desk.source.drop(1, 1);
  desk.source.people.push_back(somebody(9, "Ada", "Nr1", "ada1@example.com"));
  auto report = desk.run();
  CHECK(report.run.counts.disabled == 0);
  CHECK(desk.reason(9) == IssueReason::recreated);
  CHECK(desk.person(1)->effective());
  CHECK(desk.everybody().size() == 5);
  SECTION("merged: one person, the new id") {
    desk.say(9, Kind::link, ada);
    desk.run();
    CHECK(desk.issues().empty());
    REQUIRE(desk.person(9));
    CHECK(desk.person(9)->id == ada);
    CHECK(desk.person(9)->sources.size() == 1);
    CHECK(desk.person(9)->effective());
    desk.run();
    CHECK(desk.person(9)->effective());
    CHECK_FALSE(desk.mirror(1));
    desk.source.people.push_back(record(1));  // and if the old id ever comes back, it is somebody else's
    desk.run();
    CHECK(desk.reason(1) == IssueReason::duplicate);
  }
  SECTION("somebody else: the former goes, the new one comes") {
    desk.say(9, Kind::create);
    report = desk.run();
    CHECK(report.run.counts.added == 1);
    CHECK(desk.person(9)->id != ada);
    desk.run();
    CHECK_FALSE(desk.person(1)->effective());
  }
  SECTION("the issue goes when the former comes back") {
    desk.source.people.push_back(record(1));
    desk.run();
    CHECK(desk.reason(9) == IssueReason::duplicate);
    CHECK(desk.person(1)->effective());
  }
}

TEST_CASE("B.2-11: an id whose person goes on under another is nobody's, however long it was away",
          "[sync][matching]") {
  SyncDesk desk;
  desk.people(1, 5);
  desk.run();
  const auto ada = desk.person(1)->id;
  desk.source.drop(1, 1);
  desk.run();
  CHECK_FALSE(desk.person(1)->effective());
  desk.source.people.push_back(somebody(9, "Ada", "Nr1", "ada1@example.com"));
  desk.run();
  desk.say(9, Kind::link, ada);
  desk.run();
  CHECK(desk.person(9)->id == ada);
  CHECK_FALSE(desk.mirror(1));
  SECTION("with the same name it is a duplicate") {
    desk.source.people.push_back(record(1));
    desk.run();
    CHECK(desk.reason(1) == IssueReason::duplicate);
    CHECK(desk.everybody().size() == 5);
  }
  SECTION("with another it is a new person, in whose identity nothing has changed") {
    desk.source.people.push_back(somebody(1, "Bo", "Berg", "bo@example.com"));
    desk.run();
    CHECK(desk.issues().empty());
    CHECK(desk.person(1)->facts.first_name == "Bo");
    CHECK(desk.person(1)->id != ada);
  }
}

TEST_CASE("B.2-4: authority none leaves a field as it is and says that it differs", "[sync][matching]") {
  auto with = sync_settings();
  with.sync.authority.phone = Authority::none;
  SyncDesk desk(with);
  desk.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com", "020 7946 0018"), record(2)};
  desk.run();
  desk.source.at(1).values[3] = "020 7946 0099";
  desk.source.at(1).values[1] = "King";
  auto report = desk.run();
  CHECK(desk.person(1)->facts.phone == "020 7946 0018");
  CHECK(desk.person(1)->facts.last_name == "King");
  CHECK(desk.reason(1) == IssueReason::field_differs);
  const auto number = desk.issue(1)->number;
  const auto before = desk.world.written();
  report = desk.run();
  CHECK_FALSE(report.issues_changed);
  CHECK(desk.issue(1)->number == number);
  CHECK(desk.world.written() == before);
  desk.source.at(1).values[3] = "020 7946 0018";
  desk.run();
  CHECK(desk.issues().empty());
}

TEST_CASE("B.2-14: two sources that say two types are an issue, and Net2's rules", "[sync][matching]") {
  SyncDesk net2;
  net2.source.people = {somebody(1, "Ada", "Lovelace", "ada@example.com")};
  net2.run();
  auto with = feed_settings();
  with.sync.match.cross_source = OnNameOnly::link;
  with.sync.groups = {{"Staff", PersonType::contractor}};
  SyncDesk feed(net2.world, with);
  feed.source.people = {fed("e-1", "Ada", "Lovelace", "ada@example.com")};
  feed.run();
  const auto person = *net2.person(1);
  CHECK(person.facts.person_type == PersonType::employee);
  CHECK(person.sources.size() == 2);
  REQUIRE(feed.issues().size() == 1);
  CHECK(feed.issues()[0].reason == IssueReason::type_differs);
  CHECK(feed.issues()[0].external_id == "e-1");
  const auto number = feed.issues()[0].number;
  for (int i = 0; i < 2; ++i) CHECK_FALSE(feed.run().issues_changed);
  feed.restart();
  CHECK_FALSE(feed.run().issues_changed);
  REQUIRE(feed.issues().size() == 1);
  CHECK(feed.issues()[0].number == number);
}

TEST_CASE("S1-31: Net2's record takes over a feed's person by a verified e-mail and the name",
          "[sync][matching]") {
  SyncDesk feed(feed_settings());
  feed.source.people = {fed("e-1", "Ada", "Lovelace", "ada@example.com")};
  feed.run();
  auto with = sync_settings();
  SyncDesk net2(feed.world, with);
  net2.source.people = {somebody(1, "Ada", "LOVELACE", "ADA@example.com", "020 7946 0018")};
  CHECK(net2.run().run.counts.updated == 1);
  REQUIRE(net2.everybody().size() == 1);
  CHECK(net2.person(1)->facts.phone == "020 7946 0018");
  feed.source.people[0].values[3] = "020 7946 0099";
  feed.run();
  CHECK(net2.person(1)->facts.phone == "020 7946 0018");  // Net2 rules from then on
}

TEST_CASE("A removed integration's people are known again when it comes back", "[sync][matching]") {
  SyncDesk desk;
  desk.people(1, 25);
  desk.run();
  const auto ada = desk.person(1)->id;
  Plan plan;
  plan.id = PlanId(desk.world.clock.new_id());
  plan.integration = hq;
  plan.kind = PlanKind::remove_integration;
  plan.people = LeftPeople::keep;
  plan.run = RunId("removal");
  get(desk.world.store->begin_plan(plan));
  get(desk.world.store->offer_plan(plan));
  get(desk.world.store->set_plan_state(plan.id, PlanState::applying));
  DirectoryCommit settings;
  settings.integration = hq;
  settings.run = plan.run;
  get(desk.world.store->apply_changes(plan.id, settings, 500));
  PlanEnd end;
  end.plan = plan.id;
  end.forget_integration = true;
  get(desk.world.store->end_plan(std::move(end)));
  get(desk.world.store->set_switch(hq, Switch::on));

  desk.begin();
  CHECK_FALSE(desk.mirror(1));
  CHECK_FALSE(desk.sync->ever_complete());
  const auto report = desk.run();
  CHECK(report.end == PassEnd::applied);
  CHECK(desk.issues().empty());
  CHECK(desk.everybody().size() == 25);
  CHECK(desk.person(1)->id == ada);
  CHECK(desk.mirror(1)->imported);
}

TEST_CASE("S0-29: a fix is kept, lapses when the source heals, and does not come back", "[sync][matching]") {
  SyncDesk desk;
  desk.source.people = {somebody(1, "Ada", "Lovelace", "none"), record(2)};
  desk.run();
  CHECK(desk.reason(1) == IssueReason::invalid_email);
  desk.fix(1, "email", "ada@example.com");
  desk.run();
  CHECK(desk.issues().empty());
  CHECK(desk.person(1)->facts.email == "ada@example.com");
  desk.run_full();
  CHECK(desk.person(1)->facts.email == "ada@example.com");
  desk.source.at(1).values[2] = "ada@lovelace.example";
  desk.run();
  CHECK(desk.person(1)->facts.email == "ada@lovelace.example");
  CHECK(get(desk.world.store->operator_word(hq)).overrides.empty());
  desk.source.at(1).values[2] = "none";
  desk.run();
  CHECK(desk.reason(1) == IssueReason::invalid_email);
  CHECK(desk.person(1)->facts.email == "ada@lovelace.example");
}
