#pragma once

#include "daemon/cli/command_line.hpp"
#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/terminal.hpp"

namespace gatehouse {

/// Does what was asked for. Trouble is told on `err`: what, why, and what to do.
ExitStatus run_command(const Invocation& command, Terminal& terminal);

}  // namespace gatehouse
