// What one record of a complete read does to the registry, path by path.

#include "daemon/core/reconcile.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/reconcile_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// What no pass may touch.
void check_untouched(const Person& after) {
  CHECK(after.id == PersonId("P1"));
  CHECK_FALSE(after.admin_enabled);
  CHECK(after.tracked);
  CHECK(after.custom_tags == std::vector<std::string>{"vip"});
  CHECK(after.sources.at(0) == known().sources[0]);
}

}  // namespace

TEST_CASE("What becomes of a record that is there", "[reconcile]") {
  using Names = std::vector<std::string>;
  struct Row {
    std::string when;
    RecordBefore before;
    RecordFate found;
    std::optional<Outcome> outcome;
    Names changed;
    bool writes_person;
    std::optional<PlanOp> op;
  };
  const auto email = SkipReason::invalid_email;
  const std::vector<Row> rows{
      {"it is new", {}, fate(facts()), Outcome::added, {}, true, PlanOp::add},
      {"it was skipped and is good now",
       before(mirror(email), {}),
       fate(facts()),
       Outcome::added,
       {},
       true,
       PlanOp::add},
      {"nothing of it changed", before(mirror(), known()), fate(facts()), {}, {}, false, {}},
      {"a fact changed",
       before(mirror(), known()),
       fate(facts("King")),
       Outcome::updated,
       {"last_name"},
       true,
       PlanOp::update},
      {"it came back",
       before(mirror({}, false), known(false)),
       fate(facts()),
       Outcome::updated,
       {"access"},
       true,
       PlanOp::update},
      {"it came back changed",
       before(mirror({}, false), known(false)),
       fate(facts("King")),
       Outcome::updated,
       {"last_name", "access"},
       true,
       PlanOp::update},
      {"it is skipped for the first time", {}, fate({}, email), Outcome::skipped, {}, false, {}},
      {"it is skipped as before", before(mirror(email), {}), fate({}, email), {}, {}, false, {}},
      {"it is skipped for another reason",
       before(mirror(SkipReason::no_site), {}),
       fate({}, email),
       Outcome::skipped,
       {},
       false,
       {}},
      {"it is skipped and has a person",
       before(mirror(), known()),
       fate({}, email),
       Outcome::skipped,
       {},
       false,
       {}},
      {"its skip is over and nothing changed",
       before(mirror(email), known()),
       fate(facts()),
       Outcome::processed,
       {},
       false,
       {}},
      {"the import mode leaves it out",
       {},
       fate({}, SkipReason::excluded_by_mode),
       Outcome::excluded,
       {},
       false,
       {}},
      {"its person is not tracked",
       before(mirror(), untracked()),
       fate(facts("King")),
       Outcome::skipped,
       {},
       false,
       {}},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION("when " << row.when) {
      const auto after = reconcile(pass, row.before, row.found, PersonId("NEW"));
      CHECK(after.outcome == row.outcome);
      CHECK(after.changed == row.changed);
      CHECK(after.op == row.op);
      CHECK(after.end == PersonEnd::none);
      CHECK(after.person.has_value() == row.writes_person);
      REQUIRE(after.mirror);
      CHECK(after.mirror->present);
      CHECK(after.mirror->fingerprint == 2);
      const bool told_why = row.outcome == Outcome::skipped || row.outcome == Outcome::excluded;
      CHECK(after.reason.has_value() == told_why);
      if (!after.person) continue;
      CHECK(after.person->facts == *row.found.facts);
      CHECK(after.person->last_synced == now);
      if (!row.before.person) {
        CHECK(after.person->id == PersonId("NEW"));
        CHECK(after.person->effective());
        CHECK(after.person->sources.at(0).rule == LinkRule::created);
        CHECK(after.person->sources.at(0).linked == now);
        continue;
      }
      check_untouched(*after.person);
      CHECK(after.person->sources.at(1).present);
      CHECK(after.person->sources.at(1).badge == "Head office");
    }
  }
}

