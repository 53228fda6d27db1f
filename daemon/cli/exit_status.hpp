#pragma once

namespace gatehouse {

/// Exit statuses of `gatehouse` (contract §1).
enum class ExitStatus {
  done = 0,
  failed = 1,     ///< refused or failed; stderr says why and what to do
  usage = 2,      ///< wrong usage
  not_well = 3,   ///< the answer is "not well"
  no_daemon = 4,  ///< the daemon cannot be reached
};

}  // namespace gatehouse
