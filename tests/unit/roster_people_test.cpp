// Whose a record of the roster is, what the guard holds back, and what operators do about both.

#include <catch2/catch.hpp>

#include "tests/unit/roster_house.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

/// People of a Net2 server in the same registry.
void net2_has(RosterHouse& house, std::vector<SourceRecord> people, Integration with = sync_settings()) {
  SyncDesk desk(house.world, std::move(with));
  desk.source.people = std::move(people);
  desk.run();
}

SourceRecord ada_of_net2() {
  return somebody(1, "Ada", "Lovelace", "ada@example.com", "+44 20 7946 0018");
}

const std::string unverified = R"(,"email":"ada@example.com","email_verified":false)";

}  // namespace

TEST_CASE("S1-27: a verified e-mail with agreeing names links to the person of Net2, whose word counts",
          "[roster]") {
  RosterHouse house;
  net2_has(house, {ada_of_net2()});
  house.whole("k1", {rostered("c1", "ada", "LOVELACE", "Ada@Example.com", R"(,"site":"lab")")});
  REQUIRE(house.everybody().size() == 1);
  const auto ada = *house.person("c1");
  CHECK(ada.sources.size() == 2);
  CHECK(ada.facts.first_name == "Ada");
  CHECK(ada.facts.site == "hq");
  CHECK(house.issues().empty());
  CHECK(house.put(house.change("k1", "k2", {dropped("c1")})) == "");
  CHECK_FALSE(house.person("c1")->effective());  // every linked source has to have them
}

TEST_CASE("An e-mail that the cloud has not verified links nobody", "[roster]") {
  RosterHouse house;
  net2_has(house, {ada_of_net2()});
  house.whole("k1", {rostered("c1", "Ada", "Lovelace", "", unverified)});
  CHECK(house.everybody().size() == 1);
  CHECK_FALSE(house.person("c1"));
  REQUIRE(house.issue("c1"));
  SECTION("merged by an operator") {
    const auto id = house.everybody().front().id.value();
    auto merged = house.bench.get(house.issue_desk().merge(house.issue("c1")->number, id, "root"));
    REQUIRE(merged);
    CHECK(merged->resolved);
    CHECK(house.person("c1")->id.value() == id);
    CHECK(house.issues().empty());
  }
  SECTION("skipped, and taken back") {
    const auto number = house.issue("c1")->number;
    REQUIRE(house.bench.get(house.issue_desk().skip(number, "root")));
    CHECK(house.issues().empty());
    CHECK_FALSE(house.person("c1"));
    REQUIRE(house.bench.get(house.issue_desk().unskip(number, "root")));
    CHECK(house.issue("c1"));
  }
  SECTION("verified later") {
    CHECK(house.put(house.change("k1", "k2", {rostered("c1", "Ada", "Lovelace", "ada@example.com")})) == "");
    CHECK(house.person("c1"));
    CHECK(house.everybody().size() == 1);
    CHECK(house.issues().empty());
  }
  SECTION("a word after a restart waits for the roster, which is asked for") {
    house.restart();
    house.settle();
    REQUIRE(house.bench.until([&] { return house.requests() == Words{"null"}; }));
    const auto id = house.everybody().front().id.value();
    auto merged = house.bench.get(house.issue_desk().merge(house.issue("c1")->number, id, "root"));
    REQUIRE_FALSE(merged);
    CHECK(merged.error().detail.find("it is kept") != std::string::npos);
    CHECK(house.whole("k2", {rostered("c1", "Ada", "Lovelace", "", unverified)}) == "");
    CHECK(house.person("c1")->id.value() == id);
    CHECK(house.issues().empty());
  }
  SECTION("who goes at the cloud takes the issue along") {
    CHECK(house.put(house.change("k1", "k2", {dropped("c1"), rostered(7)})) == "");
    CHECK(house.issues().empty());
  }
}

TEST_CASE("A full name alone, or an address under another name, is for an operator", "[roster]") {
  RosterHouse house;
  net2_has(house, {ada_of_net2(), somebody(2, "Bo", "Berg", "bo@example.com")});
  house.whole("k1", {rostered("c1", "Ada", "Lovelace"), rostered("c2", "Bob", "Berg", "bo@example.com")});
  CHECK(house.reason("c1") == IssueReason::name_only);
  CHECK(house.reason("c2") == IssueReason::email_differs_in_name);
  CHECK(house.everybody().size() == 2);
  // A change about somebody else leaves both issues as they are.
  const auto numbers = house.issues();
  CHECK(house.put(house.change("k1", "k2", {rostered(9)})) == "");
  CHECK(house.issues() == numbers);
}