TEST_CASE("A record that is skipped keeps the keys under which its person is known", "[reconcile]") {
  const auto after = reconcile(pass, before(mirror(), known()), fate({}, SkipReason::invalid_email), {});
  CHECK(after.mirror->keys == mirror().keys);
  CHECK(reconcile(pass, {}, fate({}, SkipReason::invalid_email), {}).mirror->keys == fate({}).keys);
}

TEST_CASE("S2-29: a decoupled person is skipped whole, and a removal leaves them as they are",
          "[reconcile]") {
  CHECK(reconcile(pass, before(mirror(), untracked()), fate(facts("King")), {}).reason ==
        SkipReason::decoupled);
  for (const auto& found : {fate({}, SkipReason::identity_changed), leaving()}) {
    const auto after = reconcile(pass, before(mirror(), untracked()), found, {});
    CHECK_FALSE(after.person);
    CHECK(after.reason == SkipReason::decoupled);
  }
  const auto gone = reconcile_gone(pass, before(mirror(), untracked()), 7);
  CHECK(gone.reason == SkipReason::decoupled);
  CHECK_FALSE(gone.person);
  CHECK(gone.mirror->present);  // so that each pass finds it gone, and the issue stays open
  REQUIRE(gone.issues.size() == 1);
  CHECK(gone.issues[0].reason == IssueReason::decoupled_but_removed);
  CHECK(gone.issues[0].others == std::vector<std::string>{"P1"});
  const auto again = reconcile_gone(pass, before(gone.mirror, untracked()), 7);
  CHECK_FALSE(again.outcome);
  CHECK(again.mirror == gone.mirror);
  CHECK(again.issues.size() == 1);
}

TEST_CASE("S2-28: what becomes of a record that is proven absent", "[reconcile]") {
  SECTION("without a person it is forgotten") {
    CHECK(reconcile_gone(pass, before(mirror(SkipReason::no_site), {}), 7) == Reconciled{});
  }
  SECTION("its person loses this source's word and no other's") {
    auto with = pass;
    with.on_removed = GENERATE(OnRemoved::disable, OnRemoved::erase);
    const auto after = reconcile_gone(with, before(mirror(), known()), 7);
    CHECK(after.outcome == Outcome::disabled);
    CHECK(after.end == PersonEnd::disabled);
    CHECK(after.op == PlanOp::disable);
    REQUIRE(after.person);
    check_untouched(*after.person);
    CHECK_FALSE(after.person->sources.at(1).present);
    CHECK_FALSE(after.mirror->present);
    CHECK(after.mirror->absent_since == now);
    CHECK(after.person->facts == facts());
  }
  SECTION("told once") {
    const auto after = reconcile_gone(pass, before(mirror({}, false), known(false)), 7);
    CHECK_FALSE(after.outcome);
    CHECK_FALSE(after.person);
    CHECK_FALSE(after.op);
  }
  SECTION("kept where the configuration says so, with an issue that stays") {
    auto with = pass;
    with.on_removed = OnRemoved::keep;
    const auto after = reconcile_gone(with, before(mirror(), known()), 7);
    CHECK_FALSE(after.outcome);
    CHECK_FALSE(after.person);
    CHECK(after.mirror == mirror());
    REQUIRE(after.issues.size() == 1);
    CHECK(after.issues[0].reason == IssueReason::removed_but_kept);
    SECTION("but leaving a mapped group is another matter") {
      CHECK(reconcile_gone(with, before(mirror(), known()), 7, SkipReason::group_not_mapped).person);
    }
  }
  SECTION("its person was linked anew under another id: nothing is left to do") {
    auto relinked = known();
    relinked.sources[1].external_id = ExternalId("8");
    CHECK(reconcile_gone(pass, before(mirror(), relinked), 7) == Reconciled{});
  }
}

