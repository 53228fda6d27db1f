#pragma once
// Opening hours as values: a week of windows in the local wall time of a door's site (contract §2
// `schedules`).

#include <array>
#include <chrono>
#include <vector>

namespace gatehouse {

/// Half open, [start, end), in minutes after local midnight. An end at or before the start runs into the next
/// day; "24:00" is 1440.
struct Window {
  std::chrono::minutes start{0};  ///< 0..1439
  std::chrono::minutes end{0};    ///< 0..1440

  bool runs_into_next_day() const { return end <= start; }
  bool operator==(const Window&) const = default;
};

/// What is not in a window is closed.
struct Schedule {
  std::array<std::vector<Window>, 7> days;          ///< by the day on which a window begins; 0 is Sunday
  std::vector<std::chrono::year_month_day> except;  ///< windows that begin on these days are closed

  bool operator==(const Schedule&) const = default;
};

}  // namespace gatehouse
