// When the full pass is due (features S0-14, S0-41, S2-15).

#include "daemon/core/full_sync_schedule.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/host/zone_database.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using namespace std::chrono;

std::shared_ptr<const TimeZone> zone_of(const std::string& name) {
  const auto zone = load_zone(name);
  REQUIRE(zone);
  return *zone;
}
Instant utc(std::string_view text) {
  return parse_rfc3339(text).value();
}

constexpr FullSync nightly{};
constexpr FullSync weekly(weekday on) {
  return {.every = FullSync::Every::weekly, .weekday = on};
}
constexpr FullSync monthly(int day) {
  return {.every = FullSync::Every::monthly, .day = day};
}

/// The local dates of all passes of a year and of the January after it, put down in a calendar's way.
std::vector<local_days> calendar(const FullSync& full, year of) {
  std::vector<local_days> dates;
  for (auto date = local_days{of / January / 1}; date < local_days{(of + years{1}) / February / 1};) {
    const year_month month{year_month_day{date}.year(), year_month_day{date}.month()};
    const auto next_month = local_days{(month + months{1}) / 1};
    switch (full.every) {
      case FullSync::Every::daily:
        dates.push_back(date);
        date += days{1};
        break;
      case FullSync::Every::weekly:
        if (dates.empty()) date += full.weekday - weekday{date};
        dates.push_back(date);
        date += weeks{1};
        break;
      case FullSync::Every::monthly:
        dates.push_back(std::min(date + days{full.day - 1}, next_month - days{1}));
        date = next_month;
        break;
    }
  }
  return dates;
}

/// Any of [min, max), the same for all sizes: by itself inRange() keeps to small numbers in the first cases.
template <typename T>
T any_in(T min, T max) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(min, max));
}

FullSync any_schedule() {
  const auto earliest = any_in(0, 2) * 1380;  // half of them at night, when clocks change
  return {
      .every = *rc::gen::element(FullSync::Every::daily, FullSync::Every::weekly, FullSync::Every::monthly),
      .at = minutes{any_in(earliest, 1440 + 180) % 1440},
      .weekday = weekday{any_in(0u, 7u)},
      .day = any_in(1, 32)};
}

std::shared_ptr<const TimeZone> any_zone() {
  return zone_of(*rc::gen::element<std::string>("Europe/London", "Europe/Paris", "America/Sao_Paulo",
                                                "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia",
                                                "America/Nuuk", "Africa/Cairo", "America/St_Johns", "UTC"));
}

}  // namespace

TEST_CASE("A full pass is due at its time after the last one", "[schedule][S0-41]") {
  struct Row {
    FullSync full;
    const char* last;
    const char* due;
  };
  const auto row = GENERATE(values<Row>({
      {nightly, "2026-06-01T00:10:00Z", "2026-06-01T01:30:00Z"},  // 01:10 in London: tonight still
      {nightly, "2026-06-01T01:31:00Z", "2026-06-02T01:30:00Z"},
      {nightly, "2026-06-01T01:30:00Z", "2026-06-02T01:30:00Z"},
      {nightly, "2026-12-31T12:00:00Z", "2027-01-01T02:30:00Z"},
      {nightly, "2028-02-28T12:00:00Z", "2028-02-29T02:30:00Z"},
      {weekly(Sunday), "2026-06-01T12:00:00Z", "2026-06-07T01:30:00Z"},
      {weekly(Sunday), "2026-06-07T01:29:59.999Z", "2026-06-07T01:30:00Z"},
      {weekly(Sunday), "2026-06-07T01:30:00Z", "2026-06-14T01:30:00Z"},
      {weekly(Monday), "2026-06-07T12:00:00Z", "2026-06-08T01:30:00Z"},
      {monthly(1), "2026-05-31T22:00:00Z", "2026-06-01T01:30:00Z"},
      {monthly(1), "2026-06-01T02:00:00Z", "2026-07-01T01:30:00Z"},
      {monthly(15), "2026-12-20T02:00:00Z", "2027-01-15T02:30:00Z"},
      {monthly(31), "2026-01-31T12:00:00Z", "2026-02-28T02:30:00Z"},  // the last day of a shorter month
      {monthly(31), "2028-01-31T12:00:00Z", "2028-02-29T02:30:00Z"},
      {monthly(30), "2028-01-30T12:00:00Z", "2028-02-29T02:30:00Z"},
      {monthly(29), "2027-01-29T12:00:00Z", "2027-02-28T02:30:00Z"},
      {monthly(31), "2026-02-28T12:00:00Z", "2026-03-31T01:30:00Z"},
      {monthly(31), "2026-03-31T12:00:00Z", "2026-04-30T01:30:00Z"},
  }));
  INFO("after " << row.last);
  CHECK(next_full_pass(row.full, *zone_of("Europe/London"), utc(row.last), utc(row.last)) == utc(row.due));
}

