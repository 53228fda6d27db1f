#pragma once
// Between SQLite and the disk: puts its check on each page of a database that goes to the disk, and looks at
// it on each that comes back. A page that is not as it was written is an error of the disk
// (SQLITE_IOERR_DATA) and never a row.

#include <cstdint>
#include <memory>
#include <string>

struct sqlite3_vfs;

namespace gatehouse {

/// One for each open database, on its thread. Must outlive it.
class PageGuard {
 public:
  PageGuard();
  ~PageGuard();
  PageGuard(const PageGuard&) = delete;
  PageGuard& operator=(const PageGuard&) = delete;

  /// The name under which sqlite3_open_v2 finds it.
  const char* name() const;
  /// Pages of the main database carry checks.
  bool checks() const;
  /// Of the write-ahead log as it was written or read last.
  std::uint32_t salt1() const;
  std::uint32_t salt2() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse
