#pragma once
// What can be seen of a gateway that does not answer: its unit, its configuration, its directory, its disk.

#include <string>

namespace gatehouse {

/// A check-up's document, whose first finding is that the daemon cannot be reached: `why` (its first line
/// says what happened, the others what to do). Starts nothing, changes nothing, locks nothing.
std::string look_without_daemon(const std::string& why, const std::string& config);

}  // namespace gatehouse
