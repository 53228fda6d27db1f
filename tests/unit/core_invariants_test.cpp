// What holds whatever sources say, over random histories.

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/core/reconcile.hpp"

using namespace gatehouse;

namespace {

template <typename T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

bool yes() {
  return *rc::gen::arbitrary<bool>();
}

Person random_person() {
  Person person;
  person.id = PersonId("P1");
  person.admin_enabled = yes();
  person.tracked = yes();
  person.custom_tags = one_of<std::vector<std::string>>({{}, {"vip"}, {"vip", "first aid"}});
  for (const auto& [integration, id, kind] :
       {std::tuple("net2-hq", "7", SourceKind::net2), std::tuple("hr", "E7", SourceKind::feed),
        std::tuple("cloud", "C7", SourceKind::cloud)}) {
    if (integration != std::string("net2-hq") && yes()) continue;
    PersonSource source;
    source.integration = IntegrationId(integration);
    source.external_id = ExternalId(id);
    source.kind = kind;
    source.present = yes();
    person.sources.push_back(source);
  }
  return person;
}

RecordFate random_fate() {
  RecordFate fate;
  fate.number = 7;
  fate.fingerprint = *rc::gen::inRange<std::uint64_t>(1, 4);
  if (yes()) {
    fate.facts.emplace();
    fate.facts->first_name = "Ada";
    fate.facts->last_name = one_of<std::string>({"Lovelace", "King"});
    fate.facts->email = one_of<std::string>({"", "ada@example.com"});
    fate.facts->synced_tags = one_of<std::vector<std::string>>({{}, {"staff"}});
    fate.facts->person_type = one_of({PersonType::employee, PersonType::contractor});
    return fate;
  }
  fate.skip = one_of({SkipReason::invalid_email, SkipReason::identity_changed, SkipReason::group_not_mapped,
                      SkipReason::out_of_scope, SkipReason::operator_skip});
  fate.leaves = fate.skip == SkipReason::group_not_mapped;
  return fate;
}

Authority random_authority() {
  return one_of({Authority::source, Authority::cloud, Authority::none});
}

}  // namespace

TEST_CASE("S2-27: no history of passes changes what the administrator has set, nor other sources' word",
          "[reconcile]") {
  CHECK(rc::check("admin_enabled, custom_tags, tracked and the other sources stay", [] {
    Pass pass;
    pass.integration = IntegrationId("net2-hq");
    pass.on_removed = one_of({OnRemoved::disable, OnRemoved::erase, OnRemoved::keep});
    pass.authority = {random_authority(), random_authority(), random_authority(), random_authority()};
    const Person first = random_person();
    RecordBefore now;
    now.person = first;
    now.mirror.emplace();
    const int length = *rc::gen::inRange(1, 20);
    for (int i = 0; i < length; ++i) {
      pass.now += std::chrono::hours(1);
      Reconciled after;
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          after = reconcile_gone(pass, now, 7);
          break;
        case 1:
          after = reconcile_withheld(now);
          break;
        default:
          after = reconcile(pass, now, random_fate(), PersonId("NEW"));
      }
      RC_ASSERT(after.mirror.has_value());
      now.mirror = after.mirror;
      if (!after.person) continue;
      RC_ASSERT(first.tracked);  // an untracked person is not even written
      const Person& person = *after.person;
      RC_ASSERT(person.id == first.id);
      RC_ASSERT(person.admin_enabled == first.admin_enabled);
      RC_ASSERT(person.tracked == first.tracked);
      RC_ASSERT(person.custom_tags == first.custom_tags);
      RC_ASSERT(person.sources.size() == first.sources.size());
      for (std::size_t s = 1; s < person.sources.size(); ++s)
        RC_ASSERT(person.sources[s] == first.sources[s]);
      now.person = after.person;
    }
  }));
}

TEST_CASE("B.2-2: effective access needs the administrator's switch and every source's word", "[reconcile]") {
  CHECK(rc::check("both switches", [] {
    const Person person = random_person();
    bool all_present = true;
    for (const auto& source : person.sources) all_present = all_present && source.present;
    RC_ASSERT(person.effective() == (person.admin_enabled && (all_present || !person.tracked)));
  }));
}
