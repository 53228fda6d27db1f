#pragma once
// Time as values. Pure code takes an Instant; only the host's Clock reads a real one.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

using Duration = std::chrono::milliseconds;

/// A moment on the world's clock (UTC, milliseconds since 1970).
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// A moment on this boot's steady clock; never jumps, means nothing to others.
using Uptime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

/// A wall-clock time whose zone is known from elsewhere (a Net2 server's own).
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

/// RFC 3339 in UTC: "2026-06-01T09:00:00Z", with ".123" only where there are milliseconds.
std::string format_utc(Instant at);

/// Reads RFC 3339 with `Z` or an offset and any number of fraction digits. Nothing else: nullopt.
std::optional<Instant> parse_rfc3339(std::string_view text);

/// A date and time as Net2 writes it: the zone part may be missing (net2-api.md §6.1).
struct NetTime {
  LocalTime local;
  std::optional<std::chrono::minutes> offset;  ///< as written; nullopt: the server's zone decides
};

/// Reads "2026-01-05T06:00:01", with any number of fraction digits, and nothing, `Z` or an offset behind it.
/// A blank in place of the `T` and a date alone are accepted. nullopt where it is no date at all.
std::optional<NetTime> parse_net_time(std::string_view text);

/// Reads a local date and time as people write it: "2026-06-01T10:00", seconds optional. Nothing else: no
/// zone, no fraction, no leap second; nullopt.
std::optional<LocalTime> parse_local_time(std::string_view text);

/// Years before 1900 are how Net2 says "none" (1753 and 0001; net2-api.md §6.4).
bool is_no_date(const NetTime& time);

}  // namespace gatehouse
