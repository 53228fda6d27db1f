#pragma once
// `gatehouse check`: the configuration is looked through here, without a daemon.

#include <string>

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/terminal.hpp"

namespace gatehouse {

/// Faults go to `err` as FILE:LINE:COLUMN: MESSAGE, or to `out` as {"ok":false,"faults":[…]}.
ExitStatus check_files(const std::string& file, bool json, Terminal& terminal);

}  // namespace gatehouse
