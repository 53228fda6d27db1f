#pragma once
// The args of each command out of JSON (contract.md §3.2).

#include <boost/json/value.hpp>

#include "daemon/app/command_ports.hpp"

namespace gatehouse {

/// Strict: a member that is unknown or missing, a wrong type, or a value out of range is Errc::invalid. Its
/// words name members, never their values. Whether what is named exists is not looked at.
Result<CommandArgs> read_command_args(Command command, const boost::json::value& args);

}  // namespace gatehouse
