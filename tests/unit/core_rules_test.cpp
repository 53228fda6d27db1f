// Small rules: guard, shares, refusals, packed records, fingerprints, states.

#include <numeric>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/core/guard.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/core/lane_share.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/record_pack.hpp"
#include "daemon/core/refusals.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

TEST_CASE("The guard trips above the count, or above both five and the share", "[guard]") {
  struct Row {
    std::uint64_t wanted, already, present;
    std::uint32_t count;
    double percent;
    bool trips;
  };
  const auto row = GENERATE(values<Row>({
      {0, 0, 100, 50, 10, false},     {0, 60, 100, 50, 10, false},  // nothing wanted, nothing withheld
      {5, 0, 10, 50, 10, false},      {6, 0, 10, 50, 10, true},     {6, 0, 60, 50, 10, false},
      {7, 0, 60, 50, 10, true},       {50, 0, 1000, 50, 10, false}, {51, 0, 1000, 50, 10, true},
      {51, 0, 100'000, 50, 10, true}, {1, 50, 1000, 50, 10, true},  {1, 49, 1000, 50, 10, false},
      {1, 5, 10, 50, 10, true},       {1, 4, 10, 50, 10, false},    {10, 0, 100, 50, 10, false},
      {11, 0, 100, 50, 10, true},     {29, 0, 100, 50, 29, false},  {57, 0, 100, 1000, 57, false},
      {6, 0, 6, 50, 100, false},      {6, 0, 6, 50, 0, true},       {1, 0, 1, 0, 100, true},
      {6, 0, 0, 50, 10, true},
  }));
  INFO(row.wanted << " after " << row.already << " of " << row.present);
  const RemovalGuard guard{.count = row.count, .percent = row.percent, .window = 24h};
  CHECK(guard_trips({.wanted = row.wanted, .already = row.already, .present_at_begin = row.present}, guard) ==
        row.trips);
}

TEST_CASE("Lanes that all wait share eight to four to one", "[lanes]") {
  LaneShare share;
  std::array<int, lane_count> served{};
  int without_telemetry = 0;
  for (int i = 0; i < 1300; ++i) {
    const auto lane = share.next({false, true, true, true});
    REQUIRE(lane);
    ++served[index_of(*lane)];
    without_telemetry = *lane == Lane::telemetry ? 0 : without_telemetry + 1;
    CHECK(without_telemetry <= 13);
  }
  CHECK(served == std::array<int, lane_count>{0, 800, 400, 100});
}

TEST_CASE("Alarms come first, and an empty house serves nobody", "[lanes]") {
  LaneShare share;
  CHECK_FALSE(share.next({}).has_value());
  for (int i = 0; i < 50; ++i) CHECK(share.next({true, true, true, true}) == Lane::alarm);
  CHECK(share.next({false, false, false, true}) == Lane::telemetry);
  CHECK(share.next({false, true, true, true}) == Lane::access);
}

TEST_CASE("No lane that waits starves, whoever else comes and goes", "[lanes]") {
  CHECK(rc::check("served within 27 turns", [](const std::vector<std::pair<bool, bool>>& others) {
    LaneShare share;
    int waited = 0;
    for (const auto& [access, people] : others) {
      const auto lane = share.next({false, access, people, true});
      waited = lane == Lane::telemetry ? 0 : waited + 1;
      RC_ASSERT(waited <= 27);
      RC_ASSERT(lane != Lane::access || access);
      RC_ASSERT(lane != Lane::people || people);
    }
  }));
}

TEST_CASE("Reason codes are good, final or worth another try", "[refusals]") {
  for (int code = 0; code < 256; ++code) {
    const auto refusal = refusal_of(static_cast<std::uint8_t>(code));
    const bool final = code == 0x90 || code == 0x95 || code == 0x99;
    CHECK(refusal == (code < 0x80 ? Refusal::none : final ? Refusal::for_good : Refusal::try_alone));
  }
  CHECK(refusal_words(0x87) == "not authorized (0x87)");
  CHECK(refusal_words(0xEE) == "refused (0xee)");
}

TEST_CASE("A row refused once is tried alone, refused twice held, and parked by the next success",
          "[refusals]") {
  const Uptime now{1h};
  Refusals refusals;
  CHECK_FALSE(refusals.watching());
  auto orders = refusals.on_refusal(7, now);
  CHECK(orders.rewind);
  CHECK(orders.park.empty());
  CHECK(refusals.alone());
  CHECK_FALSE(refusals.held(7));

  SECTION("it may get through the second time") {
    orders = refusals.on_success(7);
    CHECK(orders.park.empty());
    CHECK_FALSE(orders.rewind);
    CHECK_FALSE(refusals.watching());
  }
  SECTION("one before it may get through first") {
    orders = refusals.on_success(3);
    CHECK(orders.rewind);  // it is still to be sent again
    CHECK(refusals.alone());
  }
  SECTION("held") {
    orders = refusals.on_refusal(7, now);
    CHECK(orders.rewind);
    CHECK(refusals.held(7));
    SECTION("until another gets through") {
      orders = refusals.on_success(8);
      CHECK(orders.park == std::vector<std::int64_t>{7});
      CHECK_FALSE(refusals.watching());
    }
    SECTION("or ten seconds pass with nothing else to try") {
      CHECK(refusals.on_idle(now + 9s).park.empty());
      CHECK(refusals.on_idle(now + 10s).park == std::vector<std::int64_t>{7});
      CHECK_FALSE(refusals.alone());
      CHECK(refusals.on_idle(now + 1h).park.empty());
    }
    SECTION("with a second one") {
      CHECK_FALSE(refusals.on_refusal(8, now).block);
      CHECK_FALSE(refusals.on_refusal(8, now).block);
      CHECK(refusals.held(8));
      CHECK(refusals.on_success(9).park == std::vector<std::int64_t>{7, 8});
    }
  }
}

TEST_CASE("Three different rows refused without a success between are the broker's fault", "[refusals]") {
  Uptime now{1h};
  Refusals refusals;
  refusals.on_refusal(1, now);
  refusals.on_refusal(2, now);
  SECTION("not where one got through between") {
    refusals.on_success(3);
    CHECK_FALSE(refusals.on_refusal(4, now).block);
    CHECK_FALSE(refusals.on_refusal(5, now).block);
    CHECK(refusals.on_refusal(6, now).block);
    return;
  }
  auto orders = refusals.on_refusal(3, now);
  CHECK(orders.block);
  CHECK(orders.park.empty());
  REQUIRE(refusals.blocked_until());
  CHECK(*refusals.blocked_until() == now + 5s);
  CHECK_FALSE(refusals.held(1));
  // Those that were still on their way change nothing.
  CHECK_FALSE(refusals.on_refusal(4, now + 1s).block);
  CHECK(*refusals.blocked_until() == now + 5s);

  SECTION("mended by the first success") {
    now += 5s;
    refusals.try_again();
    CHECK_FALSE(refusals.blocked_until());
    CHECK(refusals.alone());
    orders = refusals.on_success(1);
    CHECK(orders.mended);
    CHECK(orders.park.empty());
    CHECK_FALSE(refusals.watching());
    CHECK_FALSE(refusals.on_success(2).mended);
  }
  SECTION("tried again after longer and longer waits, with nothing parked") {
    std::vector<Duration> waits;
    for (int i = 0; i < 8; ++i) {
      now = *refusals.blocked_until();
      refusals.try_again();
      for (int row = 1; !refusals.blocked_until(); row += refusals.held(row) ? 1 : 0) {
        orders = refusals.on_refusal(row, now);
        CHECK(orders.park.empty());
        CHECK_FALSE(orders.block);  // told already
        CHECK(row < 4);
      }
      waits.push_back(*refusals.blocked_until() - now);
    }
    CHECK(waits == std::vector<Duration>{10s, 20s, 40s, 80s, 160s, 300s, 300s, 300s});
    CHECK(refusals.on_idle(now + 1h).park.empty());
  }
  SECTION("and a bad row at the head does not hide that it has mended") {
    now += 5s;
    refusals.try_again();
    refusals.on_refusal(1, now);
    refusals.on_refusal(1, now);
    CHECK(refusals.held(1));
    orders = refusals.on_success(2);
    CHECK(orders.mended);
    CHECK(orders.park == std::vector<std::int64_t>{1});
  }
  SECTION("and while it lasts a last row that is held waits on") {
    now += 5s;
    refusals.try_again();
    refusals.on_refusal(1, now);
    refusals.on_refusal(1, now);
    CHECK(refusals.on_idle(now + 11s).park.empty());
    CHECK(refusals.blocked_until().has_value());
    CHECK_FALSE(refusals.held(1));
  }
}

namespace rc {
template <>
struct Arbitrary<SourceRecord> {
  static Gen<SourceRecord> arbitrary() {
    const auto moment = gen::maybe(gen::map(gen::inRange<std::int64_t>(-1'000'000, 1'000'000),
                                            [](std::int64_t ms) { return Instant{Duration{ms}}; }));
    const auto maybe = gen::map(
        moment, [](const Maybe<Instant>& at) { return at ? std::optional<Instant>(*at) : std::nullopt; });
    return gen::build<SourceRecord>(
        gen::set(&SourceRecord::number), gen::set(&SourceRecord::department),
        gen::set(&SourceRecord::access_levels), gen::set(&SourceRecord::valid_from, maybe),
        gen::set(&SourceRecord::valid_until, maybe), gen::set(&SourceRecord::values));
  }
};
}  // namespace rc

TEST_CASE("Packed records come out as they went in, in order", "[records]") {
  CHECK(rc::check("a queue of records", [](const std::vector<SourceRecord>& records, std::uint8_t between) {
    RecordPack pack;
    std::size_t taken = 0;
    std::size_t put = 0;
    for (const auto& record : records) {
      pack.put(record);
      ++put;
      if (put % (between % 4U + 1) != 0) continue;
      RC_ASSERT(pack.take() == records[taken++]);
    }
    RC_ASSERT(pack.size() == put - taken);
    while (auto record = pack.take()) RC_ASSERT(*record == records[taken++]);
    RC_ASSERT(taken == records.size());
  }));
  RecordPack pack;
  SourceRecord large;
  large.department = std::string(4 * 1024 * 1024, 'x');
  for (int i = 0; i < 3; ++i) pack.put(large);
  SourceRecord small;
  small.number = 2;
  for (int i = 0; i < 5000; ++i) pack.put(small);
  for (int i = 0; i < 3; ++i) CHECK(pack.take() == large);
  for (int i = 0; i < 5000; ++i) REQUIRE(pack.take() == small);
  CHECK_FALSE(pack.take());
  pack.put(small);
  CHECK(pack.take() == small);
}

TEST_CASE("A fingerprint changes with whatever a record says, and only then", "[records]") {
  const SourceRecord base{.number = 1,
                          .external_id = "",
                          .group = "",
                          .department = "Staff",
                          .access_levels = {"A", "B"},
                          .valid_from = std::nullopt,
                          .valid_until = Instant{1s},
                          .values = {"Ada", "", "x@y"}};
  std::vector<SourceRecord> others(10, base);
  others[0].department = "Staf";
  others[1].access_levels = {"AB"};
  others[2].access_levels = {"A"};
  others[3].valid_from = Instant{};
  others[4].valid_until = Instant{2s};
  others[5].values = {"Ada", "x@y", ""};
  others[6].values = {"Ad", "a", "x@y"};
  others[7].values = {"Ada", "", "x@z"};
  others[8].group = "Night";
  others[9].external_id = "e-1";
  for (const auto& other : others) CHECK(fingerprint(other, 1) != fingerprint(base, 1));
  CHECK(fingerprint(base, 1) == fingerprint(SourceRecord(base), 1));
  CHECK(fingerprint(base, 1) != fingerprint(base, 2));
}

TEST_CASE("B.2-2: a person has access by both switches, and by each linked source", "[person]") {
  Person person;
  CHECK_FALSE(person.effective());  // nobody says that they are there
  person.sources.resize(2);
  CHECK(person.effective());
  person.sources[1].present = false;
  CHECK_FALSE(person.source_present());
  CHECK_FALSE(person.effective());
  person.tracked = false;
  CHECK(person.effective());
  person.admin_enabled = false;
  CHECK_FALSE(person.effective());
}

TEST_CASE("Changed facts are named as the messages call them", "[person]") {
  const PersonFacts before;
  PersonFacts after;
  CHECK(changed_facts(before, after).empty());
  after = {.first_name = "a",
           .last_name = "b",
           .email = "c",
           .phone = "d",
           .person_type = PersonType::member,
           .membership_status = "e",
           .synced_tags = {"f"},
           .site = "g",
           .sites = {"h"},
           .roamer = true,
           .roamer_sites = {"i"},
           .valid_from = Instant{},
           .valid_until = Instant{}};
  CHECK(changed_facts(before, after) == std::vector<std::string>{"first_name", "last_name", "email", "phone",
                                                                 "person_type", "membership_status", "site",
                                                                 "sites", "roamer", "roamer_sites",
                                                                 "valid_from", "valid_until", "tags"});
}

TEST_CASE("An integration's state is its worst trouble", "[status]") {
  IntegrationFacts facts;
  facts.enabled = facts.authenticated_once = true;
  const auto state = [&] { return judge(facts).state; };
  CHECK(state() == IntegrationState::active);
  facts.automatic = false;
  CHECK(state() == IntegrationState::paused);
  facts.guarded = true;
  CHECK(state() == IntegrationState::guarded);
  facts.importing_first = true;
  CHECK(state() == IntegrationState::importing);
  facts.draft = true;
  CHECK(state() == IntegrationState::draft);
  facts.staging = true;
  CHECK(state() == IntegrationState::staging);
  facts.people_fault = Error{Errc::malformed, "odd"};
  CHECK(state() == IntegrationState::issues);
  facts.doors_fault = Error{Errc::timeout, "silent"};
  CHECK(state() == IntegrationState::unreachable);
  facts.doors_fault.reset();
  facts.contact_fault = Error{Errc::busy, "502"};
  CHECK(state() == IntegrationState::unreachable);
  CHECK(has_fault(facts));
  facts.people_fault = Error{Errc::unauthenticated, "who"};
  CHECK(state() == IntegrationState::unauthenticated);
  facts.other_server = true;
  CHECK(state() == IntegrationState::reimport_pending);
  CHECK(judge(facts).detail.ends_with("its people cannot be read: who"));
  facts.enabled = false;
  CHECK(state() == IntegrationState::disabled);
}

TEST_CASE("Each fault says what is wrong and what to do", "[status]") {
  const auto code =
      GENERATE(Errc::timeout, Errc::unreachable, Errc::tls, Errc::unauthenticated, Errc::mfa_required,
               Errc::forbidden, Errc::not_found, Errc::refused, Errc::busy, Errc::malformed, Errc::incomplete,
               Errc::storage, Errc::storage_full, Errc::invalid);
  IntegrationFacts facts;
  facts.enabled = facts.authenticated_once = true;
  facts.events_fault = Error{code, "what is wrong"};
  const auto judged = judge(facts);
  CHECK(judged.detail == "what is wrong");
  CHECK_FALSE(judged.hint.empty());
  CHECK(judged.state != IntegrationState::active);
}
