#pragma once
// SQLite as three values: a database, a statement in use, a transaction. Everything here throws StoreFault,
// and is used by one thread at a time.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

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
  /// Opens or makes the file. Locked for this process alone, in WAL mode, checkpointed only when asked.
  explicit Database(const std::filesystem::path& file);
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
  bool in_transaction() const;
  /// Rows written since the file was opened, by any statement.
  std::int64_t rows_written() const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void close() noexcept;

  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> prepared_;
  std::optional<bool> waits_for_disk_;
  int log_pages_ = 0;
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
