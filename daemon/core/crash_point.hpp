#pragma once
// Labelled places at which a test build can be killed or made to stand still, so that "what if power goes
// here" and "what if this hangs" are tests and not questions. Compiled to nothing unless
// GATEHOUSE_CRASH_POINTS is defined.

#include <string_view>

namespace gatehouse {

/// Ends the process by SIGKILL at the n-th pass of the label that GATEHOUSE_CRASH_AT="label[:n]" names
/// (n from 1, 1 if left out). The variable is read once. Safe from any thread.
#ifdef GATEHOUSE_CRASH_POINTS
void crash_point(std::string_view label);
#else
constexpr void crash_point(std::string_view /*label*/) {}
#endif

/// True from the n-th pass on where GATEHOUSE_FREEZE_AT="label[:n]" names this label (as above): the caller
/// is then to stand still. Labels are the names of loops and threads. Safe from any thread.
#ifdef GATEHOUSE_CRASH_POINTS
inline constexpr bool has_freeze_points = true;
bool freezes_at(std::string_view label);
#else
inline constexpr bool has_freeze_points = false;
constexpr bool freezes_at(std::string_view /*label*/) {
  return false;
}
#endif

}  // namespace gatehouse