TEST_CASE("B.2-8: leaving a mapped group takes the access, out of scope does not", "[reconcile]") {
  const auto left = reconcile(pass, before(mirror(), known()), leaving(), {});
  CHECK(left.outcome == Outcome::disabled);
  CHECK(left.reason == SkipReason::group_not_mapped);
  CHECK(left.end == PersonEnd::disabled);
  REQUIRE(left.person);
  check_untouched(*left.person);
  CHECK_FALSE(left.person->sources.at(1).present);
  CHECK(left.mirror->present);
  CHECK_FALSE(reconcile(pass, before(left.mirror, left.person), leaving(), {}).outcome);  // told once

  const auto out = reconcile(pass, before(mirror(), known()), fate({}, SkipReason::out_of_scope), {});
  CHECK(out.outcome == Outcome::skipped);
  CHECK_FALSE(out.person);
}

TEST_CASE("S0-40: an id under another name and e-mail denies its person until that is settled",
          "[reconcile]") {
  const auto doubted = fate({}, SkipReason::identity_changed);
  const auto denied = reconcile(pass, before(mirror(), known()), doubted, {});
  CHECK(denied.outcome == Outcome::failed);
  CHECK(denied.reason == SkipReason::identity_changed);
  CHECK(denied.end == PersonEnd::disabled);
  REQUIRE(denied.person);
  check_untouched(*denied.person);
  CHECK(denied.person->facts == facts());
  CHECK_FALSE(denied.person->sources.at(1).present);
  CHECK(denied.mirror->keys == mirror().keys);  // still those of the person that is known
  CHECK_FALSE(reconcile(pass, before(denied.mirror, denied.person), doubted, {}).outcome);

  SECTION("the same person under a new name takes over everything") {
    const auto same =
        reconcile(pass, before(denied.mirror, denied.person), fate(facts("King")), PersonId("NEW"));
    REQUIRE(same.person);
    check_untouched(*same.person);
    CHECK(same.person->source_present() == known().source_present());
    CHECK(same.person->sources.at(1).present);
    CHECK(same.changed == std::vector<std::string>{"last_name", "access"});
  }
  SECTION("somebody else is a new person, and the former is gone from this source") {
    auto found = fate(facts("King"));
    found.stranger = true;
    const auto other = reconcile(pass, before(denied.mirror, denied.person), found, PersonId("NEW"));
    REQUIRE(other.person);
    CHECK(other.person->id == PersonId("NEW"));
    CHECK(other.person->admin_enabled);
    CHECK(other.person->custom_tags.empty());
    CHECK(other.op == PlanOp::add);
    CHECK(replaces(before(denied.mirror, denied.person), found));
    const auto left = reconcile_replaced(pass, before(denied.mirror, denied.person), found);
    REQUIRE(left.person);
    check_untouched(*left.person);
    CHECK(left.person->facts == facts());
    CHECK(left.person->sources.at(1).external_id == ExternalId("7/P1"));
    CHECK_FALSE(left.person->sources.at(1).present);
    CHECK(left.end == PersonEnd::disabled);
    CHECK(left.outcome == Outcome::disabled);
    CHECK(left.op == PlanOp::disable);
    REQUIRE(left.mirror);
    CHECK(left.mirror->external_id == "7/P1");
    CHECK(left.mirror->name == "Ada Lovelace");
    CHECK_FALSE(left.mirror->present);
    CHECK(left.mirror->absent_since == now);  // for on_removed: delete
    auto keeps = pass;
    keeps.on_removed = OnRemoved::keep;
    const auto kept = reconcile_replaced(keeps, before(mirror(), known()), found);
    REQUIRE(kept.person);
    CHECK(kept.person->sources.at(1).present);
    CHECK(kept.mirror->present);
    CHECK(kept.end == PersonEnd::none);
    CHECK(kept.op == PlanOp::update);
    CHECK_FALSE(replaces(before(mirror(), untracked()), found));
  }
}

