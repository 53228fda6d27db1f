#include "connectors/net2/server_zone.hpp"

#include <algorithm>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

/// More than controllers' clocks differ, less than the hour that autumn repeats (Lord Howe repeats half of
/// one).
constexpr auto disorder = 5min;
/// How far ahead clocks can go back and still put a later event before an earlier one on the wall.
constexpr auto repeated_at_most = 3h;

std::chrono::sys_seconds whole(Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at);
}

}  // namespace

struct ServerZone::Zone {
  cctz::time_zone zone;
};

Result<ServerZone> ServerZone::load(const std::string& name) {
  auto zone = std::make_shared<Zone>();
  if (name.empty() || !cctz::load_time_zone(name, &zone->zone)) {
    return Error{Errc::invalid, "no time zone '" + name + "' on this machine (package tzdata)"};
  }
  return ServerZone(std::move(zone));
}

Resolved ServerZone::resolve(const NetTime& time) const {
  if (time.offset) {
    const Instant at(time.local.time_since_epoch() - *time.offset);
    return {at, at};
  }
  const auto second = std::chrono::floor<std::chrono::seconds>(time.local);
  const Duration part = time.local - second;
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time_of_day(second - day);
  const cctz::civil_second civil(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), time_of_day.hours().count(),
                                 time_of_day.minutes().count(), time_of_day.seconds().count());
  const auto found = zone_->zone.lookup(civil);
  // SKIPPED: `pre` reads the time with the offset from before the gap, so it lands as far behind it.
  const bool repeated = found.kind == cctz::time_zone::civil_lookup::REPEATED;
  const Instant first = std::chrono::time_point_cast<Duration>(found.pre) + part;
  return {first, repeated ? std::chrono::time_point_cast<Duration>(found.post) + part : first};
}

Instant ServerZone::resolve_after(const NetTime& time, std::optional<Instant> previous) const {
  const Resolved found = resolve(time);
  const bool runs_back = previous && found.first < *previous - disorder;
  return runs_back ? found.second : found.first;
}

std::string ServerZone::local_text(Instant at) const {
  return cctz::format("%Y-%m-%dT%H:%M:%S", whole(at), zone_->zone);
}

std::string ServerZone::local_text_not_after(Instant at) const {
  const auto now = zone_->zone.lookup(whole(at)).offset;
  const auto later = zone_->zone.lookup(whole(at + repeated_at_most)).offset;
  const auto back = std::chrono::seconds(std::max(0, now - later));
  return local_text(at - back);
}

}  // namespace gatehouse
