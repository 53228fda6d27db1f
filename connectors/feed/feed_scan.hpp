#pragma once
// One snapshot read from its first line to its end, in slices.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/feed/feed_line.hpp"
#include "connectors/feed/file_handle.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

inline constexpr std::uint64_t max_feed_file = std::uint64_t{64} * 1024 * 1024;  ///< bytes

/// True where the last line that is not blank is an end line. Reads the last 64 KiB only and says nothing of
/// the rest. The file's offset is left alone.
Result<bool> has_end_line(const FileHandle& file);

/// Holds at most two lines, and 16 bytes for each person so far.
class FeedScan {
 public:
  using Take = std::function<void(SourceRecord&&)>;

  /// `take` gets each person in the order of the file; it may be empty.
  FeedScan(FileHandle file, std::vector<SourceField> fields, Take take);

  /// About 1 MiB more. False: it has read the whole file, and the file is a complete snapshot.
  /// Errc::malformed and Errc::incomplete name the line; Errc::storage is the disk's. Do not go on after an
  /// error.
  Result<bool> read_on();

  std::uint64_t people() const { return seen_.size(); }
  const FileHandle& file() const { return file_; }

 private:
  Result<void> split();
  Result<void> take_line(std::string_view line);
  Result<void> finish();

  FileHandle file_;
  std::vector<SourceField> fields_;
  Take take_;
  std::string pending_;  ///< read, and not yet a whole line
  std::uint64_t bytes_ = 0;
  std::uint64_t line_ = 0;                                    ///< number of the last line taken, from 1
  std::vector<std::pair<std::int64_t, std::uint64_t>> seen_;  ///< record number, line
  std::optional<FeedEnd> end_;
};

}  // namespace gatehouse
