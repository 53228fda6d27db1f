#pragma once
// What the write-ahead log has to hold: SQLite takes a log that is gone or cut short for one that never had
// more, and goes back to what was true before. The seal lies beside the store's file and says otherwise.

#include <cstdint>
#include <filesystem>
#include <optional>

namespace gatehouse {

/// 64 bytes in a file of their own, written over in place after each commit that waited for the disk, without
/// waiting itself: after a power cut it may be behind the log, but never before it.
struct LogSeal {
  std::uint32_t salt1 = 0, salt2 = 0;  ///< of the log: other ones each time it starts anew
  std::uint32_t frames = 0;            ///< that it had at least
  bool copied = true;                  ///< all of these are in the store's file, too: the log is not needed
  bool checks = true;                  ///< pages in the store's file carry checks
  std::uint32_t schema = 0;            ///< user_version of the store

  bool operator==(const LogSeal&) const = default;
};

/// FILE-seal.
std::filesystem::path seal_of(const std::filesystem::path& file);

/// What a seal's file says.
struct SealFound {
  bool there = false;
  std::optional<LogSeal> seal;  ///< none: it is damaged
};
SealFound read_seal(const std::filesystem::path& file);

/// Makes the file when it is first written to, and holds it open. Without room for it the store goes on
/// without one; the next open then trusts less.
class SealFile {
 public:
  explicit SealFile(const std::filesystem::path& file) : file_(seal_of(file)) {}
  ~SealFile();
  SealFile(const SealFile&) = delete;
  SealFile& operator=(const SealFile&) = delete;

  bool there() const;
  /// Does nothing where it is the same as what was written last.
  void write(const LogSeal& seal);
  /// Waits until the disk has it.
  void flush();

 private:
  std::filesystem::path file_;
  int fd_ = -1;
  std::optional<LogSeal> written_;
};

}  // namespace gatehouse
