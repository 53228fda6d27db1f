#pragma once
// The last lines of a service in the system's journal.

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Oldest first: "2026-06-01T08:00:00Z 4 the text" (syslog's number of the level). Errc::forbidden where the
/// journal may not be read, Errc::not_found where it has nothing of the service. Looks for `at_most_time`.
Result<std::vector<std::string>> last_journal_lines(const std::string& unit, std::size_t at_most,
                                                    Duration at_most_time);

}  // namespace gatehouse