TEST_CASE("A link gives a record to the person that was found", "[reconcile]") {
  Person cloud;
  cloud.id = PersonId("P9");
  cloud.facts = facts("Byron");
  cloud.facts.person_type = PersonType::member;
  cloud.sources = {source_of("cloud", "C1", SourceKind::cloud, true)};
  auto found = fate(facts());
  found.link = RecordLink{
      .person = PersonId("P9"), .other_record = {}, .rule = LinkRule::email, .evidence = "ada@example.com"};
  SECTION("by its rule, with evidence; Net2 then rules the facts") {
    const auto after = reconcile(pass, {.mirror = {}, .person = {}, .target = cloud}, found, PersonId("NEW"));
    CHECK(after.outcome == Outcome::updated);
    CHECK(after.op == PlanOp::link);
    REQUIRE(after.person);
    CHECK(after.person->id == PersonId("P9"));
    CHECK(after.person->facts == facts());
    REQUIRE(after.person->sources.size() == 2);
    CHECK(after.person->sources[1].rule == LinkRule::email);
    CHECK(after.person->sources[1].evidence == "ada@example.com");
    CHECK(after.changed == std::vector<std::string>{"last_name", "person_type", "sources"});
  }
  SECTION("who has an id back that somebody else had meanwhile has it once") {
    cloud.sources = {source_of("net2-hq", "7/P9", SourceKind::net2, false)};
    const auto after = reconcile(pass, {.mirror = {}, .person = {}, .target = cloud}, found, PersonId("NEW"));
    REQUIRE(after.person);
    REQUIRE(after.person->sources.size() == 1);
    CHECK(after.person->sources[0].external_id == ExternalId("7"));
  }
  SECTION("a link made anew takes the place of the former id") {
    cloud.sources = {source_of("net2-hq", "3", SourceKind::net2, false)};
    found.link->rule = LinkRule::relinked;
    found.link->other_record = 3;
    const auto after = reconcile(pass, {.mirror = {}, .person = {}, .target = cloud}, found, PersonId("NEW"));
    REQUIRE(after.person);
    REQUIRE(after.person->sources.size() == 1);
    CHECK(after.person->sources[0].external_id == ExternalId("7"));
    CHECK(after.person->source_present());
  }
  SECTION("whoever has gone meanwhile is no reason to make somebody") {
    const auto after = reconcile(pass, {}, found, PersonId("NEW"));
    CHECK_FALSE(after.person);
    CHECK(after.reason == SkipReason::ambiguous_match);
  }
}

TEST_CASE("B.2-14: type, site and tags come from the source that rules, and another type is an issue",
          "[reconcile]") {
  auto person = known();
  auto feed = pass;
  feed.integration = IntegrationId("cctv");
  feed.kind = SourceKind::feed;
  auto found = fate(facts("Other"));
  found.facts->person_type = PersonType::contractor;
  found.facts->synced_tags = {"feed"};
  const auto after = reconcile(feed, before(mirror({}, false), person), found, {});
  REQUIRE(after.person);
  CHECK(after.person->facts == facts());
  CHECK(after.person->sources.at(0).present);
  REQUIRE(after.issues.size() == 1);
  CHECK(after.issues[0].reason == IssueReason::type_differs);
  CHECK(after.issues[0].fields.at("person_type") == "contractor");

  // Whoever speaks first: the source that rules finds what the other has said.
  CHECK(after.person->sources.at(0).says == PersonType::contractor);
  const auto ruling = reconcile(pass, before(mirror(), *after.person), fate(facts("King")), {});
  REQUIRE(ruling.person);
  CHECK(ruling.person->facts.person_type == PersonType::employee);
  REQUIRE(ruling.issues.size() == 1);
  CHECK(ruling.issues[0].reason == IssueReason::type_differs);
  CHECK(ruling.issues[0].fields.at("person_type") == "contractor");
  auto agreed = fate(facts("King"));
  agreed.facts->person_type = PersonType::contractor;
  CHECK(reconcile(pass, before(mirror(), *after.person), agreed, {}).issues.empty());
  // Nothing is told of a word that changes nothing, and it is kept.
  person.sources.at(1).says.reset();
  const auto noted = reconcile(pass, before(mirror(), person), fate(facts()), {});
  CHECK_FALSE(noted.outcome);
  REQUIRE(noted.person);
  CHECK(noted.person->sources.at(1).says == PersonType::employee);
  CHECK_FALSE(reconcile(pass, before(noted.mirror, noted.person), fate(facts()), {}).person);

  found.facts->person_type = PersonType::employee;
  CHECK(reconcile(feed, before(mirror({}, false), person), found, {}).issues.empty());
}

