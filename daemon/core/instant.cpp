#include "daemon/core/instant.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace gatehouse {
namespace {

using namespace std::chrono;

/// Walks over a date text from left to right; each step says whether it could.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool number(std::size_t digits, int& out) {
    if (rest_.size() < digits) return false;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
    }
    std::from_chars(rest_.data(), rest_.data() + digits, out);
    rest_.remove_prefix(digits);
    return true;
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// ".123…": at least one digit, kept to the millisecond.
  bool fraction(milliseconds& out) {
    int ms = 0;
    int scale = 100;
    std::size_t digits = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      ms += (rest_.front() - '0') * scale;
      scale /= 10;
      ++digits;
      rest_.remove_prefix(1);
    }
    out = milliseconds(ms);
    return digits >= 1;
  }
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

bool read_date(Reader& reader, local_days& out) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (!reader.number(4, y) || !reader.literal('-') || !reader.number(2, m) || !reader.literal('-') ||
      !reader.number(2, d)) {
    return false;
  }
  const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
  if (!date.ok()) return false;
  out = local_days(date);
  return true;
}

/// "HH:MM:SS[.fraction]"; a leap second counts as the last of its minute.
bool read_time(Reader& reader, milliseconds& out) {
  int h = 0;
  int m = 0;
  int s = 0;
  if (!reader.number(2, h) || !reader.literal(':') || !reader.number(2, m) || !reader.literal(':') ||
      !reader.number(2, s) || h > 23 || m > 59 || s > 60) {
    return false;
  }
  if (s == 60) s = 59;
  milliseconds part{0};
  if (reader.literal('.') && !reader.fraction(part)) return false;
  out = hours(h) + minutes(m) + seconds(s) + part;
  return true;
}

/// "Z" or "+HH:MM". False only for something that is neither; nothing at all leaves nullopt.
bool read_offset(Reader& reader, std::optional<minutes>& out) {
  if (reader.done()) return true;
  if (reader.literal('Z') || reader.literal('z')) {
    out = minutes(0);
    return true;
  }
  const bool west = reader.peek() == '-';
  if (!reader.literal('+') && !reader.literal('-')) return false;
  int h = 0;
  int m = 0;
  if (!reader.number(2, h) || !reader.literal(':') || !reader.number(2, m) || h > 23 || m > 59) return false;
  const minutes offset = hours(h) + minutes(m);
  out = west ? -offset : offset;
  return true;
}

}  // namespace

std::string format_utc(Instant at) {
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  std::array<char, 40> text{};
  int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                    static_cast<int>(time.seconds().count()));
  std::string out(text.data(), static_cast<std::size_t>(length));
  if (const auto ms = time.subseconds().count(); ms != 0) {
    length = std::snprintf(text.data(), text.size(), ".%03d", static_cast<int>(ms));
    out.append(text.data(), static_cast<std::size_t>(length));
  }
  out += 'Z';
  return out;
}

std::optional<NetTime> parse_net_time(std::string_view text) {
  Reader reader(text);
  local_days date;
  if (!read_date(reader, date)) return std::nullopt;
  NetTime result{.local = date, .offset = std::nullopt};
  if (reader.done()) return result;
  milliseconds time{0};
  if ((!reader.literal('T') && !reader.literal(' ')) || !read_time(reader, time)) return std::nullopt;
  if (!read_offset(reader, result.offset) || !reader.done()) return std::nullopt;
  result.local = date + time;
  return result;
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  const auto time = parse_net_time(text);
  if (!time || !time->offset) return std::nullopt;
  return Instant(time->local.time_since_epoch() - *time->offset);
}

std::optional<LocalTime> parse_local_time(std::string_view text) {
  Reader reader(text);
  local_days date;
  int h = 0;
  int m = 0;
  int s = 0;
  if (!read_date(reader, date) || !reader.literal('T')) return std::nullopt;
  if (!reader.number(2, h) || !reader.literal(':') || !reader.number(2, m)) return std::nullopt;
  if (reader.literal(':') && !reader.number(2, s)) return std::nullopt;
  if (!reader.done() || h > 23 || m > 59 || s > 59) return std::nullopt;
  return date + hours(h) + minutes(m) + seconds(s);
}

bool is_no_date(const NetTime& time) {
  return year_month_day(floor<days>(time.local)).year() < year(1900);
}

}  // namespace gatehouse
