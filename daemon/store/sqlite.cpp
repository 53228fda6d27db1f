#include "daemon/store/sqlite.hpp"

#include <array>
#include <utility>

#include <sqlite3.h>

#include "daemon/store/fault.hpp"
#include "daemon/store/page_check.hpp"

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
      detail += code == SQLITE_IOERR_DATA ? "the store's file is damaged" : "the disk gave an error";
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
  const bool damage = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code == SQLITE_IOERR_DATA;
  throw StoreFault({primary == SQLITE_FULL ? Errc::storage_full : Errc::storage, std::move(detail)}, damage);
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

Database::Database(const std::filesystem::path& file) : seal_(file) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &db_, flags, guard_.name());
  try {
    if (code != SQLITE_OK) fail(db_, code, "open " + file.string());
    sqlite3_extended_result_codes(db_, 1);
    want_page_checks(true);
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
    schema_ = static_cast<std::uint32_t>(pragma("user_version"));
    sqlite3_wal_hook(db_, on_commit, this);
    opened_ = true;
    if (!seal_.there()) checkpoint();  // and so makes it
  } catch (const StoreFault&) {
    close();
    throw;
  }
}

Database::Database(const std::filesystem::path& file, OnlyLook /*look*/) : seal_(file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (std::string_view("?#%").find(c) == std::string_view::npos) {
      uri += c;
    } else {
      uri += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  uri += "?mode=ro";
  const int code = sqlite3_open_v2(uri.c_str(), &db_, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  try {
    if (code != SQLITE_OK) fail(db_, code, "open " + file.string());
    sqlite3_extended_result_codes(db_, 1);
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
  prepared_.clear();
  try {
    // SQLite does this itself when it closes, and takes the log away: the seal has to know before.
    if (opened_) checkpoint();
    if (opened_) seal_.flush();
  } catch (const StoreFault&) {
    // The log stays, and so does what the seal says of it.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  sqlite3_close_v2(db_);
}

int Database::on_commit(void* self, sqlite3* /*db*/, const char* /*schema*/, int pages) {
  auto& database = *static_cast<Database*>(self);
  database.log_pages_ = pages;
  if (database.waits_for_disk_.value_or(true)) database.seal(false);
  return SQLITE_OK;
}

void Database::seal(bool copied) {
  seal_.write({.salt1 = guard_.salt1(),
               .salt2 = guard_.salt2(),
               .frames = static_cast<std::uint32_t>(log_pages_),
               .copied = copied,
               .checks = guard_.checks(),
               .schema = schema_});
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
  int in_log = -1;
  int copied = -1;
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
  if (code != SQLITE_OK) fail(db_, code, "checkpoint");
  if (in_log == copied) seal(true);
  log_pages_ = 0;
}

void Database::vacuum(const std::filesystem::path& scratch) {
  // Not in memory, where a large store does not fit. SQLite has unlinked the file when it writes into it.
  struct Scratch {
    explicit Scratch(Database& owner, const std::filesystem::path& directory) : db(owner) {
      sqlite3_temp_directory = sqlite3_mprintf("%s", directory.c_str());
      db.script("PRAGMA temp_store = FILE");
      constexpr int steps = 10'000;
      sqlite3_progress_handler(
          db.db_, steps, [](void* hurried) { return *static_cast<std::atomic<bool>*>(hurried) ? 1 : 0; },
          &db.hurried_);
    }
    ~Scratch() {
      sqlite3_progress_handler(db.db_, 0, nullptr, nullptr);
      sqlite3_exec(db.db_, "PRAGMA temp_store = MEMORY", nullptr, nullptr, nullptr);
      sqlite3_free(std::exchange(sqlite3_temp_directory, nullptr));
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    Database& db;
  };
  const Scratch place(*this, scratch);
  script("VACUUM");
}

void Database::add_page_checks(const std::filesystem::path& scratch) {
  vacuum(scratch);
  checkpoint();
}

void Database::want_page_checks(bool yes) {
  int reserved = yes ? static_cast<int>(page_check_size) : 0;
  sqlite3_file_control(db_, nullptr, SQLITE_FCNTL_RESERVE_BYTES, &reserved);
}

void Database::rewrite(const std::filesystem::path& scratch) {
  vacuum(scratch);
  checkpoint();
  seal_.flush();  // it knows that the log is not needed, on the disk too, before the log is gone
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) fail(db_, code, "empty the log");
  log_pages_ = 0;
}

std::uint32_t Database::look_at_pages(std::uint32_t first, std::uint32_t count) {
  // A page that a power cut has torn in the file may be whole in the log: that one counts.
  if (first == 1) checkpoint();
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, nullptr, SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || !guard_.checks()) return 0;
  sqlite3_int64 size = 0;
  file->pMethods->xFileSize(file, &size);
  const auto pages = static_cast<std::uint32_t>(size / static_cast<sqlite3_int64>(store_page_size));
  std::array<char, store_page_size> page{};
  for (std::uint32_t number = first; number <= pages; ++number) {
    if (number - first == count) return number;
    if (number == lock_byte_page) continue;
    const auto at = static_cast<sqlite3_int64>(number - 1) * static_cast<sqlite3_int64>(store_page_size);
    const int code = file->pMethods->xRead(file, page.data(), static_cast<int>(page.size()), at);
    if (code != SQLITE_OK) fail(nullptr, code, "page " + std::to_string(number));
  }
  return 0;
}

Database::Copy::Copy(Database& from, const std::filesystem::path& to)
    : to_(std::make_unique<Database>(to)), db_(from.db_) {
  // A copy that is cut short is no copy; whoever makes it waits for the disk once, at the end.
  to_->script("PRAGMA journal_mode = OFF");
  to_->script("PRAGMA synchronous = OFF");
  copying_ = sqlite3_backup_init(to_->db_, "main", db_, "main");
  if (copying_ == nullptr) fail(to_->db_, sqlite3_errcode(to_->db_), "copy the store to " + to.string());
}

Database::Copy::~Copy() {
  sqlite3_backup_finish(static_cast<sqlite3_backup*>(copying_));
}

bool Database::Copy::step(int pages) {
  const int code = sqlite3_backup_step(static_cast<sqlite3_backup*>(copying_), pages);
  if (code != SQLITE_OK && code != SQLITE_DONE) fail(nullptr, code, "copy the store");
  return code == SQLITE_DONE;
}

int Database::Copy::pages_left() const {
  return sqlite3_backup_remaining(static_cast<sqlite3_backup*>(copying_));
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
