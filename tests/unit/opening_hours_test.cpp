// Schedules, at any minute of any zone, the two days on which clocks change among them (features B.2-13).

#include "daemon/core/opening_hours.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/host/zone_database.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;
using std::chrono::year_month_day;

std::shared_ptr<const TimeZone> zone_of(const std::string& name) {
  const auto zone = load_zone(name);
  REQUIRE(zone);
  return *zone;
}
LocalTime wall(std::string_view text) {
  return parse_local_time(text).value();
}
year_month_day date(const std::string& text) {
  return year_month_day{floor<days>(wall(text + "T00:00"))};
}

Schedule every_day(Window window) {
  Schedule schedule;
  schedule.days.fill({window});
  return schedule;
}

/// For how long of this local day (of its moments, not of its wall times) the schedule is open.
minutes open_on(const Schedule& schedule, const std::string& name, const std::string& day) {
  const auto zone = zone_of(name);
  const auto midnight = wall(day + "T00:00");
  minutes open{0};
  for (Instant at{midnight.time_since_epoch() - 15h}; at < Instant{midnight.time_since_epoch() + 40h};
       at += 1min)
    if (floor<days>(zone->local(at)) == midnight && open_at(schedule, *zone, at)) ++open;
  return open;
}

/// The rule again, by going back on the wall clock minute by minute until a window begins that is long
/// enough.
bool open_by_oracle(const Schedule& schedule, LocalTime wall) {
  for (LocalTime begin = floor<minutes>(wall); wall - begin < 24h; begin -= 1min) {
    const auto day = floor<days>(begin);
    if (std::count(schedule.except.begin(), schedule.except.end(), year_month_day{day}) > 0) continue;
    for (const Window& window : schedule.days.at(std::chrono::weekday{day}.c_encoding())) {
      if (window.start != begin - day) continue;
      const auto length = (1440 + (window.end - window.start).count()) % 1440;
      if (wall - begin < minutes{length == 0 ? 1440 : length}) return true;
    }
  }
  return false;
}

/// Any of [min, max), the same for all sizes: by itself inRange() keeps to small numbers in the first cases.
template <typename T>
T any_in(T min, T max) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(min, max));
}

}  // namespace

TEST_CASE("A window holds its start and not its end", "[hours]") {
  struct Row {
    const char* wall;
    bool open;
  };
  const auto row = GENERATE(values<Row>({
      {"2026-06-01T06:59:59", false},  // Monday
      {"2026-06-01T07:00", true},     {"2026-06-01T18:59:59", true}, {"2026-06-01T19:00", false},
      {"2026-06-05T21:59", false},    {"2026-06-05T22:00", true},  // Friday, into Saturday
      {"2026-06-06T00:00", true},     {"2026-06-06T05:59:59", true}, {"2026-06-06T06:00", false},
      {"2026-06-06T08:59", false},    {"2026-06-06T09:00", true},    {"2026-06-06T23:59:59", true},
      {"2026-06-07T00:00", false},                                  // Saturday's ends at 24:00
      {"2026-06-07T12:00", true},     {"2026-06-08T06:59", false},  // Sunday's too, Monday's begins at 07:00
      {"2026-06-02T07:59", false},    {"2026-06-02T08:00", true},    {"2026-06-03T07:59:59", true},
      {"2026-06-03T08:00", false},  // Tuesday 08:00 for a whole day
  }));
  Schedule schedule;
  schedule.days[0] = {{12h, 24h}};
  schedule.days[1] = {{7h, 19h}};
  schedule.days[2] = {{8h, 8h}};
  schedule.days[5] = {{7h, 19h}, {22h, 6h}};
  schedule.days[6] = {{9h, 24h}};
  INFO(row.wall);
  const auto zone = zone_of("Europe/London");
  CHECK(open_at(schedule, *zone, zone->first_instant_of(wall(row.wall))) == row.open);
}

TEST_CASE("A day that is excepted loses the windows that begin on it, and only these", "[hours]") {
  struct Row {
    const char* wall;
    bool open;
  };
  const auto row = GENERATE(values<Row>({
      {"2028-02-28T22:00", true},
      {"2028-02-29T05:59", true},  // began the day before
      {"2028-02-29T22:00", false},
      {"2028-03-01T05:59", false},
      {"2028-03-01T22:00", true},
      {"2027-02-28T22:00", true},
      {"2027-03-01T05:59", true},
  }));
  auto schedule = every_day({22h, 6h});
  schedule.except = {date("2028-02-29")};
  INFO(row.wall);
  const auto zone = zone_of("Europe/Paris");
  CHECK(open_at(schedule, *zone, zone->first_instant_of(wall(row.wall))) == row.open);
}

TEST_CASE("The hours are those of the site's own clock", "[hours]") {
  const auto schedule = every_day({9h, 17h});
  const auto at = parse_rfc3339("2026-06-01T07:30:00Z").value();
  CHECK_FALSE(open_at(schedule, *zone_of("Europe/London"), at));
  CHECK(open_at(schedule, *zone_of("Europe/Paris"), at));
  CHECK_FALSE(open_at(Schedule{}, *zone_of("Europe/Paris"), at));
}

