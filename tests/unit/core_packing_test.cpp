// What is packed comes out again; other bytes do not.

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/core/decision_record.hpp"
#include "daemon/core/packing.hpp"

using namespace gatehouse;

namespace {

std::vector<std::string> words() {
  return *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
}
std::vector<SiteId> sites() {
  std::vector<SiteId> list;
  for (const auto& word : words()) list.emplace_back(word);
  return list;
}
std::string word() {
  return *rc::gen::string<std::string>();
}
bool flag() {
  return *rc::gen::arbitrary<bool>();
}
Instant instant() {
  return Instant(Duration(*rc::gen::arbitrary<std::int64_t>()));
}
std::optional<Instant> maybe_instant() {
  return flag() ? std::optional(instant()) : std::nullopt;
}

KnownPerson any_person() {
  KnownPerson person;
  person.id = PersonId(word());
  person.cloud_id = word();
  person.name_key = *rc::gen::arbitrary<std::uint64_t>();
  person.person_type = static_cast<PersonType>(*rc::gen::inRange(0, 4));
  person.membership_status = word();
  person.tags = words();
  person.site = SiteId(word());
  person.sites = sites();
  person.roamer = flag();
  person.roamer_sites = sites();
  person.valid_from = maybe_instant();
  person.valid_until = maybe_instant();
  person.admin_enabled = flag();
  person.tracked = flag();
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    person.sources.push_back(
        {IntegrationId(word()), static_cast<SourceKind>(*rc::gen::inRange(0, 4)), flag()});
  }
  return person;
}

DecisionBasis any_basis() {
  DecisionBasis basis;
  if (flag()) basis.person = any_person();
  Grant grant;
  grant.id = word();
  if (flag()) grant.door = DoorId{IntegrationId(word()), Net2DoorId(*rc::gen::arbitrary<std::int64_t>())};
  if (flag()) grant.scope = ScopeId(word());
  if (flag()) grant.hours = ScheduleId(word());
  grant.until = maybe_instant();
  basis.grants.assign(static_cast<std::size_t>(*rc::gen::inRange(0, 3)), grant);
  basis.visits.push_back({word(), SiteId(word()), instant(), instant(), VisitStatus::on_site});
  if (flag()) basis.age.age = Duration(*rc::gen::arbitrary<std::int64_t>());
  basis.age.by_wall_clock = flag();
  basis.walk_in = flag();
  basis.walk_ins_allowed = flag();
  for (auto& site : sites()) basis.lockdown.sites.insert(site);
  for (auto& id : words()) basis.lockdown.net2.insert(IntegrationId(id));
  basis.lockdown.unreadable = flag();
  basis.moment = {instant(), flag()};
  return basis;
}

}  // namespace

TEST_CASE("A person comes out as they were packed, and from no part of the bytes", "[core]") {
  CHECK(rc::check([] {
    const auto person = any_person();
    const auto bytes = pack(person);
    RC_ASSERT(unpack_known_person(bytes) == person);
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT_FALSE(unpack_known_person(std::string_view(bytes).substr(0, cut)));
    RC_ASSERT_FALSE(unpack_known_person(bytes + "x"));
  }));
}

TEST_CASE("D-2: the basis of a decision comes out as it was packed", "[core]") {
  CHECK(rc::check([] {
    const auto basis = any_basis();
    const auto bytes = pack(basis);
    RC_ASSERT(unpack_basis(bytes) == basis);
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT_FALSE(unpack_basis(std::string_view(bytes).substr(0, cut)));
  }));
}

TEST_CASE("Bytes that were changed are refused or are another value, never a fault", "[core]") {
  CHECK(rc::check([] {
    auto bytes = pack(any_basis());
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
      bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    const auto basis = unpack_basis(bytes);
    if (basis) RC_ASSERT(pack(*basis).size() <= bytes.size());
  }));
  CHECK(rc::check([](const std::string& bytes) {
    if (const auto person = unpack_known_person(bytes)) RC_ASSERT(pack(*person).size() <= bytes.size());
  }));
}

TEST_CASE("A count that lies takes no memory", "[core]") {
  Packer out;
  out.number(1).text("id").text("").number(0).number(0).text("").number(UINT64_MAX);
  CHECK_FALSE(unpack_known_person(out.take()));
}

TEST_CASE("The decision object has the contract's members", "[core]") {
  DecisionRecord record;
  record.id = "01J";
  record.allow = true;
  record.reason = AccessReason::visitor_preregistered;
  record.asked.access_point = AccessPointId("reception");
  record.person_type = PersonType::visitor;
  record.doors.push_back({DoorId{IntegrationId("net2-hq"), Net2DoorId(7)},
                          true,
                          AccessReason::visitor_preregistered,
                          {DoorCommandState::failed, "403"}});
  record.via = Via::lan;
  record.cloud_offline = true;
  record.policy_revision = "sha256:0";
  record.trace = R"([{"check":"known"}])";
  CHECK(decision_json(record) ==
        R"({"id":"01J","revision":1,"at":"1970-01-01T00:00:00Z","outcome":"allow",)"
        R"("reason":"visitor_preregistered","access_point":"reception","direction":"in","mode":"kiosk",)"
        R"("person_id":null,"person_type":"visitor","doors":[{"door":"net2-hq/7","outcome":"allow",)"
        R"("reason":"visitor_preregistered","command":"failed","why":"403"}],"via":"lan",)"
        R"("offline":{"cloud":true,"net2":false},"policy_revision":"sha256:0","trace":[{"check":"known"}]})");
  const auto message = decision_message(record, "m", Instant{});
  CHECK(message.type == "decision");
  CHECK(message.topic == "up/access");
  CHECK(message.lane == Lane::access);
  CHECK(message.data == decision_json(record));
  CHECK(decision_json(record, false).find("trace") == std::string::npos);
}

TEST_CASE("Every reason has a sentence for reception", "[core]") {
  for (int i = 0; i <= static_cast<int>(AccessReason::no_matching_rule_or_grant); ++i)
    CHECK(sentence(static_cast<AccessReason>(i)).size() > 20);
  for (const auto via : {Via::cloud, Via::lan, Via::local}) CHECK(parse_via(to_string(via)) == via);
  for (const auto state :
       {DoorCommandState::sent, DoorCommandState::confirmed, DoorCommandState::failed,
        DoorCommandState::unknown, DoorCommandState::scheduled, DoorCommandState::not_sent})
    CHECK(parse_door_command_state(to_string(state)) == state);
}
