#include "daemon/core/opening_hours.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

using namespace std::chrono;

/// By a window that begins on `day`.
bool open_by_day(const Schedule& schedule, local_days day, LocalTime wall) {
  if (std::ranges::find(schedule.except, year_month_day{day}) != schedule.except.end()) return false;
  return std::ranges::any_of(schedule.days.at(weekday{day}.c_encoding()), [&](const Window& window) {
    const auto end = window.runs_into_next_day() ? window.end + days{1} : window.end;
    return day + window.start <= wall && wall < day + end;
  });
}

}  // namespace

bool open_at(const Schedule& schedule, const TimeZone& zone, Instant at) {
  // Wall times are compared, never moments: so both days on which clocks change come out as promised.
  const LocalTime wall = zone.local(at);
  const auto today = floor<days>(wall);
  // No window is longer than a day.
  return open_by_day(schedule, today, wall) || open_by_day(schedule, today - days{1}, wall);
}

}  // namespace gatehouse
