#pragma once
// Open files, and what the system says when it refuses one.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// An open file descriptor; closes it.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();

  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

/// Errc::storage_full where there was no room, else Errc::storage: "move people.jsonl to done/: Permission
/// denied".
Error system_error(std::string_view doing, int code);

/// A file's name fit for a log: control characters become '?', and it is not too long.
std::string shown_name(std::string_view name);

/// Names in an open directory, without "." and "..", in no order.
Result<std::vector<std::string>> names_in(const FileHandle& directory);

/// What was written to the file, or moved into or out of the directory, survives a power cut from now on.
Result<void> make_durable(const FileHandle& file, std::string_view what);

/// rename(2) that never overwrites. False: errno says why, EEXIST where the new name is taken.
bool move_without_replacing(const FileHandle& from, const std::string& name, const FileHandle& to,
                            const std::string& new_name);

/// Writes all of it.
Result<void> write_all(const FileHandle& file, std::string_view text);

}  // namespace gatehouse
