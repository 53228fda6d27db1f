// Whom an export makes in Net2, whom it brings up to date, whom it leaves alone.

#include <catch2/catch.hpp>

#include "daemon/core/export_rules.hpp"
#include "daemon/host/unicode_fold.hpp"

using namespace gatehouse;

namespace {

const IntegrationId net2{"net2-hq"};
const Instant noon{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

class ExportCase {
 public:
  ExportCase() {
    settings.id = net2;
    auto& sync = settings.sync;
    sync.groups = {
        {"Guests", PersonType::visitor}, {"Office", PersonType::employee}, {"staff ", PersonType::employee}};
    sync.fields = {{FieldTarget::first_name, "firstName"},
                   {FieldTarget::last_name, "lastName"},
                   {FieldTarget::email, "custom:Email"},
                   {FieldTarget::phone, "telephone"}};
    sync.to_net2.mode = ExportMode::automatic;
    sync.to_net2.person_types = {PersonType::employee};
    sync.to_net2.access_levels = {{SiteId("hq"), "Staff"}};
    sync.to_net2.default_access_level = "visitors";
  }
  ExportCase(const ExportCase&) = delete;
  ExportCase& operator=(const ExportCase&) = delete;

  Person& person(const std::string& id = "P1", const std::string& first = "Ada") {
    Person made;
    made.id = PersonId(id);
    made.facts.first_name = first;
    made.facts.last_name = "Lovelace";
    made.facts.email = first + "@example.com";
    made.facts.phone = "020 7946 0018";
    made.facts.site = "hq";
    PersonSource cloud;
    cloud.integration = IntegrationId("cloud");
    cloud.external_id = ExternalId("C-" + id);
    cloud.kind = SourceKind::cloud;
    made.sources.push_back(cloud);
    people.push_back(made);
    return people.back();
  }
  static void link(Person& person, std::int64_t number) {
    PersonSource source;
    source.integration = net2;
    source.external_id = ExternalId(std::to_string(number));
    person.sources.push_back(source);
  }
  /// A user of Net2; with `owner` one of ours.
  void user(std::int64_t number, const ContactFields& fields, const std::string& owner = "") {
    PersonFacts facts;
    facts.first_name = fields.first_name;
    facts.last_name = fields.last_name;
    facts.email = fields.email;
    facts.phone = fields.phone;
    users.put(identity_keys(facts, fold), number);
    if (!owner.empty()) own.push_back({number, PersonId(owner), fields});
  }
  void ours(std::int64_t number, const Person& person) {
    const auto& facts = person.facts;
    user(number, {facts.first_name, facts.last_name, facts.email, facts.phone}, person.id.value());
  }

  ExportWork work() {
    users.seal();
    return export_work({settings, people, own, users, issues, word, levels, departments, fold, noon});
  }
  /// Why the only person is left alone; "" where there is work.
  std::string why() {
    const auto done = work();
    if (!done.empty()) return "";
    return done.left.size() == 1 ? std::string(to_string(done.left[0].second)) : "nothing said";
  }

  Integration settings;
  std::vector<Person> people;
  std::vector<OwnUser> own;
  Lookup users;
  std::vector<Issue> issues;
  OperatorWord word;
  std::vector<NamedNumber> levels{{0, "No access"}, {3, "Staff"}, {5, "Visitors"}};
  std::vector<NamedNumber> departments{{0, "(none)"}, {7, "Staff"}, {9, "Guests"}};
  UnicodeFold fold;
};

}  // namespace

TEST_CASE("S1-24: the owner mark is gatehouse: and the person's id", "[export]") {
  CHECK(owner_mark(PersonId("01ARZ")) == "gatehouse:01ARZ");
  CHECK(owner_of(" gatehouse:01ARZ ") == PersonId("01ARZ"));
  for (const auto* text : {"", "gatehouse:", "Gatehouse:01ARZ", "01ARZ", "ours gatehouse:01ARZ"})
    CHECK_FALSE(owner_of(text));
}

TEST_CASE("S1-24: a cloud employee with access and without a user here is made", "[export]") {
  ExportCase that;
  that.person();
  const auto work = that.work();
  REQUIRE(work.creates.size() == 1);
  const auto& create = work.creates[0];
  CHECK(create.person == PersonId("P1"));
  CHECK(create.fields == ContactFields{"Ada", "Lovelace", "Ada@example.com", "020 7946 0018"});
  CHECK(create.department == NamedNumber{7, "Staff"});  // "Office" is mapped first, and Net2 has it not
  CHECK(work.updates.empty());
  CHECK(work.links.empty());
}

TEST_CASE("S1-24: who is left alone, and why", "[export]") {
  struct Row {
    const char* why;
    std::function<void(ExportCase&, Person&)> make;
  };
  const auto row = GENERATE(values<Row>({
      {"other_type", [](ExportCase&, Person& p) { p.facts.person_type = PersonType::visitor; }},
      {"no_access", [](ExportCase&, Person& p) { p.admin_enabled = false; }},
      {"no_access", [](ExportCase&, Person& p) { p.sources[0].present = false; }},
      {"no_access", [](ExportCase&, Person& p) { p.facts.valid_until = noon; }},
      {"decoupled", [](ExportCase&, Person& p) { p.tracked = false; }},
      {"other_site", [](ExportCase& c, Person&) { c.settings.sites = {SiteId("annex")}; }},
      {"linked", [](ExportCase&, Person& p) { ExportCase::link(p, 17); }},
      {"no_name", [](ExportCase&, Person& p) { p.facts.last_name = "  "; }},
      {"already_there",
       [](ExportCase& c, Person&) { c.user(17, {"ADA", "Lovelace ", "ada@EXAMPLE.com", ""}); }},
      {"already_there",
       [](ExportCase& c, Person&) { c.user(17, {"Ada", "Lovelace", "", "+44 20 7946 0018"}); }},
      {"under_review",
       [](ExportCase& c, Person&) {
         Issue issue;
         issue.integration = net2;
         issue.reason = IssueReason::name_only;
         issue.record = 17;
         issue.others = {"P1"};
         c.issues.push_back(issue);
       }},
      {"marked_twice",
       [](ExportCase& c, Person& p) {
         c.ours(17, p);
         c.ours(18, p);
       }},
      {"operators_word",
       [](ExportCase& c, Person& p) {
         c.ours(17, p);
         RecordChoice skip;
         skip.record = 17;
         c.word.choices.push_back(skip);
       }},
      {"", [](ExportCase& c, Person&) { c.settings.sites = {SiteId("hq"), SiteId("annex")}; }},
      {"",
       [](ExportCase& c, Person& p) {
         c.settings.sites = {SiteId("annex")};
         p.facts.sites = {"hq", "annex"};
       }},
      {"", [](ExportCase& c, Person&) { c.user(17, {"Ada", "Lovelace", "other@example.com", ""}); }},
      {"", [](ExportCase& c, Person&) { c.user(17, {"Ada", "King", "ada@example.com", "020 7946 0018"}); }},
      {"", [](ExportCase&, Person& p) { p.facts.valid_until = noon + Duration{1}; }},
  }));
  ExportCase that;
  row.make(that, that.person());
  CHECK(that.why() == row.why);
}

TEST_CASE("S1-24: a roster that names a person twice makes one user", "[export]") {
  ExportCase that;
  that.person("P1");
  that.person("P2");
  that.person("P3", "Grace").facts.phone = "1";
  const auto work = that.work();
  REQUIRE(work.creates.size() == 2);
  CHECK(work.creates[0].person == PersonId("P1"));
  CHECK(work.creates[1].person == PersonId("P3"));
}

TEST_CASE("S1-25: the level goes by the home site, else by default", "[export]") {
  struct Row {
    std::string site;
    std::optional<std::string> fallback;
    std::optional<std::int64_t> level;
  };
  const auto row = GENERATE(values<Row>({{"hq", "visitors", 3},
                                         {"annex", "visitors", 5},
                                         {"", "visitors", 5},
                                         {"annex", std::nullopt, std::nullopt},
                                         {"annex", "No access", std::nullopt}}));
  ExportCase that;
  that.settings.sync.to_net2.default_access_level = row.fallback;
  that.person().facts.site = row.site;
  const auto work = that.work();
  REQUIRE(work.creates.size() == 1);
  CHECK(work.creates[0].access_level.has_value() == row.level.has_value());
  if (row.level) CHECK(work.creates[0].access_level->number == *row.level);
}

TEST_CASE("S1-25: a level's name that Net2 has not, or has twice, is an issue, and there is no work at all",
          "[export]") {
  ExportCase that;
  that.ours(18, that.person("P2", "Grace"));
  that.person("P1");
  std::string said;
  SECTION("of a site where nobody is") {
    that.settings.sync.to_net2.access_levels[SiteId("lab")] = "Scientists";
    said = "Scientists";
  }
  SECTION("twice") {
    that.levels.push_back({8, "STAFF"});
    said = "Staff (more than one has this name)";
  }
  SECTION("both") {
    that.levels = {{0, "No access"}};
    said = "Staff, visitors";
  }
  const auto work = that.work();
  CHECK(work.empty());
  REQUIRE(work.issues.size() == 1);
  CHECK(work.issues[0].reason == IssueReason::unknown_access_level);
  CHECK(work.issues[0].fields.at("access_level") == said);
}

TEST_CASE("S1-24: only users with our mark are brought up to date, and only in what is the cloud's",
          "[export]") {
  struct Row {
    Authority authority;
    bool linked;
    bool written;
  };
  const auto row = GENERATE(values<Row>({{Authority::cloud, true, true},
                                         {Authority::cloud, false, true},
                                         {Authority::source, true, false},
                                         {Authority::source, false, true},
                                         {Authority::none, true, false},
                                         {Authority::none, false, false}}));
  ExportCase that;
  that.settings.sync.authority = {row.authority, row.authority, row.authority, row.authority};
  auto& person = that.person();
  if (row.linked) ExportCase::link(person, 17);
  that.user(17, {"Ada", "Byron", "ada@example.com ", "020 7946 0018"}, "P1");
  that.user(18, {"Ada", "Lovelace", "", ""});  // a namesake who is not ours
  person.facts.email = "ada@example.com";
  const auto work = that.work();
  CHECK(work.creates.empty());
  CHECK(work.links.size() == (row.linked ? 0 : 1));
  REQUIRE(work.updates.size() == (row.written ? 1 : 0));
  if (!row.written) return;
  CHECK(work.updates[0].number == 17);
  CHECK(work.updates[0].fields == std::vector<FieldWrite>{{FieldTarget::last_name, "Byron", "Lovelace"}});
  // S1-26, S1-35: never permissions, never dates.
  const auto json = plan_change_json(plan_change_of(work.updates[0]));
  CHECK(
      json ==
      R"({"op":"update","external_id":"17","person":"P1","name":"Ada Lovelace","fields":{"last_name":"Lovelace"}})");
}

TEST_CASE("S1-24: what the cloud does not know takes nothing from a user", "[export]") {
  ExportCase that;
  const bool linked = GENERATE(true, false);
  that.settings.sync.authority = {Authority::cloud, Authority::cloud, Authority::cloud, Authority::cloud};
  auto& person = that.person();
  that.ours(17, person);
  if (linked) ExportCase::link(person, 17);
  person.facts.first_name = "";
  person.facts.email = "";
  const auto work = that.work();
  CHECK(work.updates.size() == (linked ? 1 : 0));  // a linked one's e-mail was taken away in the cloud
  if (linked)
    CHECK(work.updates[0].fields == std::vector<FieldWrite>{{FieldTarget::email, "Ada@example.com", ""}});
}

TEST_CASE("S1-24: a user that was made and not linked is taken up again, not made again", "[export]") {
  ExportCase that;
  auto& person = that.person();
  that.ours(17, person);
  SECTION("not linked yet") {
    const auto work = that.work();
    CHECK(work.creates.empty());
    REQUIRE(work.links.size() == 1);
    CHECK(work.links[0] == ExportLink{17, PersonId("P1"), NamedNumber{3, "Staff"}, NamedNumber{7, "Staff"}});
  }
  SECTION("its link is said, and the pass that makes it has still to come") {
    RecordChoice link;
    link.record = 17;
    link.kind = RecordChoice::Kind::link;
    link.person = PersonId("P1");
    that.word.choices.push_back(link);
    CHECK(that.work().empty());
  }
  SECTION("linked") {
    ExportCase::link(person, 17);
    CHECK(that.work().empty());
  }
}

TEST_CASE("S1-24: a plan lists exactly what will be written", "[export]") {
  ExportCase that;
  auto& person = that.person();
  person.facts.phone = "";
  person.facts.valid_until = noon + std::chrono::hours(24);
  const auto work = that.work();
  REQUIRE(work.creates.size() == 1);
  CHECK(plan_change_json(plan_change_of(work.creates[0])) ==
        R"({"op":"add","external_id":"","person":"P1","name":"Ada Lovelace","fields":{"first_name":"Ada",)"
        R"("last_name":"Lovelace","email":"Ada@example.com","valid_until":"2026-06-02T00:00:00Z",)"
        R"("access_level":"Staff","department":"Staff","owner":"gatehouse:P1"}})");
}
