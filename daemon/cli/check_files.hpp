#pragma once
// `gatehouse check`: the configuration is looked through here, without a daemon.

#include <string>

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/terminal.hpp"
#include "daemon/settings/load_settings.hpp"

namespace gatehouse {

/// With the policy's tests run, and the file of command keys looked through. Without settings where anything
/// is wrong.
Loaded look_through(const std::string& file);

/// What a good configuration would change, as far as a daemon could be asked.
struct Foresight {
  std::string document;  ///< JSON of org.gatehouse.Gateway1.Config.Preview; empty: it is not known
  std::string words;     ///< the same for people
  std::string unknown;   ///< why it is not known, in one line
};

ExitStatus tell_checked(const Loaded& loaded, const std::string& file, bool json, const Foresight& foresight,
                        Terminal& terminal);

/// Only the files. Faults go to `err` as FILE:LINE:COLUMN: MESSAGE, or to `out` as {"ok":false,"faults":[…]}.
ExitStatus check_files(const std::string& file, bool json, Terminal& terminal);

}  // namespace gatehouse
