#pragma once
// A .tar.gz of a few texts (POSIX.1-1988 ustar, RFC 1952), made in memory.

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

class TarFile {
 public:
  /// `at`: of all files in it.
  explicit TarFile(Instant at) : at_(at) {}

  /// A plain file, 0600. `name`: at most 99 bytes.
  void add(std::string_view name, std::string_view text);
  std::size_t size() const { return bytes_.size(); }
  /// The end of the archive, compressed. Errc::storage where there is no memory for it.
  Result<std::string> take();

 private:
  Instant at_;
  std::string bytes_;
};

/// A new file, 0600, that nobody sees before it is whole and on the disk. Errc::refused where there is one of
/// that name and `force` is not given; Errc::storage with the reason.
Result<void> write_new_file(const std::string& path, std::string_view bytes, bool force);

}  // namespace gatehouse
