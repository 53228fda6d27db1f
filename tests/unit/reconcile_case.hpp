#pragma once
// Records, fates and people for the rules of reconcile.

#include <optional>
#include <string>
#include <utility>

#include "daemon/core/reconcile.hpp"

namespace gatehouse::test {

inline const Instant now{Duration{1'780'000'000'000}};

inline Pass pass_of_hq() {
  Pass made;
  made.integration = IntegrationId("net2-hq");
  made.badge = "Head office";
  made.now = now;
  return made;
}
inline const Pass pass = pass_of_hq();

inline PersonFacts facts(std::string last_name = "Lovelace") {
  PersonFacts made;
  made.first_name = "Ada";
  made.last_name = std::move(last_name);
  made.email = "ada@example.com";
  made.synced_tags = {"staff"};
  return made;
}

inline RecordFate fate(std::optional<PersonFacts> found, std::optional<SkipReason> skip = std::nullopt) {
  RecordFate made;
  made.number = 7;
  made.fingerprint = 2;
  made.keys = {.name = 21, .email = 22, .phone = 0};
  made.name = "Ada Lovelace";
  made.facts = std::move(found);
  made.skip = skip;
  return made;
}

inline RecordFate leaving() {
  auto made = fate({}, SkipReason::group_not_mapped);
  made.leaves = true;
  return made;
}

inline PersonSource source_of(const std::string& integration, const std::string& id, SourceKind kind,
                              bool present) {
  PersonSource made;
  made.integration = IntegrationId(integration);
  made.external_id = ExternalId(id);
  made.badge = integration;
  made.kind = kind;
  made.present = present;
  return made;
}

inline Person known(bool present = true) {
  Person person;
  person.id = PersonId("P1");
  person.facts = facts();
  person.admin_enabled = false;
  person.custom_tags = {"vip"};
  person.sources = {source_of("cctv", "7", SourceKind::feed, false),
                    source_of("net2-hq", "7", SourceKind::net2, present)};
  person.sources.back().says = person.facts.person_type;
  return person;
}

inline MirrorState mirror(std::optional<SkipReason> skip = std::nullopt, bool present = true) {
  MirrorState made;
  made.fingerprint = 1;
  made.keys = {.name = 11, .email = 12, .phone = 0};
  made.present = present;
  made.skip = skip;
  made.name = "Ada Lovelace";
  return made;
}

inline RecordBefore before(std::optional<MirrorState> state, std::optional<Person> person) {
  return {.mirror = std::move(state), .person = std::move(person), .target = std::nullopt};
}

inline Person untracked() {
  Person person = known();
  person.tracked = false;
  return person;
}

}  // namespace gatehouse::test