TEST_CASE("Another type than Net2's is an issue, not an overwrite", "[roster]") {
  RosterHouse house;
  net2_has(house, {ada_of_net2()});
  house.whole("k1", {rostered("c1", "Ada", "Lovelace", "ada@example.com", R"(,"person_type":"contractor")")});
  CHECK(house.person("c1")->facts.person_type == PersonType::employee);
  CHECK(house.reason("c1") == IssueReason::type_differs);
  CHECK(house.put(house.change("k1", "k2", {rostered("c1", "Ada", "Lovelace", "ada@example.com")})) == "");
  CHECK(house.issues().empty());
}

TEST_CASE("authority: cloud gives single fields of a person of Net2 to the cloud", "[roster]") {
  RosterHouse house;
  auto net2 = sync_settings();
  net2.sync.authority.phone = Authority::cloud;
  house.settings.integrations = {net2};
  house.desk->use(house.settings);
  net2_has(house, {ada_of_net2()}, net2);
  const std::string phone = R"(,"phone":"+44 1632 960001")";
  house.whole("k1", {rostered("c1", "Ada", "Lovelace", "ada@example.com", phone)});
  CHECK(house.person("c1")->facts.phone == "+44 1632 960001");
  CHECK(house.person("c1")->facts.email == "ada@example.com");
  const std::string other = R"(,"phone":"+44 1632 960002","tags":["vip"])";
  CHECK(house.put(house.change("k1", "k2", {rostered("c1", "Ada", "L", "l@example.com", other)})) == "");
  CHECK(house.person("c1")->facts.last_name == "Lovelace");
  net2_has(house, {ada_of_net2()}, net2);  // Net2's next pass leaves it so
  CHECK(house.person("c1")->facts.phone.starts_with("+44 1632"));
}

TEST_CASE("The cloud's own people: a bad e-mail and a missing name are issues, an unknown site is a skip",
          "[roster]") {
  RosterHouse house;
  CHECK(house.whole("k1", {rostered("c1", "Ada", "Nr1", "no address"), rostered("c2", "Ada", ""),
                           rostered("c3", "Ada", "Nr3", "", R"(,"site":"paris")"), rostered(4)}) == "");
  CHECK(house.reason("c1") == IssueReason::invalid_email);
  CHECK(house.reason("c2") == IssueReason::missing_required_field);
  CHECK(house.present() == Words{"c4"});
  const auto skipped = get(house.world.store->load_index(cloud_integration_id));
  const auto paris = std::ranges::find(skipped, record_number("c3"), &IndexedRecord::number);
  REQUIRE(paris != skipped.end());
  CHECK(paris->skip == SkipReason::no_site);
  SECTION("an operator mends it") {
    REQUIRE(house.bench.get(
        house.issue_desk().fix(house.issue("c1")->number, {{"email", "ada@example.com"}}, "root")));
    CHECK(house.person("c1")->facts.email == "ada@example.com");
  }
  SECTION("who moves to a site that is not known here loses access") {
    CHECK(house.put(house.change(
              "k1", "k2", {rostered("c4", "Ada", "Nr4", "ada4@example.com", R"(,"site":"paris")")})) == "");
    CHECK_FALSE(house.person("c4")->effective());
    CHECK(house.put(house.change("k2", "k3", {rostered(4)})) == "");
    CHECK(house.person("c4")->effective());
  }
  SECTION("a site that becomes known asks for the roster, and its people come") {
    house.settings.gateway.sites.push_back({.id = SiteId("paris"), .timezone = "Europe/Paris"});
    house.desk->use(house.settings);
    REQUIRE(house.bench.until([&] { return house.requests() == Words{"null"}; }));
    house.whole("k2", {rostered("c3", "Ada", "Nr3", "", R"(,"site":"paris")"), rostered(4)});
    CHECK(house.person("c3")->effective());
  }
}

TEST_CASE("A cloud id under another name and e-mail denies the person until an operator has looked",
          "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(2));
  CHECK(house.put(house.change("k1", "k2", {rostered("c1", "Bo", "Berg", "bo@example.com")})) == "");
  CHECK_FALSE(house.person("c1")->effective());
  CHECK(house.reason("c1") == IssueReason::identity_changed);
  REQUIRE(house.bench.get(house.issue_desk().fix(house.issue("c1")->number, {{"person", "same"}}, "root")));
  CHECK(house.person("c1")->effective());
  CHECK(house.person("c1")->facts.first_name == "Bo");
}

