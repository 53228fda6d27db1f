#pragma once
// The state's file while no daemon has it open.

#include <string>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// Figures of the store in this directory, with nobody in them: one JSON object. Errc::busy while a daemon
/// has it.
Result<std::string> look_at_store(const std::string& directory);

}  // namespace gatehouse
