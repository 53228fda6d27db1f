#pragma once
// One daemon for a state directory.

#include <filesystem>

namespace gatehouse {

/// Holds an advisory lock (flock) until its end, or until the process is gone in whatever way.
class LockFile {
 public:
  /// Throws StoreFault where another process holds it.
  explicit LockFile(const std::filesystem::path& file);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  void give_to_owner_of(const std::filesystem::path& directory) const;

  int fd_ = -1;
};

}  // namespace gatehouse
