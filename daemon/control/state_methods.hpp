#pragma once
// The state's file over D-Bus: a backup, and what a salvage left.

#include <vector>

#include "daemon/app/state_desk.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {

/// The desk must outlive the methods. A backup has all that is known of everybody, and to accept what was
/// salvaged lets people in: both take `administer`.
std::vector<Method> state_methods(StateDesk& desk);

}  // namespace gatehouse
