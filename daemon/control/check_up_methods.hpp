#pragma once
// The check-up over D-Bus.

#include <vector>

#include "daemon/app/check_up.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {

/// org.gatehouse.Gateway1.Doctor(integration), "" for everything. It takes `sync`, since it signs in at Net2.
/// The desk must outlive the methods.
std::vector<Method> check_up_methods(CheckUp& desk);

}  // namespace gatehouse