TEST_CASE("On the days when clocks change the wall clock decides", "[hours][B.2-13]") {
  struct Row {
    const char* zone;
    const char* day;
    Window window;
    minutes open;  // on that day, by a stop-watch
  };
  const auto row = GENERATE(values<Row>({
      {"Europe/London", "2026-03-29", {0h, 24h}, 23h},
      {"Europe/London", "2026-03-29", {1h, 2h}, 0h},     // lies in the skip
      {"Europe/London", "2026-03-29", {90min, 3h}, 1h},  // begins in it: at its end, 02:00
      {"Europe/London", "2026-03-29", {0h, 90min}, 1h},  // ends in it: at its beginning
      {"Europe/London", "2026-03-29", {22h, 6h}, 7h},    // 00:00 to 06:00 without an hour, and 22:00 to 24:00
      {"Europe/London", "2026-10-25", {0h, 24h}, 25h},
      {"Europe/London", "2026-10-25", {1h, 2h}, 2h},         // counts both times
      {"Europe/London", "2026-10-25", {75min, 105min}, 1h},  // and closes in between
      {"Europe/London", "2026-10-25", {22h, 6h}, 9h},
      {"Europe/Paris", "2026-03-29", {150min, 4h}, 1h},
      {"America/Sao_Paulo", "2018-11-04", {0h, 6h}, 5h},      // midnight itself is skipped
      {"America/Sao_Paulo", "2018-11-04", {22h, 30min}, 2h},  // what is left of the night before is skipped
      {"America/Sao_Paulo", "2018-02-17", {23h, 24h}, 2h},    // the last hour of the day comes twice
      {"America/Sao_Paulo", "2018-02-17", {22h, 6h}, 9h},
      {"Australia/Lord_Howe", "2026-10-04", {2h, 3h}, 30min},  // half an hour is skipped
      {"Australia/Lord_Howe", "2026-04-05", {1h, 3h}, 150min},
      {"Africa/Casablanca", "2026-02-15", {2h, 3h}, 2h},  // Ramadan begins
      {"Africa/Casablanca", "2026-03-22", {2h, 3h}, 0h},
      {"Pacific/Apia", "2011-12-30", {0h, 24h}, 0h},  // a day that never was
      {"Pacific/Apia", "2011-12-31", {0h, 24h}, 24h},
      {"Pacific/Apia", "2011-12-31", {22h, 6h}, 8h},  // the night that would have begun on it
      {"Pacific/Apia", "2011-12-29", {22h, 6h}, 8h},
  }));
  INFO(row.zone << " " << row.day << " " << row.window.start.count() << "-" << row.window.end.count());
  CHECK(open_on(every_day(row.window), row.zone, row.day) == row.open);
}

TEST_CASE("Any schedule at any moment is open as counted minute by minute", "[hours][B.2-13]") {
  struct Change {
    const char* zone;
    const char* utc;
  };
  static const std::vector<Change> changes{
      {"Europe/London", "2026-03-29T01:00:00Z"},       {"Europe/London", "2026-10-25T01:00:00Z"},
      {"Europe/Paris", "2026-03-29T01:00:00Z"},        {"Europe/Paris", "2026-10-25T01:00:00Z"},
      {"America/Sao_Paulo", "2018-02-18T02:00:00Z"},   {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
      {"Africa/Casablanca", "2026-02-15T02:00:00Z"},   {"Africa/Casablanca", "2026-03-22T02:00:00Z"},
      {"Pacific/Apia", "2011-12-30T10:00:00Z"},        {"Europe/London", "2028-02-29T12:00:00Z"}};
  const bool agrees = rc::check("open_at agrees with the oracle", [] {
    const auto change = *rc::gen::elementOf(changes);
    const auto zone = zone_of(change.zone);
    const Instant near = parse_rfc3339(change.utc).value();
    Schedule schedule;
    const auto step = *rc::gen::element(1, 15, 60);
    for (auto& windows : schedule.days) {
      for (int n = any_in(0, 3); n > 0; --n)
        windows.push_back(
            {minutes{any_in(0, 1440 / step) * step}, minutes{any_in(0, 1440 / step + 1) * step}});
    }
    for (int i = any_in(0, 3); i > 0; --i)
      schedule.except.emplace_back(floor<days>(zone->local(near)) + days{any_in(-2, 3)});
    for (int i = 0; i < 10; ++i) {
      const Instant at = near + Duration{any_in(-180'000'000, 180'000'000)};
      const Instant sharp = floor<minutes>(at);
      RC_ASSERT(open_at(schedule, *zone, at) == open_by_oracle(schedule, zone->local(at)));
      RC_ASSERT(open_at(schedule, *zone, sharp) == open_by_oracle(schedule, zone->local(sharp)));
    }
  });
  CHECK(agrees);
}

}  // namespace gatehouse
