#pragma once

#include <optional>
#include <string>

#include "daemon/core/settings.hpp"

namespace gatehouse {

/// Where the daemon keeps its state, found in its own order (gatehoused(8)): what was `given`, the
/// configuration's, $STATE_DIRECTORY; then the packaged place.
std::string state_directory(const std::string& given, const std::optional<Settings>& settings);

}  // namespace gatehouse
