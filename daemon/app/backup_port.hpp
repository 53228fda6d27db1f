#pragma once
// A copy of the state while the daemon goes on.

#include <string>

#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

class BackupStore {
 public:
  virtual ~BackupStore() = default;
  /// The path of a file in the state directory that is a whole backup, for the caller to remove. Made in
  /// short steps, so that decisions never wait for it. Errc::busy while another is made.
  virtual Task<Result<std::string>> make_backup() = 0;
};

}  // namespace gatehouse
