#pragma once
// The tests that the configuration brings along (contract §2 `tests`), run when it is looked through: a
// failing one is a fault like any other.

#include <functional>
#include <memory>
#include <string>

#include "daemon/core/access_policy.hpp"
#include "daemon/core/result.hpp"
#include "daemon/settings/load_settings.hpp"

namespace gatehouse {

/// daemon/host/zone_database.hpp has the real one.
using ZoneLoader = std::function<Result<std::shared_ptr<const TimeZone>>(const std::string& iana)>;

/// The clocks of all sites; an error for the first that cannot be had.
Result<AccessPolicy::Zones> load_site_zones(const Settings& settings, const ZoneLoader& load_zone);

/// Runs the tests of a configuration without faults. Each that fails becomes a fault at its place in the
/// file, and the settings are taken away. Modes of doors are the file's: what operators have set changes no
/// answer.
void check_policy(Loaded& loaded, const ZoneLoader& load_zone);

}  // namespace gatehouse
