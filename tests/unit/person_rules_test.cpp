// Which of a person's sources count, and what becomes of one whose integration goes (contract.md §5).

#include <map>

#include <catch2/catch.hpp>

#include "daemon/core/known_person.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/sync_plan.hpp"
#include "daemon/host/unicode_fold.hpp"

using namespace gatehouse;

namespace {

PersonSource source(const char* integration, bool present, bool removed, SourceKind kind = SourceKind::net2) {
  PersonSource made;
  made.integration = IntegrationId(integration);
  made.external_id = ExternalId("1");
  made.present = present;
  made.kind = kind;
  made.removed = removed;
  return made;
}

Person person_of(std::vector<PersonSource> sources) {
  Person person;
  person.id = PersonId("01P");
  person.sources = std::move(sources);
  return person;
}

Instant at(std::int64_t ms) {
  return Instant{Duration{ms}};
}

}  // namespace

TEST_CASE("A person is present where each source has them that no plan has removed", "[person]") {
  struct Row {
    std::vector<PersonSource> sources;
    bool present;
  };
  const auto row = GENERATE(values<Row>({
      {{}, false},
      {{source("a", true, false), source("b", true, false)}, true},
      {{source("a", true, false), source("b", false, false)}, false},
      {{source("a", true, false), source("b", false, true)}, true},
      {{source("a", false, false), source("b", true, true)}, false},
      {{source("a", false, false), source("b", false, true)}, false},
      {{source("b", false, true)}, false},  // disabled with its integration
      {{source("b", true, true)}, true},    // kept
      {{source("b", true, true), source("c", false, true)}, false},
      // A name that was once said at a desk brings nobody back.
      {{source("b", false, true), source("walk_in", true, false, SourceKind::walk_in)}, false},
  }));
  const Person person = person_of(row.sources);
  CHECK(person.source_present() == row.present);
  CHECK(person.effective() == row.present);
  // The door says the same.
  const UnicodeFold fold;
  CHECK(known_person(person, fold).source_present() == row.present);
}

TEST_CASE("A source that a plan has removed rules nobody whom another one has", "[person]") {
  Person person = person_of({source("gone", false, true), source("hr", true, false, SourceKind::feed)});
  REQUIRE(person.main_source());
  CHECK(person.main_source()->integration == IntegrationId("hr"));
  person.sources.pop_back();
  CHECK(person.main_source()->integration == IntegrationId("gone"));
  person.sources.clear();
  CHECK(person.main_source() == nullptr);
}

TEST_CASE("S2-21: whoever looks sees the last read of a source that has the person", "[person]") {
  const std::map<IntegrationId, Instant> reads{
      {IntegrationId("a"), at(500)}, {IntegrationId("b"), at(900)}, {IntegrationId("gone"), at(990)}};
  const auto last_read = [&](const IntegrationId& id) {
    const auto found = reads.find(id);
    return found == reads.end() ? std::nullopt : std::optional(found->second);
  };
  Person person =
      person_of({source("a", true, false), source("b", false, false), source("gone", true, true)});
  CHECK(last_synced(person, last_read) == at(500));
  person.last_synced = at(700);
  CHECK(last_synced(person, last_read) == at(700));
  person.sources[1].present = true;
  CHECK(last_synced(person, last_read) == at(900));
  person.tracked = false;  // no pass looks at them
  CHECK(last_synced(person, last_read) == at(700));
  CHECK_FALSE(last_synced(person_of({source("new", true, false)}), last_read));
}

TEST_CASE("S0-55: who loses a source and who loses access with an integration", "[person][plans]") {
  using Op = std::optional<PlanOp>;
  struct Row {
    LeftSource source;
    Op keep, disable;
  };
  const auto row = GENERATE(values<Row>({
      {{.present = true, .tracked = true, .elsewhere = false}, {}, PlanOp::disable},
      {{.present = false, .tracked = true, .elsewhere = false}, {}, {}},
      {{.present = true, .tracked = false, .elsewhere = false}, {}, {}},
      {{.present = true, .tracked = true, .elsewhere = true}, {}, PlanOp::update},
      {{.present = false, .tracked = true, .elsewhere = true}, PlanOp::update, PlanOp::update},
      {{.present = false, .tracked = false, .elsewhere = true}, PlanOp::update, PlanOp::update},
  }));
  CHECK(left_by(LeftPeople::keep, row.source) == row.keep);
  CHECK(left_by(LeftPeople::disable, row.source) == row.disable);
  CHECK(left_by(LeftPeople::erase, row.source) == PlanOp::remove);
}
