#include "daemon/store/sqlite.hpp"

#include <sqlite3.h>

#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

/// Words for the codes that somebody can do something about; SQLite's own for the others.
[[noreturn]] void fail(sqlite3* db, int code, std::string_view doing) {
  const int primary = code & 0xFF;
  std::string detail(doing);
  detail += ": ";
  switch (primary) {
    case SQLITE_FULL:
      detail += "no space left for the store";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      detail += "another program has the store's file open";
      break;
    case SQLITE_CORRUPT:
      detail += "the store's file is damaged";
      break;
    case SQLITE_NOTADB:
      detail += "the file is not a gatehouse store";
      break;
    case SQLITE_READONLY:
      detail += "the store's file or its directory cannot be written";
      break;
    case SQLITE_IOERR:
      detail += "the disk gave an error";
      break;
    default:
      detail += sqlite3_errstr(code);
      break;
  }
  detail += " (SQLite ";
  detail += std::to_string(code);
  if (db != nullptr) {
    detail += ", ";
    detail += sqlite3_errmsg(db);
  }
  detail += ')';
  throw StoreFault({primary == SQLITE_FULL ? Errc::storage_full : Errc::storage, std::move(detail)});
}

int remember_log_pages(void* pages, sqlite3* /*db*/, const char* /*schema*/, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

Statement::~Statement() {
  sqlite3_reset(prepared_);
  sqlite3_clear_bindings(prepared_);
}

bool Statement::step() {
  const int code = sqlite3_step(prepared_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(db_, code, sqlite3_sql(prepared_));
  return false;
}

std::int64_t Statement::run() {
  while (step()) {
  }
  return sqlite3_changes64(db_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(prepared_, column);
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(prepared_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(prepared_, column))};
}

std::string Statement::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(prepared_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(prepared_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(prepared_, column) == SQLITE_NULL;
}

std::optional<std::int64_t> Statement::maybe_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<std::string> Statement::maybe_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

void Statement::bind_one(std::int64_t number) {
  const int code = sqlite3_bind_int64(prepared_, next_++, number);
  if (code != SQLITE_OK) fail(db_, code, sqlite3_sql(prepared_));
}

void Statement::bind_one(std::string_view text) {
  const char* bytes = text.data() == nullptr ? "" : text.data();  // a null pointer would bind NULL
  const int code = sqlite3_bind_text64(prepared_, next_++, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(db_, code, sqlite3_sql(prepared_));
}

void Statement::bind_one(Blob blob) {
  const char* bytes =
      blob.bytes.data() == nullptr ? "" : blob.bytes.data();  // a null pointer would bind NULL
  const int code = sqlite3_bind_blob64(prepared_, next_++, bytes, blob.bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) fail(db_, code, sqlite3_sql(prepared_));
}

void Statement::bind_one(std::nullopt_t) {
  const int code = sqlite3_bind_null(prepared_, next_++);
  if (code != SQLITE_OK) fail(db_, code, sqlite3_sql(prepared_));
}

Database::Database(const std::filesystem::path& file) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &db_, flags, nullptr);
  try {
    if (code != SQLITE_OK) fail(db_, code, "open " + file.string());
    sqlite3_extended_result_codes(db_, 1);
    // Exclusive before WAL: no shared-memory file, so a full disk cannot take it away, and nobody else's
    // read keeps the log from being checkpointed.
    script("PRAGMA locking_mode = EXCLUSIVE");
    script("PRAGMA auto_vacuum = NONE");
    script("PRAGMA journal_mode = WAL");
    script("PRAGMA wal_autocheckpoint = 0");
    script("PRAGMA journal_size_limit = 16777216");
    script("PRAGMA temp_store = MEMORY");
    script("PRAGMA cache_size = -4096");
    script("PRAGMA secure_delete = FAST");
    wait_for_disk(true);
    sqlite3_wal_hook(db_, remember_log_pages, &log_pages_);
  } catch (const StoreFault&) {
    close();
    throw;
  }
}

Database::~Database() {
  close();
}

void Database::close() noexcept {
  for (auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Statement Database::use(std::string_view sql) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(db_, code, sql);
    found = prepared_.emplace(std::string(sql), statement).first;
  }
  return {db_, found->second};
}

void Database::script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(db_, code, sql.substr(0, 80));
}

std::int64_t Database::pragma(std::string_view name) {
  Statement asked = use("PRAGMA " + std::string(name));
  return asked.step() ? asked.integer(0) : 0;
}

void Database::wait_for_disk(bool yes) {
  if (waits_for_disk_ == yes) return;
  script(yes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  waits_for_disk_ = yes;
}

void Database::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) fail(db_, code, "checkpoint");
  log_pages_ = 0;
}

void Database::release_cache() {
  sqlite3_db_release_memory(db_);
}

std::int64_t Database::rows_written() const {
  return sqlite3_total_changes64(db_);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

Transaction::Transaction(Database& db) : db_(db) {
  db_.use("BEGIN IMMEDIATE").run();
}

Transaction::~Transaction() {
  // SQLite rolls back by itself after some errors; asking again would be one more.
  if (!open_ || !db_.in_transaction()) return;
  try {
    db_.use("ROLLBACK").run();
  } catch (const StoreFault&) {
    // Nothing was committed, which is all that a rollback has to mean; the next BEGIN says what is wrong.
  }
}

void Transaction::commit() {
  db_.use("COMMIT").run();
  open_ = false;
}

}  // namespace gatehouse
