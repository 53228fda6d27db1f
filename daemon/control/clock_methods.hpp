#pragma once
// The clock and its floor over D-Bus.

#include <vector>

#include "daemon/app/clock_desk.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {

/// The desk must outlive the methods. To lower the floor takes `administer`: it can make valid again what had
/// expired.
std::vector<Method> clock_methods(ClockDesk& desk);

}  // namespace gatehouse
