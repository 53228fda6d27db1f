// The wall clocks of real places, and local times as people write them.

#include "daemon/host/zone_database.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const TimeZone> zone_of(const std::string& name) {
  const auto zone = load_zone(name);
  REQUIRE(zone);
  return *zone;
}
LocalTime wall(std::string_view text) {
  return parse_local_time(text).value();
}
Instant utc(std::string_view text) {
  return parse_rfc3339(text).value();
}

/// Both ways in which clocks change, at night and at midnight, by an hour, by half of one and by a day.
const std::vector<std::string> zones{"Europe/London",
                                     "Europe/Paris",
                                     "America/Sao_Paulo",
                                     "Australia/Lord_Howe",
                                     "Africa/Casablanca",
                                     "Pacific/Apia",
                                     "America/Nuuk",
                                     "Africa/Cairo",
                                     "America/St_Johns",
                                     "Asia/Kathmandu",
                                     "UTC"};

/// The first moment, to the minute, at which the clock shows `wall` or later, found by waiting for it.
Instant waited_for(const TimeZone& zone, LocalTime wall) {
  Instant at = Instant{wall.time_since_epoch()} - 15h;  // no clock is as far ahead of UTC
  while (zone.local(at) < wall) at += 1min;
  return at;
}

/// Any of [min, max), the same for all sizes: by itself inRange() keeps to small numbers in the first cases.
template <typename T>
T any_in(T min, T max) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(min, max));
}

}  // namespace

