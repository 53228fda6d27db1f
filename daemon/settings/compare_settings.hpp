#pragma once
// What is another in one configuration than in another, key by key. Secrets are named, never read.

#include <string>
#include <vector>

#include "daemon/core/changed_key.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// In the order of the file. What is added or removed as a whole (an integration, a door) is one entry, with
/// its id as the value.
std::vector<ChangedKey> compare_settings(const Settings& before, const Settings& after);

/// Keys that a running daemon cannot change: they name the store's numbering, or where it is.
std::vector<std::string> needs_restart(const Settings& before, const Settings& after);

}  // namespace gatehouse
