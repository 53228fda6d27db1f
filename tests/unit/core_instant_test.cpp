#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/core/instant.hpp"
#include "daemon/core/ulid.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

TEST_CASE("RFC 3339 is read with any offset and fraction", "[instant]") {
  struct Row {
    std::string_view text;
    std::int64_t ms;
  };
  const auto row = GENERATE(values<Row>({
      {"1970-01-01T00:00:00Z", 0},
      {"2026-06-01T09:00:00Z", 1'780'304'400'000},
      {"2026-06-01t09:00:00z", -1},
      {"2026-06-01 09:00:00Z", 1'780'304'400'000},
      {"2026-06-01T10:00:00+01:00", 1'780'304'400'000},
      {"2026-05-31T19:30:00-13:30", 1'780'304'400'000},
      {"2026-06-01T09:00:00.5Z", 1'780'304'400'500},
      {"2026-06-01T09:00:00.123456789Z", 1'780'304'400'123},
      {"2026-06-01T09:00:00.12345678901234567890Z", 1'780'304'400'123},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000},
      {"2016-12-31T23:59:60Z", 1'483'228'799'000},  // a leap second counts as the last of its minute
      {"1753-01-01T00:00:00Z", -6'847'804'800'000},
      {"0001-01-01T00:00:00Z", -62'135'596'800'000},
      {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
  }));
  if (row.ms == -1) {
    CHECK_FALSE(parse_rfc3339(row.text));
    return;
  }
  REQUIRE(parse_rfc3339(row.text));
  CHECK(parse_rfc3339(row.text)->time_since_epoch() == Duration(row.ms));
}

TEST_CASE("What is no time is no time", "[instant]") {
  const auto* text =
      GENERATE("", "Z", "2026", "2026-06", "2026-6-1T09:00:00Z", "2026-06-01T", "2026-06-01T09:00Z",
               "2026-06-01T9:00:00Z", "2026-13-01T09:00:00Z", "2026-00-01T09:00:00Z", "2026-06-31T09:00:00Z",
               "2025-02-29T09:00:00Z", "1900-02-29T09:00:00Z", "2026-06-01T24:00:00Z", "2026-06-01T09:60:00Z",
               "2026-06-01T09:00:61Z", "2026-06-01T09:00:00.Z", "2026-06-01T09:00:00,5Z",
               "2026-06-01T09:00:00+1:00", "2026-06-01T09:00:00+24:00", "2026-06-01T09:00:00+01:60",
               "2026-06-01T09:00:00+0100", "2026-06-01T09:00:00Z ", " 2026-06-01T09:00:00Z",
               "2026-06-01T09:00:00ZZ", "+026-06-01T09:00:00Z", "-026-06-01T09:00:00Z",
               "2026-06-01X09:00:00Z", "null", "/Date(1780304400000)/", "12026-06-01T09:00:00Z");
  CHECK_FALSE(parse_rfc3339(text));
  CHECK_FALSE(parse_net_time(text));
}

TEST_CASE("A time without a zone is Net2's, never RFC 3339", "[instant]") {
  struct Row {
    std::string_view text;
    std::int64_t ms;
  };
  const auto row = GENERATE(values<Row>({
      {"2026-01-05T06:00:01", 1'767'592'801'000},
      {"2026-01-05 06:00:01", 1'767'592'801'000},
      {"2026-01-05T06:00:01.9832179", 1'767'592'801'983},
      {"2026-01-05", 1'767'571'200'000},
  }));
  const auto time = parse_net_time(row.text);
  REQUIRE(time);
  CHECK(time->local.time_since_epoch() == Duration(row.ms));
  CHECK_FALSE(time->offset.has_value());
  CHECK_FALSE(parse_rfc3339(row.text));
  CHECK(parse_net_time("2026-01-05T06:00:01Z")->offset == 0min);
  CHECK(parse_net_time("2026-01-05T06:00:01-05:30")->offset == -330min);
}

TEST_CASE("Years before 1900 say that there is no date", "[instant]") {
  CHECK(is_no_date(*parse_net_time("0001-01-01T00:00:00")));
  CHECK(is_no_date(*parse_net_time("1753-01-01T00:00:00")));
  CHECK(is_no_date(*parse_net_time("1899-12-31T23:59:59")));
  CHECK_FALSE(is_no_date(*parse_net_time("1900-01-01")));
}

TEST_CASE("Times are written in UTC, with milliseconds only where there are any", "[instant]") {
  CHECK(format_utc(Instant{}) == "1970-01-01T00:00:00Z");
  CHECK(format_utc(Instant{1ms}) == "1970-01-01T00:00:00.001Z");
  CHECK(format_utc(Instant{-1ms}) == "1969-12-31T23:59:59.999Z");
  CHECK(format_utc(Instant{1'709'164'800'000ms}) == "2024-02-29T00:00:00Z");
}

TEST_CASE("What is written is read back, and garbage harms nobody", "[instant]") {
  CHECK(rc::check("a time is read back as it was", [] {
    const Instant at{Duration{*rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999)}};
    RC_ASSERT(parse_rfc3339(format_utc(at)) == at);
  }));
  CHECK(rc::check("any bytes are a time or not",
                  [](const std::string& bytes) { (void)parse_net_time(bytes); }));
  CHECK(rc::check("nearly a time", [] {
    std::string text = "2026-06-01T09:00:00.000+01:00";
    const auto changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
      text[at] = *rc::gen::arbitrary<char>();
    }
    if (const auto read = parse_rfc3339(text)) RC_ASSERT(parse_rfc3339(format_utc(*read)) == *read);
  }));
  CHECK(parse_rfc3339("0000-01-01T00:00:00+23:59"));
  CHECK_FALSE(format_utc(*parse_rfc3339("0000-01-01T00:00:00+23:59")).empty());
  CHECK(format_utc(*parse_rfc3339("9999-12-31T23:59:59-23:59")) == "10000-01-01T23:58:59Z");
}

TEST_CASE("A ULID sorts by its moment and keeps all of its chance", "[ulid]") {
  const Instant at{Duration{1'469'918'176'385}};
  CHECK(make_ulid(at, {}) == "01ARYZ6S410000000000000000");
  UlidChance most;
  most.fill(0xFF);
  CHECK(make_ulid(at, most) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
  UlidChance one{};
  one[9] = 1;
  CHECK(make_ulid(at, one) == "01ARYZ6S410000000000000001");
  CHECK(make_ulid(at, most) < make_ulid(at + 1ms, {}));
}
