#pragma once
// The state's file as a backup and back again, while no daemon has it.

#include <string>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Whose state it is, and where.
struct StatePlace {
  std::string directory;
  std::string source;  ///< "/gatehouse/{tenant}/{gateway}"; empty: nobody says
};

/// Makes `to`, which must not be there, of the state. Errc::busy while a daemon has it; Errc::refused where
/// it is damaged: the daemon's start salvages it.
Result<void> copy_state(const StatePlace& place, const std::string& to, Instant now);

struct RestoredState {
  Instant made{};      ///< when the backup was
  std::string source;  ///< whose it is
  std::string aside;   ///< where the state of before is now
};

/// Puts `file` in place of the state. Errc::busy while a daemon has it; Errc::refused for what is no whole
/// backup of this gateway by this or an older version. The state is then as it was.
Result<RestoredState> restore_state(const std::string& file, const StatePlace& place, Instant now);

}  // namespace gatehouse
