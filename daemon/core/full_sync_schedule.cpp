#include "daemon/core/full_sync_schedule.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

using namespace std::chrono;

bool has_pass(const FullSync& full, local_days date) {
  switch (full.every) {
    case FullSync::Every::daily:
      return true;
    case FullSync::Every::weekly:
      return weekday{date} == full.weekday;
    case FullSync::Every::monthly:
      break;
  }
  const year_month_day today{date};
  const day last = year_month_day_last{today.year(), month_day_last{today.month()}}.day();
  return today.day() == std::min(day(static_cast<unsigned>(full.day)), last);
}

/// The first moment of the schedule after `moment`. Passes of earlier local days than that of `moment` need
/// no look: their wall times are past, and so are the moments of these (promises of TimeZone).
Instant first_after(Instant moment, const FullSync& full, const TimeZone& zone) {
  for (auto date = floor<days>(zone.local(moment));; date += days{1}) {
    if (!has_pass(full, date)) continue;
    if (const Instant due = zone.first_instant_of(date + full.at); due > moment) return due;
  }
}

}  // namespace

Instant next_full_pass(const FullSync& full, const TimeZone& zone, std::optional<Instant> last_ended,
                       Instant now) {
  if (!last_ended) return first_after(now - Duration{1}, full, zone);
  if (*last_ended > now) return now;
  return std::max(now, first_after(*last_ended, full, zone));
}

}  // namespace gatehouse
