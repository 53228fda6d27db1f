#include <catch2/catch.hpp>

#include "connectors/net2/server_zone.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

ServerZone london() {
  auto zone = ServerZone::load("Europe/London");
  REQUIRE(zone);
  return *zone;
}
NetTime net_time(const char* text) {
  const auto time = parse_net_time(text);
  REQUIRE(time);
  return *time;
}
Instant utc(const char* text) {
  const auto at = parse_rfc3339(text);
  REQUIRE(at);
  return *at;
}

}  // namespace

TEST_CASE("A local time is read in the server's zone", "[net2][time]") {
  const auto zone = london();
  CHECK(zone.resolve(net_time("2026-01-05T06:00:01.017")).first == utc("2026-01-05T06:00:01.017Z"));
  CHECK(zone.resolve(net_time("2026-06-05T06:00:01")).first == utc("2026-06-05T05:00:01Z"));
}

TEST_CASE("An offset that was written wins over the zone", "[net2][time]") {
  CHECK(london().resolve(net_time("2026-06-05T06:00:00+02:00")).first == utc("2026-06-05T04:00:00Z"));
  CHECK(london().resolve(net_time("2026-06-05T06:00:00Z")).first == utc("2026-06-05T06:00:00Z"));
}

TEST_CASE("The hour that spring skips is moved forward", "[net2][time]") {
  const auto found = london().resolve(net_time("2026-03-29T01:30:00"));
  CHECK(found.first == utc("2026-03-29T01:30:00Z"));  // 02:30 by the wall
  CHECK(found.second == found.first);
}

TEST_CASE("The hour that autumn repeats is told apart by the order of ids", "[net2][time]") {
  const auto zone = london();
  std::optional<Instant> previous;
  const auto next = [&](const char* text) {
    previous = zone.resolve_after(net_time(text), previous);
    return *previous;
  };
  CHECK(next("2026-10-25T00:59:00") == utc("2026-10-24T23:59:00Z"));
  CHECK(next("2026-10-25T01:10:00") == utc("2026-10-25T00:10:00Z"));
  CHECK(next("2026-10-25T01:50:00") == utc("2026-10-25T00:50:00Z"));
  CHECK(next("2026-10-25T01:49:30") ==
        utc("2026-10-25T00:49:30Z"));  // two controllers, a little out of order
  CHECK(next("2026-10-25T01:10:00") == utc("2026-10-25T01:10:00Z"));  // the second pass
  CHECK(next("2026-10-25T01:20:00") == utc("2026-10-25T01:20:00Z"));
  CHECK(next("2026-10-25T02:00:00") == utc("2026-10-25T02:00:00Z"));
}

TEST_CASE("A window begins before every pass of its hour", "[net2][time]") {
  const auto zone = london();
  CHECK(zone.local_text(utc("2026-06-01T09:00:00Z")) == "2026-06-01T10:00:00");
  CHECK(zone.local_text_not_after(utc("2026-06-01T09:00:00Z")) == "2026-06-01T10:00:00");
  // 01:40 of the first pass: what the second pass brings is written from 01:00 on.
  CHECK(zone.local_text_not_after(utc("2026-10-25T00:40:00Z")) == "2026-10-25T00:40:00");
  CHECK(zone.local_text_not_after(utc("2026-10-25T01:40:00Z")) == "2026-10-25T01:40:00");
  CHECK(zone.local_text_not_after(utc("2026-03-29T00:40:00Z")) == "2026-03-29T00:40:00");
}

TEST_CASE("A zone that does not exist is our own fault", "[net2][time]") {
  for (const auto* name : {"Europe/Londno", ""}) {
    const auto zone = ServerZone::load(name);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().code == Errc::invalid);
  }
}

}  // namespace gatehouse
