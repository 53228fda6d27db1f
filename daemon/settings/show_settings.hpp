#pragma once
// The configuration in force, every default written out. Secrets are shown as where they are kept.

#include <string>

#include "daemon/core/settings.hpp"

namespace gatehouse {

/// Loading this text again gives equal settings.
std::string effective_yaml(const Settings& settings);

/// One JSON object of the same shape as the YAML.
std::string effective_json(const Settings& settings);

}  // namespace gatehouse
