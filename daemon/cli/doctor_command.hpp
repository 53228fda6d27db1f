#pragma once
// `gatehouse doctor` and `gatehouse integration check`.

#include <string>

#include <boost/json/value.hpp>

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/session.hpp"

namespace gatehouse {

/// Everything; exit status 3 with faults. Where the daemon cannot be reached it looks at what can be seen
/// without it, and the status is 4.
ExitStatus run_doctor(CommandSession& session);

/// One integration, by the same findings.
ExitStatus check_integration(CommandSession& session);

/// A report for people: what is wrong, why it matters, how to mend it, a line each; then what is well.
std::string check_up_words(const boost::json::value& report);

}  // namespace gatehouse
