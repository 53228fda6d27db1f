#include "daemon/core/reconcile.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

const Instant now{Duration{1'780'000'000'000}};
const Pass pass{IntegrationId("net2-hq"), "Head office", now};

PersonFacts facts(std::string last_name = "Lovelace") {
  PersonFacts made;
  made.first_name = "Ada";
  made.last_name = std::move(last_name);
  made.synced_tags = {"staff"};
  return made;
}

RecordFate fate(std::optional<PersonFacts> found, std::optional<SkipReason> skip = std::nullopt) {
  return {.number = 7, .fingerprint = 2, .name = "Ada Lovelace", .facts = std::move(found), .skip = skip};
}

Person known(bool present = true) {
  Person person;
  person.id = PersonId("P1");
  person.facts = facts();
  person.admin_enabled = false;
  person.custom_tags = {"vip"};
  person.sources = {{IntegrationId("cctv"), ExternalId("7"), "CCTV", false},
                    {pass.integration, ExternalId("7"), "Old name", present}};
  return person;
}

MirrorState mirror(std::optional<SkipReason> skip = std::nullopt, bool present = true) {
  return {.fingerprint = 1, .present = present, .skip = skip, .name = "Ada Lovelace"};
}

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
  };
  Person untracked = known();
  untracked.tracked = false;
  const auto email = SkipReason::invalid_email;
  const std::vector<Row> rows{
      {"it is new", {}, fate(facts()), Outcome::added, {}, true},
      {"it was skipped and is good now", {mirror(email), {}}, fate(facts()), Outcome::added, {}, true},
      {"nothing of it changed", {mirror(), known()}, fate(facts()), {}, {}, false},
      {"a fact changed", {mirror(), known()}, fate(facts("King")), Outcome::updated, {"last_name"}, true},
      {"it came back", {mirror({}, false), known(false)}, fate(facts()), Outcome::updated, {"access"}, true},
      {"it came back changed",
       {mirror({}, false), known(false)},
       fate(facts("King")),
       Outcome::updated,
       {"last_name", "access"},
       true},
      {"it is skipped for the first time", {}, fate({}, email), Outcome::skipped, {}, false},
      {"it is skipped as before", {mirror(email), {}}, fate({}, email), {}, {}, false},
      {"it is skipped for another reason",
       {mirror(SkipReason::no_site), {}},
       fate({}, email),
       Outcome::skipped,
       {},
       false},
      {"it is skipped and has a person", {mirror(), known()}, fate({}, email), Outcome::skipped, {}, false},
      {"its skip is over and nothing changed",
       {mirror(email), known()},
       fate(facts()),
       Outcome::processed,
       {},
       false},
      {"the import mode leaves it out",
       {},
       fate({}, SkipReason::excluded_by_mode),
       Outcome::excluded,
       {},
       false},
      {"its person is not tracked", {mirror(), untracked}, fate(facts("King")), Outcome::skipped, {}, false},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION("when " << row.when) {
      const auto after = reconcile(pass, row.before, row.found, PersonId("NEW"));
      CHECK(after.outcome == row.outcome);
      CHECK(after.changed == row.changed);
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
        continue;
      }
      check_untouched(*after.person);
      CHECK(after.person->sources.at(1) ==
            PersonSource{pass.integration, ExternalId("7"), "Head office", true});
    }
  }
}

TEST_CASE("An untracked person is skipped as decoupled", "[reconcile]") {
  Person untracked = known();
  untracked.tracked = false;
  CHECK(reconcile(pass, {mirror(), untracked}, fate(facts("King")), {}).reason == SkipReason::decoupled);
  const auto gone = reconcile_gone(pass, {mirror(), untracked}, 7, OnRemoved::disable);
  CHECK(gone.reason == SkipReason::decoupled);
  CHECK_FALSE(gone.person);
  CHECK_FALSE(gone.mirror->present);
}

TEST_CASE("What becomes of a record that is proven absent", "[reconcile]") {
  SECTION("without a person it is forgotten") {
    CHECK(reconcile_gone(pass, {mirror(SkipReason::no_site), {}}, 7, OnRemoved::disable) == Reconciled{});
  }
  SECTION("its person loses this source's word and no other's") {
    const auto on_removed = GENERATE(OnRemoved::disable, OnRemoved::erase);
    const auto after = reconcile_gone(pass, {mirror(), known()}, 7, on_removed);
    CHECK(after.outcome == Outcome::disabled);
    REQUIRE(after.person);
    check_untouched(*after.person);
    CHECK_FALSE(after.person->sources.at(1).present);
    CHECK_FALSE(after.mirror->present);
    CHECK(after.person->facts == facts());
  }
  SECTION("told once") {
    const auto after = reconcile_gone(pass, {mirror({}, false), known(false)}, 7, OnRemoved::disable);
    CHECK_FALSE(after.outcome);
    CHECK_FALSE(after.person);
  }
  SECTION("kept where the configuration says so") {
    const auto after = reconcile_gone(pass, {mirror(), known()}, 7, OnRemoved::keep);
    CHECK_FALSE(after.outcome);
    CHECK_FALSE(after.person);
    CHECK_FALSE(after.mirror->present);
  }
}
