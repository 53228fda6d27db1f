#pragma once
// Configurations that are not in force yet: looked at, tried, confirmed.

#include <vector>

#include "daemon/app/config_verbs.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {

/// The verbs must outlive the methods.
std::vector<Method> config_methods(ConfigVerbs& verbs);

}  // namespace gatehouse
