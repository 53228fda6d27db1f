#pragma once
// Files that are put in place together or not at all.

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "daemon/core/result.hpp"

namespace gatehouse::setup {

struct FileOwner {
  uid_t user = 0;
  gid_t group = 0;
};

/// Each file is first written whole beside its place, under a hidden name; commit() then moves all of them.
/// What is not committed goes with this object, and so do folders that were made for it. Blocks on the disk.
class StagedFiles {
 public:
  StagedFiles() = default;
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;
  ~StagedFiles();

  /// A folder and those above it that are missing; one that is there is left as it is.
  Result<void> add_folder(const std::string& path, mode_t mode, std::optional<FileOwner> owner);
  /// `backup`: what stands there now is kept under this name. Errc::storage, storage_full.
  Result<void> add(const std::string& path, const std::string& content, mode_t mode,
                   std::optional<FileOwner> owner, const std::optional<std::string>& backup = std::nullopt);
  /// Where the new content stands until it is committed.
  std::string staged_path(const std::string& path) const;
  /// All or none: after an error everything is as it was.
  Result<void> commit();

 private:
  struct Staged {
    std::string path;
    std::string fresh;                  ///< the new content
    std::string before;                 ///< a second name of the old content, while it may have to come back
    std::optional<std::string> backup;  ///< its lasting name
    bool moved = false;
  };
  Result<void> move_in(Staged& file);
  void undo();

  std::vector<Staged> files_;
  std::vector<std::string> folders_;  ///< made by us, outer ones first
  bool committed_ = false;
};

/// "PATH.bak-2026-06-01", or with "-2", "-3" … behind it where that is taken.
std::string backup_name(const std::string& path, const std::string& today);

}  // namespace gatehouse::setup
