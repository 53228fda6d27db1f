#pragma once
// A copy of the state in one file, and its way back.

#include <filesystem>
#include <memory>
#include <string>

#include "daemon/core/instant.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// What a backup says of itself.
struct BackupFacts {
  Instant made{};
  std::string source;  ///< whose it is: "/gatehouse/{tenant}/{gateway}"
  std::int64_t schema = 0;
};

/// A backup that is being made, in steps, while others write: it has what the store has at the last step. All
/// calls throw StoreFault; a file that is not finished is removed.
class BackupMaking {
 public:
  /// `to` must not be there. It is made for its owner alone.
  BackupMaking(Database& store, std::filesystem::path to, std::string source, Instant now);
  ~BackupMaking();
  BackupMaking(const BackupMaking&) = delete;
  BackupMaking& operator=(const BackupMaking&) = delete;

  /// True when all is copied. On the store's thread.
  bool step(int pages);
  /// Then: looks at all of it, and waits for the disk. On any thread.
  void finish();

 private:
  std::filesystem::path to_;
  std::string source_;
  Instant now_;
  std::unique_ptr<Database::Copy> copy_;
  bool done_ = false;
};

/// Looks at every page and every table of a backup, which it may write beside. Throws a StoreFault that says
/// what is wrong with it: no backup, damaged, of a newer gatehouse.
BackupFacts check_backup(const std::filesystem::path& file);

struct Restored {
  BackupFacts facts;
  std::filesystem::path aside;  ///< where the state of before is
};

/// Puts a backup in place of the state in `directory`, which the caller has locked. What was there is kept
/// aside. Files belong to whom the directory belongs. At the next open it is mended (mend.hpp). `source`: the
/// gateway's; a backup of another one is refused unless it is empty. Throws StoreFault; the state is then as
/// it was.
Restored restore_backup(const std::filesystem::path& file, const std::filesystem::path& directory,
                        const std::string& source, Instant now);

}  // namespace gatehouse