TEST_CASE("A zone's clock is read in both directions", "[zone]") {
  struct Row {
    const char* zone;
    const char* utc;
    const char* wall;
  };
  const auto row = GENERATE(values<Row>({
      {"UTC", "2026-06-01T09:00:00Z", "2026-06-01T09:00"},
      {"Europe/London", "2026-01-01T09:00:00Z", "2026-01-01T09:00"},
      {"Europe/London", "2026-06-01T09:00:00Z", "2026-06-01T10:00"},
      {"Europe/London", "2026-10-25T00:59:59Z", "2026-10-25T01:59:59"},
      {"America/Sao_Paulo", "2018-02-18T01:59:59Z", "2018-02-17T23:59:59"},
      {"Australia/Lord_Howe", "2026-04-04T14:59:00Z", "2026-04-05T01:59"},
      {"Africa/Casablanca", "2026-03-01T12:00:00Z", "2026-03-01T12:00"},
      {"Africa/Casablanca", "2026-06-01T12:00:00Z", "2026-06-01T13:00"},
      {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59"},
      {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00"},
      {"Europe/London", "2060-07-01T11:00:00Z", "2060-07-01T12:00"},
  }));
  INFO(row.zone << " " << row.utc);
  const auto zone = zone_of(row.zone);
  CHECK(zone->local(utc(row.utc)) == wall(row.wall));
  CHECK(zone->first_instant_of(wall(row.wall)) == utc(row.utc));
}

TEST_CASE("A wall time that is skipped is the end of the skip", "[zone]") {
  struct Row {
    const char* zone;
    const char* wall;
    const char* utc;
  };
  const auto row = GENERATE(values<Row>({
      {"Europe/London", "2026-03-29T01:00", "2026-03-29T01:00:00Z"},
      {"Europe/London", "2026-03-29T01:59:59", "2026-03-29T01:00:00Z"},
      {"Europe/Paris", "2026-03-29T02:30", "2026-03-29T01:00:00Z"},
      {"America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z"},
      {"Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00:00Z"},
      {"Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00:00Z"},
      {"Pacific/Apia", "2011-12-30T23:59", "2011-12-30T10:00:00Z"},
      {"America/Nuuk", "2024-03-30T23:30", "2024-03-31T01:00:00Z"},
  }));
  INFO(row.zone << " " << row.wall);
  CHECK(zone_of(row.zone)->first_instant_of(wall(row.wall)) == utc(row.utc));
}

TEST_CASE("A wall time that comes twice is its first time", "[zone]") {
  struct Row {
    const char* zone;
    const char* wall;
    const char* first;
    Duration apart;
  };
  const auto row = GENERATE(values<Row>({
      {"Europe/London", "2026-10-25T01:00", "2026-10-25T00:00:00Z", 1h},
      {"Europe/London", "2026-10-25T01:59:59", "2026-10-25T00:59:59Z", 1h},
      {"America/Sao_Paulo", "2018-02-17T23:30", "2018-02-18T01:30:00Z", 1h},
      {"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", 30min},
      {"Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30:00Z", 1h},
  }));
  INFO(row.zone << " " << row.wall);
  const auto zone = zone_of(row.zone);
  CHECK(zone->first_instant_of(wall(row.wall)) == utc(row.first));
  CHECK(zone->local(utc(row.first)) == wall(row.wall));
  CHECK(zone->local(utc(row.first) + row.apart) == wall(row.wall));
}

TEST_CASE("Any wall time in any zone is where waiting for it ends", "[zone]") {
  CHECK(rc::check("the promises of TimeZone", [] {
    const auto zone = zone_of(*rc::gen::elementOf(zones));
    const Instant at{Duration{any_in<std::int64_t>(0, 2'500'000'000'000)}};
    const LocalTime shown = zone->local(at);
    const Instant first = zone->first_instant_of(shown);
    RC_ASSERT(first <= at);
    RC_ASSERT(zone->local(first) == shown);
    RC_ASSERT(zone->first_instant_of(shown + Duration{any_in(0, 200'000'000)}) >= first);
  }));
  for (const auto* name : {"Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"}) {
    const auto zone = zone_of(name);
    const auto changes = {"2011-12-30T10:00:00Z", "2018-02-18T02:00:00Z", "2018-11-04T03:00:00Z",
                          "2026-03-29T01:00:00Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z",
                          "2026-10-25T01:00:00Z"};
    for (const auto* change : changes) {
      const auto around = std::chrono::floor<std::chrono::hours>(zone->local(utc(change)));
      for (LocalTime time = around - 26h; time <= around + 2h; time += 15min) {
        INFO(name << " " << format_utc(Instant{time.time_since_epoch()}));
        CHECK(zone->first_instant_of(time) == waited_for(*zone, time));
      }
    }
  }
}

TEST_CASE("Parts of a second stay", "[zone]") {
  const auto zone = zone_of("Europe/London");
  CHECK(zone->local(utc("2026-06-01T09:00:00.123Z")) == wall("2026-06-01T10:00") + 123ms);
  CHECK(zone->first_instant_of(wall("2026-06-01T10:00") + 123ms) == utc("2026-06-01T09:00:00.123Z"));
  CHECK(zone->first_instant_of(wall("2026-03-29T01:00") + 123ms) == utc("2026-03-29T01:00:00Z"));
  CHECK(zone->local(Instant{-1ms}) == wall("1970-01-01T00:59:59") + 999ms);
}

TEST_CASE("A zone that this machine does not know is our own fault", "[zone]") {
  const auto* name = GENERATE("", "Europe/Londno", "Europe", "zone.tab", "europe london");
  for (int i = 0; i < 2; ++i) {  // the second answer comes from memory
    const auto zone = load_zone(name);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().code == Errc::invalid);
  }
}

TEST_CASE("A local time is read as people write it, and in no other way", "[instant]") {
  CHECK(wall("2026-06-01T10:00").time_since_epoch() == 1'780'308'000s);
  CHECK(wall("2026-06-01T10:00:07").time_since_epoch() == 1'780'308'007s);
  CHECK(wall("2028-02-29T23:59:59").time_since_epoch() == 1'835'481'599s);
  for (const auto* text : {"",
                           "2026-06-01",
                           "2026-06-01T",
                           "2026-06-01T10",
                           "2026-06-01T10:",
                           "2026-06-01T1:00",
                           "10:00",
                           "2026-06-01T10:00:",
                           "2026-06-01T10:00:7",
                           "2026-06-01T10:00:07.5",
                           "2026-06-01T10:00Z",
                           "2026-06-01T10:00+01:00",
                           "2026-06-01 10:00",
                           "2026-06-01t10:00",
                           "2026-06-01T24:00",
                           "2026-06-01T10:60",
                           "2026-06-01T10:00:60",
                           "2027-02-29T10:00",
                           "2026-06-31T10:00",
                           " 2026-06-01T10:00",
                           "2026-06-01T10:00 ",
                           "now"}) {
    INFO(text);
    CHECK_FALSE(parse_local_time(text));
  }
}

}  // namespace gatehouse
