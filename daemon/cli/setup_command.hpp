#pragma once
// `gatehouse setup`: done here, without a daemon.

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/session.hpp"

namespace gatehouse {

/// Asks on the terminal, or takes the answers from a file. With --json the dialogue goes to `err`, and one
/// document to `out`: {"ok","dry_run","config","written","backup","restart_needed","next","found","error",
/// "details"}.
ExitStatus set_up(CommandSession& session);

}  // namespace gatehouse
