#pragma once
// The time zones of this machine (Debian package tzdata).

#include <memory>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// A zone by its IANA name, "Europe/London". Errc::invalid where this machine knows no such zone. Safe from
/// any thread. The database is read once for each name and kept for the life of the process (cctz), a name
/// that was not found too: a newer tzdata counts from the next start.
Result<std::shared_ptr<const TimeZone>> load_zone(const std::string& iana);

}  // namespace gatehouse