TEST_CASE("Removals above roster_guard wait for a plan, additions go on, and nothing of them is lost",
          "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(20));
  Words gone;
  for (int i = 1; i <= 8; ++i) gone.push_back(dropped("c" + std::to_string(i)));
  gone.push_back(rostered(21));
  CHECK(house.put(house.change("k1", "k2", gone)) == "");
  CHECK(house.cursor() == "k2");
  CHECK(house.present().size() == 21);
  REQUIRE(house.plans().size() == 1);
  auto plan = house.plans().front();
  CHECK(plan.kind == PlanKind::roster);
  CHECK(plan.count == 8);
  CHECK(plan.integration == IntegrationId("cloud"));
  SECTION("applied: exactly these") {
    REQUIRE(house.bench.get(house.plan_desk().apply(plan.id, 8, "root")));
    CHECK(house.present().size() == 13);
    CHECK_FALSE(house.person("c1")->effective());
    CHECK(house.plans().empty());
    CHECK(house.put(house.change("k2", "k2", {})) == "");
    CHECK(house.plans().empty());
  }
  SECTION("they wait across a restart and further puts") {
    house.restart();
    CHECK(house.put(house.change("k2", "k3", {rostered(22)})) == "");
    REQUIRE(house.plans().size() == 1);
    CHECK(house.plans().front().id == plan.id);
    CHECK(house.present().size() == 22);
  }
  SECTION("who comes back is no longer in it") {
    CHECK(house.put(house.change("k2", "k3", {rostered(1)})) == "");
    REQUIRE(house.plans().size() == 1);
    CHECK(house.plans().front().count == 7);
    auto stale = house.bench.get(house.plan_desk().apply(plan.id, 8, "root"));
    REQUIRE_FALSE(stale);
    CHECK(stale.error().detail.starts_with(plan_stale));
    plan = house.plans().front();
    REQUIRE(house.bench.get(house.plan_desk().apply(plan.id, 7, "root")));
    CHECK(house.person("c1")->effective());
    CHECK(house.present().size() == 14);
  }
  SECTION("a snapshot says the same, and the same plan waits") {
    Words left;
    for (int i = 9; i <= 21; ++i) left.push_back(rostered(i));
    CHECK(house.whole("k3", left) == "");
    REQUIRE(house.plans().size() == 1);
    CHECK(house.plans().front().id == plan.id);
    CHECK(house.present().size() == 21);
  }
  SECTION("a plan that was confirmed and cut short is finished after a restart") {
    get(house.world.store->set_plan_state(plan.id, PlanState::applying));
    house.restart();
    house.settle();
    CHECK(house.present().size() == 13);
    CHECK(house.plans().empty());
  }
  CHECK(house.put(house.change(*house.cursor(), "k9", {})) == "");
}

TEST_CASE("Removals within the guard are applied at once, and count towards the next ones", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(20));
  CHECK(house.put(house.change("k1", "k2", {dropped("c1"), dropped("c2"), dropped("c3")})) == "");
  CHECK(house.present().size() == 17);
  CHECK(house.plans().empty());
  CHECK(house.put(house.change("k2", "k3", {dropped("c4"), dropped("c5"), dropped("c6")})) == "");
  CHECK(house.present().size() == 17);
  REQUIRE(house.plans().size() == 1);
  CHECK(house.plans().front().count == 3);
  house.world.pass(25h);  // the window is over, and the plan waits all the same
  CHECK(house.put(house.change("k3", "k4", {})) == "");
  CHECK(house.present().size() == 17);
  REQUIRE(house.plans().size() == 1);
  CHECK(house.plans().front().count == 3);
  CHECK(house.put(house.change("k4", "k5", {dropped("c7")})) == "");  // four within the new window
  CHECK(house.present().size() == 16);
  CHECK_FALSE(house.person("c7")->effective());
  REQUIRE(house.plans().size() == 1);
  CHECK(house.plans().front().count == 3);
}

