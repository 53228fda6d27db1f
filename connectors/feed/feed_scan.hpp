#pragma once
// One snapshot read from its first line to its end, in slices.

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/feed/feed_lines.hpp"
#include "connectors/feed/file_handle.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// True where the last line that is not blank is an end line. Reads the last 64 KiB only and says nothing of
/// the rest. The file's offset is left alone.
Result<bool> has_end_line(const FileHandle& file);

class FeedScan {
 public:
  /// `take` gets each person in the order of the file; it may be empty.
  FeedScan(FileHandle file, std::vector<SourceField> fields, FeedLines::Take take);

  /// About 1 MiB more. False: it has read the whole file, and the file is a complete snapshot.
  /// Errc::malformed and Errc::incomplete name the line; Errc::storage is the disk's. Do not go on after an
  /// error.
  Result<bool> read_on();

  std::uint64_t people() const { return lines_.people(); }
  const FileHandle& file() const { return file_; }

 private:
  FileHandle file_;
  std::string slice_;  ///< room for what is read
  FeedLines lines_;
};

}  // namespace gatehouse
