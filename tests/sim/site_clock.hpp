#pragma once
// The Net2 server's clock: wall time in the site's zone, which a test may shift.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <cctz/time_zone.h>

namespace gatehouse::sim {

using UtcMs = std::int64_t;    ///< milliseconds since 1970 UTC
using LocalMs = std::int64_t;  ///< a wall-clock reading, counted as if it were UTC

class SiteClock {
 public:
  /// nullopt where the machine knows no such zone (IANA name).
  static std::optional<SiteClock> in_zone(const std::string& name);

  UtcMs now() const;
  void shift(std::int64_t by) { shift_ += by; }  ///< milliseconds; adds up
  void set(UtcMs to) { shift_ += to - now(); }
  std::int64_t shifted_by() const { return shift_; }

  int offset_minutes(UtcMs at) const;
  LocalMs local(UtcMs at) const { return at + offset_minutes(at) * std::int64_t{60000}; }
  /// The first of the two readings in the repeated autumn hour; in the spring gap, the moment after it.
  UtcMs utc(LocalMs at) const;

 private:
  explicit SiteClock(cctz::time_zone zone) : zone_(zone) {}
  cctz::time_zone zone_;
  std::int64_t shift_ = 0;
};

/// A date as a client may write it; `offset` (minutes) where it wrote one.
struct WrittenTime {
  LocalMs local;
  std::optional<int> offset;
};
/// ISO 8601 with `T` or a blank, 0–9 fraction digits, nothing/`Z`/offset, a date alone; and the short
/// date of a British Windows, "31/03/2026 [23:59[:00]]" (net2-api.md §3.3.3).
std::optional<WrittenTime> parse_time(std::string_view text);

void append_local(std::string& out, LocalMs at, bool milliseconds);  ///< 2026-01-05T06:00:01[.017]
void append_offset(std::string& out, int minutes);                   ///< +01:00; +00:00 for UTC
std::string format_utc7(UtcMs at);                                   ///< 2026-09-17T11:51:20.9830000Z

}  // namespace gatehouse::sim