TEST_CASE("A plan's removals wait for their confirmation, though others who came make them few", "[roster]") {
  RosterHouse house;
  house.settings.cloud->roster_guard.percent = 10;
  house.desk->use(house.settings);
  house.whole("k1", house.crowd(100));
  Words gone;
  for (int i = 1; i <= 10; ++i) gone.push_back(dropped("c" + std::to_string(i)));
  gone.push_back(rostered("c11", "Ada", "Nr11", "ada11@example.com", R"(,"site":"paris")"));
  CHECK(house.put(house.change("k1", "k2", gone)) == "");
  REQUIRE(house.plans().size() == 1);
  const auto plan = house.plans().front();
  CHECK(plan.count == 11);
  Words more;
  for (int i = 101; i <= 120; ++i) more.push_back(rostered(i));
  CHECK(house.put(house.change("k2", "k3", more)) == "");
  CHECK(house.put(house.change("k3", "k3", {})) == "");
  CHECK(house.present().size() == 120);
  CHECK(house.person("c1")->effective());
  CHECK(house.person("c11")->effective());
  SECTION("they count for the guard") {
    // 12 of 120 are not more than 10 %, 13 are.
    CHECK(house.put(house.change("k3", "k4", {dropped("c12"), dropped("c13")})) == "");
    CHECK(house.present().size() == 120);
    REQUIRE(house.plans().size() == 1);
    CHECK(house.plans().front().count == 13);
  }
  SECTION("a day later, after a reload and a restart") {
    house.world.pass(25h);
    house.desk->use(house.settings);
    house.settle();
    house.restart();
    CHECK(house.put(house.change("k3", "k4", {})) == "");
    CHECK(house.present().size() == 120);
    REQUIRE(house.plans().size() == 1);
    CHECK(house.plans().front().count == 11);
  }
  SECTION("a snapshot without them") {
    Words left;
    for (int i = 12; i <= 120; ++i) left.push_back(rostered(i));
    CHECK(house.whole("k4", left) == "");
    CHECK(house.present().size() == 120);
    REQUIRE(house.plans().size() == 1);
    CHECK(house.plans().front().count == 11);
  }
  SECTION("confirmed") {
    REQUIRE(house.bench.get(house.plan_desk().apply(plan.id, 11, "root")));
    CHECK(house.present().size() == 109);
    CHECK_FALSE(house.person("c1")->effective());
    CHECK_FALSE(house.person("c11")->effective());
  }
}

TEST_CASE("Who was removed while somebody like them came waits for an operator, across a restart too",
          "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(20));
  const auto anew = rostered("d1", "Ada", "Nr1", "ada1@example.com");
  CHECK(house.put(house.change("k1", "k2", {dropped("c1"), anew})) == "");
  CHECK(house.reason("d1") == IssueReason::recreated);
  CHECK(house.person("c1")->effective());
  CHECK(house.plans().empty());
  SECTION("at once: skipped, and the one who is gone loses access") {
    REQUIRE(house.bench.get(house.issue_desk().skip(house.issue("d1")->number, "root")));
    CHECK_FALSE(house.person("c1")->effective());
    CHECK(house.plans().empty());
  }
  SECTION("after a restart") {
    house.restart();
    house.settle();
    CHECK(house.plans().empty());
    house.desk->use(house.settings);
    house.settle();
    CHECK(house.person("c1")->effective());
    CHECK(house.plans().empty());
    CHECK(house.put(house.change("k2", "k2", {})) == "");
    CHECK(house.person("c1")->effective());
    CHECK(house.plans().empty());
    REQUIRE(house.bench.until([&] { return house.requests() == Words{"null"}; }));
    Words all{anew};
    for (int i = 2; i <= 20; ++i) all.push_back(rostered(i));
    CHECK(house.whole("k3", all) == "");
    CHECK(house.person("c1")->effective());
    CHECK(house.plans().empty());
    REQUIRE(house.bench.get(house.issue_desk().skip(house.issue("d1")->number, "root")));
    CHECK_FALSE(house.person("c1")->effective());
  }
}

TEST_CASE("A plan is offered though somebody was removed while decoupled, and no snapshot is asked for",
          "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(20));
  get(house.world.store->set_tracked(house.person("c20")->id, false, "away", std::nullopt));
  house.desk->know_anew();
  Words gone{dropped("c20")};
  for (int i = 1; i <= 8; ++i) gone.push_back(dropped("c" + std::to_string(i)));
  CHECK(house.put(house.change("k1", "k2", gone)) == "");
  REQUIRE(house.plans().size() == 1);
  CHECK(house.plans().front().count == 8);
  house.restart();
  house.settle();
  REQUIRE(house.plans().size() == 1);
  CHECK(house.plans().front().count == 8);
  CHECK(house.requests().empty());
}

TEST_CASE("Who is removed while decoupled goes when they are coupled again", "[roster]") {
  RosterHouse house;
  house.whole("k1", house.crowd(3));
  const auto id = house.person("c1")->id;
  get(house.world.store->set_tracked(id, false, "away", std::nullopt));
  house.desk->know_anew();
  CHECK(house.put(house.change("k1", "k2", {dropped("c1")})) == "");
  CHECK(house.person("c1")->effective());
  CHECK(house.reason("c1") == IssueReason::decoupled_but_removed);
  CHECK(house.desk->waits().issues == 1);
  house.look_anew_at(get(house.world.store->set_tracked(id, true, "", std::nullopt)));
  house.settle();
  CHECK_FALSE(house.person("c1")->effective());
  CHECK(house.issues().empty());
  CHECK(house.desk->waits().issues == 0);
}
