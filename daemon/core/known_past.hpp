#pragma once
// What is certainly past, for those who look at a date beside the gateway's clock: certificates. A board
// without a battery comes up in 1970, where no certificate is valid yet; without it nothing could be asked
// what time it is.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// This program was released later: who says less does not know the time.
constexpr Instant released =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / std::chrono::day(1));

namespace detail {
inline std::atomic<std::int64_t> known_past_ms{0};
}

/// The gateway's floor at its start: it was later than that before. Once, before anything connects.
inline void note_past(Instant at) {
  detail::known_past_ms = std::max(at, released).time_since_epoch().count();
}

/// When certificates are looked at: as the host says, which must be right where it can be; where it certainly
/// is not, the latest time that is known to be past. Safe from any thread.
inline Instant certificate_time(Instant wall) {
  if (wall >= released) return wall;
  return std::max(released, Instant(Duration(detail::known_past_ms.load())));
}

}  // namespace gatehouse
