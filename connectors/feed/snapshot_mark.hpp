#pragma once
// Which snapshot in done/ is the current one. Neither names nor times tell it for certain: the clock may have
// been set back between two of them, and chown -R, or a copy from a backup, makes them all equally old.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/feed/file_handle.hpp"
#include "connectors/feed/folder_shelf.hpp"

namespace gatehouse {

struct MarkedSnapshot {
  std::string name;
  std::uint64_t inode = 0;  ///< finds it under another name, too
};

/// Kept in the feed's directory as the file ".current". It is written before a snapshot is moved, and true
/// before and after: `next` counts as soon as it lies in done/. And again after, so that one which is removed
/// from there is missed.
struct SnapshotMark {
  std::optional<MarkedSnapshot> now;
  std::optional<MarkedSnapshot> next;

  /// nullopt where there is none, or somebody has written something else into it.
  static Result<std::optional<SnapshotMark>> read(const FileHandle& directory);
  /// Durable when it returns.
  Result<void> write(const FileHandle& directory) const;
  /// The one among those of done/; nullopt where it is not there any more.
  std::optional<std::string> find(const std::vector<FolderShelf::Item>& items) const;
};

}  // namespace gatehouse
