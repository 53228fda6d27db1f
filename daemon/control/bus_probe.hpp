#pragma once
// Asks whether a bus answers, without waiting for it on the io thread.

#include <string>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// sdbus-c++ opens a bus by blocking calls. A socket that systemd holds accepts although no bus is behind it
/// yet, and then the whole daemon would stand still. So the first steps of the authentication are made here,
/// asynchronously: a bus that answered them answers the rest at once.
///
/// `address` is a D-Bus address; one without a unix transport is passed unasked. Errc::unreachable or
/// Errc::timeout with a reason; Errc::refused where the bus does not let us in.
Task<Result<void>> probe_bus(std::string address, Duration limit);

}  // namespace gatehouse
