#include <catch2/catch.hpp>

#include "tests/sim/site_clock.hpp"

using namespace gatehouse::sim;

namespace {

std::string shown(const SiteClock& clock, UtcMs at) {
  std::string out;
  append_local(out, clock.local(at), true);
  append_offset(out, clock.offset_minutes(at));
  return out;
}

}  // namespace

TEST_CASE("REST times carry the zone's offset and milliseconds, on both sides of a change of clocks",
          "[sim][time]") {
  const auto clock = SiteClock::in_zone("Europe/London");
  REQUIRE(clock.has_value());
  CHECK(shown(*clock, parse_time("2026-10-25T00:59:59.999")->local) == "2026-10-25T01:59:59.999+01:00");
  CHECK(shown(*clock, parse_time("2026-10-25T01:00:00.000")->local) == "2026-10-25T01:00:00.000+00:00");
  CHECK(shown(*clock, parse_time("2026-03-29T01:00:00.000")->local) == "2026-03-29T02:00:00.000+01:00");
  CHECK(shown(*clock, parse_time("1969-12-31T23:59:59.500")->local) == "1970-01-01T00:59:59.500+01:00");
}

TEST_CASE("A wall time is resolved in the zone, the repeated hour to its first reading", "[sim][time]") {
  const auto clock = SiteClock::in_zone("Europe/London");
  CHECK(clock->utc(parse_time("2026-06-01T09:00:00.250")->local) ==
        parse_time("2026-06-01T08:00:00.250")->local);
  CHECK(clock->utc(parse_time("2026-10-25T01:30:00")->local) == parse_time("2026-10-25T00:30:00")->local);
  CHECK(clock->utc(parse_time("2026-03-29T01:30:00")->local) == parse_time("2026-03-29T01:30:00")->local);
}

TEST_CASE("An unknown zone is no clock", "[sim][time]") {
  CHECK_FALSE(SiteClock::in_zone("Europe/Nowhere").has_value());
}

TEST_CASE("Dates are read as clients write them", "[sim][time]") {
  CHECK(parse_time("2026-03-31T23:59:00")->local == parse_time("31/03/2026 23:59")->local);
  CHECK(parse_time("2026-03-31")->local == parse_time("31/03/2026")->local);
  CHECK(parse_time("2026-03-31T23:59:00.1234567Z")->offset == 0);
  CHECK(parse_time("2026-03-31T23:59:00-05:30")->offset == -330);
  CHECK_FALSE(parse_time("2026-03-31T23:59:00")->offset.has_value());
  CHECK(parse_time("1753-01-01T00:00:00").has_value());
  const auto* bad = GENERATE("", "yesterday", "2026-02-30", "2026-13-01", "2026-03-31T24:00:00",
                             "2026-03-31T23:59:00.", "2026-03-31T23:59:00+", "2026-03-31Tx");
  CHECK_FALSE(parse_time(bad).has_value());
}

TEST_CASE("The token's expiry is UTC with seven digits", "[sim][time]") {
  CHECK(format_utc7(parse_time("2026-09-17T11:51:20.983")->local) == "2026-09-17T11:51:20.9830000Z");
}

TEST_CASE("A shifted clock stays shifted", "[sim][time]") {
  auto clock = *SiteClock::in_zone("Europe/London");
  const auto target = clock.utc(parse_time("2026-10-25T00:59:30")->local);
  clock.set(target);
  CHECK(clock.now() - target < 5000);
  clock.shift(-3'600'000);
  CHECK(clock.now() < target);
}