TEST_CASE("B.2-4: a field is written by whom the configuration names", "[reconcile]") {
  struct Row {
    Authority authority;
    bool in_cloud;
    bool taken;
    bool issue;
  };
  const auto row = GENERATE(values<Row>({
      {Authority::source, true, true, false},
      {Authority::cloud, true, false, false},
      {Authority::cloud, false, true, false},
      {Authority::none, true, false, true},
      {Authority::none, false, false, true},
  }));
  auto with = pass;
  with.authority.last_name = row.authority;
  auto person = known();
  if (row.in_cloud) person.sources.push_back(source_of("cloud", "C1", SourceKind::cloud, true));
  auto found = fate(facts("King"));
  found.facts->email = "king@example.com";
  const auto after = reconcile(with, before(mirror(), person), found, {});
  REQUIRE(after.person);
  CHECK(after.person->facts.last_name == (row.taken ? "King" : "Lovelace"));
  CHECK(after.person->facts.email == "king@example.com");
  CHECK(after.issues.size() == (row.issue ? 1 : 0));
  for (const auto& issue : after.issues) {
    CHECK(issue.reason == IssueReason::field_differs);
    CHECK(issue.fields == std::map<std::string, std::string>{{"last_name", "King"}});
  }
}

TEST_CASE("A removal that is withheld says so once and changes nothing", "[reconcile]") {
  const auto held = reconcile_withheld(before(mirror(), known()));
  CHECK(held.reason == SkipReason::guard_withheld);
  CHECK(held.outcome == Outcome::skipped);
  CHECK_FALSE(held.person);
  CHECK(held.mirror->present);
  CHECK(held.mirror->fingerprint == mirror().fingerprint);
  CHECK_FALSE(reconcile_withheld(before(held.mirror, known())).outcome);
}

TEST_CASE("S0-45: with delete a person goes later, unless another source has them as well", "[reconcile]") {
  auto overdue = mirror({}, false);
  overdue.absent_since = Instant{};
  const auto other_source = reconcile_erased(pass, before(overdue, known(false)), 7, false);
  CHECK_FALSE(
      other_source.person);  // absent here, so access stays away until a plan or a word says otherwise
  CHECK_FALSE(other_source.unlinks);
  REQUIRE(other_source.mirror);
  CHECK_FALSE(other_source.mirror->absent_since);  // nor is it looked at again
  const auto one = reconcile_erased(pass, before(mirror({}, false), known(false)), 7, true);
  CHECK(one.outcome == Outcome::removed);
  CHECK(one.end == PersonEnd::none);
  CHECK_FALSE(one.mirror);
  CHECK(one.unlinks);
  REQUIRE(one.person);
  CHECK(one.person->sources.size() == 1);
  auto alone = known(false);
  alone.sources.erase(alone.sources.begin());
  const auto last = reconcile_erased(pass, before(mirror({}, false), alone), 7, false);
  CHECK(last.end == PersonEnd::removed);
  CHECK(last.op == PlanOp::remove);
  CHECK(reconcile_erased(pass, before(mirror(), {}), 7, false) == Reconciled{});
}
