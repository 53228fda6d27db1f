#pragma once
// done/ and failed/: where files go once they are dealt with, and how long they stay there.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/feed/file_handle.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// For one thread at a time.
class FolderShelf {
 public:
  struct Item {
    Instant at;  ///< when it was put here: by the stamp in its name, else by the file system
    std::string name;
    std::uint64_t bytes = 0;
    std::uint64_t inode = 0;
  };

  /// Makes it with the parent's mode where it is missing. A symbolic link in its place is refused.
  static Result<FolderShelf> open(const FileHandle& parent, std::string name);

  /// Whether the directory of this name in the parent is (still) this one.
  bool is_in(const FileHandle& parent) const;
  /// Files, oldest first.
  Result<std::vector<Item>> items() const;
  /// A file of this name that is here already gets the time of its coming before its name, so that the name
  /// is free for the next one. What it is called now; nullopt: there was none.
  Result<std::optional<std::string>> make_room(const std::string& name) const;
  /// "20260601T080000.123Z-people.jsonl": sorts by time. Names grow by 21 bytes; too long ones lose their
  /// beginning.
  static std::string stamped(Instant at, std::string_view name);
  /// Whether a file of this name can have become `shelved` by make_room().
  static bool is_aside(std::string_view shelved, std::string_view name);

  /// Removes what is older than 30 days, then the oldest beyond 1,000 files or 256 MiB, but never `keep`.
  Result<void> prune(Instant now, std::string_view keep) const;

  const FileHandle& handle() const { return handle_; }

 private:
  FolderShelf(FileHandle handle, std::string name) : handle_(std::move(handle)), name_(std::move(name)) {}

  FileHandle handle_;
  std::string name_;
};

}  // namespace gatehouse
