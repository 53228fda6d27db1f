#pragma once
// SQLite as three values: a database, a statement in use, a transaction. Everything here throws StoreFault,
// and is used by one thread at a time.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/store/log_seal.hpp"
#include "daemon/store/page_guard.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse {

/// Bytes that are no text, as a parameter. A view: they are copied when bound.
struct Blob {
  std::string_view bytes;
};

/// One use of a prepared statement. Columns and parameters are bound and read in order; it is reset, and its
/// parameters are forgotten, at the end of its life.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* prepared) : db_(db), prepared_(prepared) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Binds the next parameters. Texts are copied.
  template <typename... Values>
  Statement& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }
  /// True while there is a row.
  bool step();
  /// For statements without rows; the number of rows they changed.
  std::int64_t run();

  std::int64_t integer(int column) const;
  bool yes(int column) const { return integer(column) != 0; }
  std::string text(int column) const;
  /// Of a BLOB; empty where it is NULL.
  std::string bytes(int column) const;
  bool is_null(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;
  std::optional<std::string> maybe_text(int column) const;

 private:
  void bind_one(std::int64_t number);
  void bind_one(std::uint64_t number) { bind_one(static_cast<std::int64_t>(number)); }
  void bind_one(int number) { bind_one(static_cast<std::int64_t>(number)); }
  void bind_one(bool yes) { bind_one(static_cast<std::int64_t>(yes)); }
  void bind_one(std::string_view text);
  void bind_one(const std::string& text) { bind_one(std::string_view(text)); }
  void bind_one(const char* text) { bind_one(std::string_view(text)); }
  void bind_one(Blob blob);
  void bind_one(std::nullopt_t);
  template <typename T>
  void bind_one(const std::optional<T>& maybe) {
    maybe ? bind_one(*maybe) : bind_one(std::nullopt);
  }

  sqlite3* db_;
  sqlite3_stmt* prepared_;
  int next_ = 1;
};

class Database {
 public:
  /// Opens or makes the file. Locked for this process alone, in WAL mode, checkpointed only when asked. A new
  /// one has a check on each page; beside it lies the seal of its log.
  explicit Database(const std::filesystem::path& file);
  struct OnlyLook {};
  /// Only to read, while nobody else has it open. Leaves the file and its log as they are, and FILE-shm
  /// behind.
  Database(const std::filesystem::path& file, OnlyLook);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Prepared at its first use and kept. One statement a call; `sql` may go afterwards.
  Statement use(std::string_view sql);
  /// A script, for migrations and pragmas.
  void script(const std::string& sql);
  std::int64_t pragma(std::string_view name);

  /// Whether a commit waits for the disk. Outside of transactions only.
  void wait_for_disk(bool yes);
  /// Pages in the write-ahead log after the last commit.
  int log_pages() const { return log_pages_; }
  /// Copies the log into the file as far as nobody is in the way.
  void checkpoint();
  /// Gives back the memory of pages that nobody uses now.
  void release_cache();
  /// The schema is this from now on; only for the seal.
  void note_schema(std::int64_t version) { schema_ = static_cast<std::uint32_t>(version); }
  /// Its pages carry checks, which were not there in files of older versions.
  bool checks_pages() const { return guard_.checks(); }
  /// Writes the whole file anew, with checks. `scratch` as for rewrite(). Outside of transactions.
  void add_page_checks(const std::filesystem::path& scratch);
  /// Of files that are made from here on (VACUUM, VACUUM INTO), where this one has none.
  void want_page_checks(bool yes);
  /// Writes the whole file anew, so that nothing of what was deleted stands in it any more, and empties the
  /// log. `scratch`: where a copy of it may lie meanwhile. Outside of transactions.
  void rewrite(const std::filesystem::path& scratch);
  /// From now on rewrite() is given up, with the file as it was. From any thread.
  void hurry() { hurried_ = true; }
  /// Looks at the checks of at most `count` pages as they are on the disk, from `first` (1 is the first).
  /// Returns the page to go on from, 0 behind the last. Throws a StoreFault of damage where one is not whole.
  std::uint32_t look_at_pages(std::uint32_t first, std::uint32_t count);
  /// Copies all of it, as it is at the end, into a new file, which the caller makes. A copy is made in steps
  /// so that others have their turn; what is written in between is in it.
  class Copy;
  bool in_transaction() const;
  /// Rows written since the file was opened, by any statement.
  std::int64_t rows_written() const;

 private:
  void vacuum(const std::filesystem::path& scratch);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void close() noexcept;
  static int on_commit(void* self, sqlite3* db, const char* schema, int pages);
  /// What the log has is what it has to have from now on.
  void seal(bool copied);

  PageGuard guard_;
  SealFile seal_;
  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> prepared_;
  std::optional<bool> waits_for_disk_;
  int log_pages_ = 0;
  std::uint32_t schema_ = 0;
  bool opened_ = false;
  std::atomic<bool> hurried_ = false;
};

/// The database must outlive it.
class Database::Copy {
 public:
  Copy(Database& from, const std::filesystem::path& to);
  ~Copy();
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  /// True when it is done, and whole.
  bool step(int pages);
  int pages_left() const;

 private:
  std::unique_ptr<Database> to_;
  void* copying_ = nullptr;
  sqlite3* db_;
};

/// Rolled back at the end of its life unless committed.
class Transaction {
 public:
  explicit Transaction(Database& db);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& db_;
  bool open_ = true;
};

}  // namespace gatehouse
