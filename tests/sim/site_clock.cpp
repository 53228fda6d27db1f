#include "tests/sim/site_clock.hpp"

#include <chrono>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

using CctzTime = cctz::time_point<cctz::seconds>;
CctzTime seconds_of(UtcMs at) {
  return CctzTime(cctz::seconds(at >= 0 ? at / 1000 : (at - 999) / 1000));
}

void append_digits(std::string& out, unsigned value, int width) {
  char digits[10];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

std::int64_t days_of(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day))
      .time_since_epoch()
      .count();
}

/// Reads digits from the front of `text`.
struct Reader {
  std::string_view text;
  bool ok = true;

  int digits(std::size_t width) {
    if (text.size() < width) return fail();
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (text[i] < '0' || text[i] > '9') return fail();
      value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
  }
  bool take(char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  }
  void need(char c) { ok = take(c) && ok; }
  int fail() {
    ok = false;
    return 0;
  }
};

}  // namespace

std::optional<SiteClock> SiteClock::in_zone(const std::string& name) {
  cctz::time_zone zone;
  if (!cctz::load_time_zone(name, &zone)) return std::nullopt;
  return SiteClock(zone);
}

UtcMs SiteClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count() + shift_;
}

int SiteClock::offset_minutes(UtcMs at) const {
  return zone_.lookup(seconds_of(at)).offset / 60;
}

UtcMs SiteClock::utc(LocalMs at) const {
  const auto reading = cctz::convert(seconds_of(at), cctz::utc_time_zone());
  const auto found = zone_.lookup(reading);
  const std::int64_t fraction = ((at % 1000) + 1000) % 1000;
  // pre: the earlier of two readings; in a gap the reading as if the clock had not been moved.
  return found.pre.time_since_epoch().count() * 1000 + fraction;
}

std::optional<WrittenTime> parse_time(std::string_view text) {
  Reader in{trimmed(text)};
  int year = 0, month = 0, day = 0;
  if (in.text.size() > 2 && in.text[2] == '/') {
    day = in.digits(2);
    in.need('/');
    month = in.digits(2);
    in.need('/');
    year = in.digits(4);
  } else {
    year = in.digits(4);
    in.need('-');
    month = in.digits(2);
    in.need('-');
    day = in.digits(2);
  }
  const auto date = std::chrono::year(year) / month / day;
  if (!in.ok || !date.ok()) return std::nullopt;
  WrittenTime out{days_of(year, static_cast<unsigned>(month), static_cast<unsigned>(day)) * day_ms,
                  std::nullopt};
  if (in.text.empty()) return out;
  if (!in.take('T') && !in.take(' ')) return std::nullopt;
  const int hour = in.digits(2);
  in.need(':');
  const int minute = in.digits(2);
  int second = 0;
  std::int64_t fraction = 0;
  if (in.ok && in.take(':')) {
    second = in.digits(2);
    if (in.take('.')) {
      std::int64_t unit = 100;
      std::size_t count = 0;
      while (!in.text.empty() && in.text[0] >= '0' && in.text[0] <= '9') {
        fraction += (in.text[0] - '0') * unit;
        unit /= 10;
        in.text.remove_prefix(1);
        ++count;
      }
      if (count == 0 || count > 9) return std::nullopt;
    }
  }
  if (!in.ok || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  out.local += ((hour * 60 + minute) * 60 + second) * std::int64_t{1000} + fraction;
  if (in.take('Z')) {
    out.offset = 0;
  } else if (in.text.starts_with('+') || in.text.starts_with('-')) {
    const int sign = in.take('-') ? -1 : (in.take('+'), 1);
    const int hours = in.digits(2);
    in.take(':');
    const int minutes = in.digits(2);
    out.offset = sign * (hours * 60 + minutes);
  }
  if (!in.ok || !in.text.empty()) return std::nullopt;
  return out;
}

void append_local(std::string& out, LocalMs at, bool milliseconds) {
  const std::int64_t days = at >= 0 ? at / day_ms : (at - day_ms + 1) / day_ms;
  const auto of_day = static_cast<unsigned>(at - days * day_ms);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, of_day / 3'600'000, 2);
  out += ':';
  append_digits(out, of_day / 60'000 % 60, 2);
  out += ':';
  append_digits(out, of_day / 1000 % 60, 2);
  if (!milliseconds) return;
  out += '.';
  append_digits(out, of_day % 1000, 3);
}

void append_offset(std::string& out, int minutes) {
  out += minutes < 0 ? '-' : '+';
  const auto size = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
  append_digits(out, size / 60, 2);
  out += ':';
  append_digits(out, size % 60, 2);
}

std::string format_utc7(UtcMs at) {
  std::string out;
  append_local(out, at, true);
  return out + "0000Z";
}

}  // namespace gatehouse::sim
