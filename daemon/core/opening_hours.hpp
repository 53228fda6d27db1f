#pragma once
// Whether a schedule is open at a moment (contract §2 `schedules`).

#include "daemon/core/schedule.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// True where the wall clock of `zone` (of the site that counts: the door's, contract §4) shows a time within
/// a window of the schedule. `except` takes away the windows that begin on its days, also what of them lies
/// in the next day, and leaves those that began the day before.
///
/// When clocks go back, a wall time counts both times that it is shown; when they go forward, a window that
/// begins in the skip begins where the skip ends, and one that lies in it does not exist.
bool open_at(const Schedule& schedule, const TimeZone& zone, Instant at);

}  // namespace gatehouse
