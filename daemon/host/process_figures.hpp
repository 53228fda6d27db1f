#pragma once
// What the kernel says of this process.

#include <optional>

#include "daemon/app/figures.hpp"

namespace gatehouse {

/// From /proc/self and getrusage(2); nullopt where /proc cannot be read. Takes well under a millisecond.
std::optional<Figures::Process> process_figures();

}  // namespace gatehouse