TEST_CASE("Where clocks change over its time a pass is due once", "[schedule][B.2-13]") {
  struct Row {
    const char* zone;
    minutes at;
    const char* last;
    const char* due;
    const char* next;
  };
  const auto row = GENERATE(values<Row>({
      // skipped: the moment the skip ends
      {"Europe/Paris", 150min, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
      {"Europe/London", 90min, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
      {"America/Sao_Paulo", 0min, "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
      {"America/Nuuk", 1410min, "2024-03-30T12:00:00Z", "2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z"},
      // repeated: the first time
      {"Europe/Paris", 150min, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
      {"Australia/Lord_Howe", 105min, "2026-04-04T00:00:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"},
      {"America/Sao_Paulo", 1410min, "2018-02-17T12:00:00Z", "2018-02-18T01:30:00Z", "2018-02-19T02:30:00Z"},
      // the day that Apia left out
      {"Pacific/Apia", 0min, "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
  }));
  INFO(row.zone << " after " << row.last);
  const FullSync full{.at = row.at};
  const auto zone = zone_of(row.zone);
  CHECK(next_full_pass(full, *zone, utc(row.last), utc(row.last)) == utc(row.due));
  for (const auto took : {0min, 5min, 80min})  // 80 minutes later the wall clock may show `at` again
    CHECK(next_full_pass(full, *zone, utc(row.due) + took, utc(row.due) + took) == utc(row.next));
}

TEST_CASE("Passes that were missed are made up by one", "[schedule][S0-41]") {
  const auto zone = zone_of("Europe/London");
  const auto last = utc("2026-06-01T01:40:00Z");
  CHECK(next_full_pass(nightly, *zone, last, utc("2026-06-02T01:29:59.999Z")) == utc("2026-06-02T01:30:00Z"));
  for (const auto* text : {"2026-06-02T01:30:00Z", "2026-06-02T09:00:00Z", "2026-08-20T09:00:00Z"}) {
    const auto now = utc(text);
    CHECK(next_full_pass(nightly, *zone, last, now) == now);
    const auto next = next_full_pass(nightly, *zone, now + 3min, now + 3min);
    CHECK(next > now + 3min);
    CHECK(next <= now + 24h);
  }
}

TEST_CASE("Before anything was synchronised the schedule waits for its time", "[schedule]") {
  const auto zone = zone_of("Europe/London");
  const auto due = utc("2026-06-02T01:30:00Z");
  CHECK(next_full_pass(nightly, *zone, std::nullopt, utc("2026-06-01T01:30:00.001Z")) == due);
  CHECK(next_full_pass(nightly, *zone, std::nullopt, utc("2026-06-01T12:00:00Z")) == due);
  CHECK(next_full_pass(nightly, *zone, std::nullopt, due) == due);
}

TEST_CASE("A pass in the future is no reason to wait for it", "[schedule]") {
  const auto zone = zone_of("Europe/London");
  const auto now = utc("2026-06-01T12:00:00Z");
  CHECK(next_full_pass(nightly, *zone, utc("2035-01-01T00:00:00Z"), now) == now);
  CHECK(next_full_pass(nightly, *zone, now, now) == utc("2026-06-02T01:30:00Z"));
}

TEST_CASE("A year of passes is the calendar's, each of them once", "[schedule][S0-14]") {
  CHECK(rc::check("one pass for each local day, week or month", [] {
    const auto zone = any_zone();
    const auto full = any_schedule();
    const year of{any_in(2005, 2050)};
    const auto dates = calendar(full, of);
    Instant last = zone->first_instant_of(dates.front() + full.at) - 1ms;
    for (const auto date : dates) {
      const Instant expected = zone->first_instant_of(date + full.at);
      if (expected <= last) continue;  // at midnight the day that Apia left out is also the next one
      const Instant due = next_full_pass(full, *zone, last, last);
      RC_ASSERT(due == expected);
      RC_ASSERT(zone->local(due) >= date + full.at);  // later only where the wall clock skipped it
      RC_ASSERT(zone->local(due) == date + full.at || zone->local(due - 1ms) < date + full.at);
      last = due;
    }
  }));
}

TEST_CASE("However long a gateway was off, one pass follows", "[schedule][S0-41]") {
  CHECK(rc::check("due exactly while a pass of the calendar has come since the last one", [] {
    const auto zone = any_zone();
    const auto full = any_schedule();
    const year of{any_in(2005, 2050)};
    const auto dates = calendar(full, of);
    const Instant from = zone->first_instant_of(dates.front() + full.at);
    const Instant last = from + minutes{any_in(0, 300 * 1440)};
    const Instant now = last + Duration{any_in<std::int64_t>(0, 50 * 86'400'000ll)};
    Instant coming{};
    for (const auto date : dates)
      if (coming = zone->first_instant_of(date + full.at); coming > last) break;
    RC_ASSERT(next_full_pass(full, *zone, last, now) == std::max(now, coming));
    RC_ASSERT(next_full_pass(full, *zone, now, now) > now);
  }));
}

}  // namespace gatehouse
