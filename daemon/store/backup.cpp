#include "daemon/store/backup.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/fault.hpp"
#include "daemon/store/mend.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/quarantine.hpp"
#include "daemon/store/salvage.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

namespace fs = std::filesystem;

void remove_all_of(const fs::path& file) {
  std::error_code ignored;
  for (const auto* end : {"", "-wal", "-seal", "-journal"}) fs::remove(file.string() + end, ignored);
}

[[noreturn]] void refuse(const std::string& why) {
  throw StoreFault({Errc::refused, why});
}

void make_private(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) throw StoreFault({Errc::storage, "cannot make " + file.string() + ": " + std::strerror(errno)});
  ::close(fd);
}

void flush_file(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!flushed) throw StoreFault({Errc::storage, "cannot flush " + file.string()});
}

/// A backup is one file: no log, so no seal either.
void close_as_one_file(Database& db) {
  db.checkpoint();
  db.script("PRAGMA journal_mode = DELETE");
}

std::string meta(Database& db, std::string_view key) {
  Statement row = db.use("SELECT value FROM meta WHERE key = ?");  // the key: one row
  return row.bind(key).step() ? row.text(0) : std::string();
}

void set_meta(Database& db, std::string_view key, std::string_view value) {
  db.use("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").bind(key, value).run();
}

bool has_table(Database& db, std::string_view name) {
  Statement row = db.use("SELECT 1 FROM sqlite_master WHERE name = ?");  // unique: one row
  return row.bind(name).step();
}

BackupFacts facts_of(Database& db) {
  if (!has_table(db, "meta") || meta(db, "backup_at").empty())
    refuse("it is no backup that gatehouse backup has made");
  BackupFacts facts;
  facts.made = from_ms(std::stoll(meta(db, "backup_at")));
  facts.source = meta(db, "backup_of");
  facts.schema = db.pragma("user_version");
  if (facts.schema > static_cast<std::int64_t>(shipped_migrations().size()))
    refuse("it was made by a newer gatehouse: install that one first");
  return facts;
}

void check_all(Database& db) {
  for (std::uint32_t page = 1; page != 0;) page = db.look_at_pages(page, 4096);
  Statement row = db.use("PRAGMA quick_check(1)");
  if (!row.step() || row.text(0) != "ok") refuse("it is damaged: " + row.text(0));
}

void copy_into(const fs::path& from, const fs::path& to) {
  make_private(to);
  std::error_code failed;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed);
  if (failed) throw StoreFault({Errc::storage, "cannot read " + from.string() + ": " + failed.message()});
  // copy_file gives it the mode of the other, be it 0400 or everybody's.
  if (::chmod(to.c_str(), S_IRUSR | S_IWUSR) != 0)
    throw StoreFault({Errc::storage, "cannot make " + to.string() + " private: " + std::strerror(errno)});
}

void give_to_owner(const fs::path& directory, const fs::path& file) {
  struct stat facts{};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &facts) != 0) return;
  if (::chown(file.c_str(), facts.st_uid, facts.st_gid) != 0 && errno != ENOENT)
    throw StoreFault(
        {Errc::storage, "cannot give " + file.string() + " to its owner: " + std::strerror(errno)});
}

}  // namespace

BackupMaking::BackupMaking(Database& store, fs::path to, std::string source, Instant now)
    : to_(std::move(to)), source_(std::move(source)), now_(now) {
  make_private(to_);
  copy_ = std::make_unique<Database::Copy>(store, to_);
}

BackupMaking::~BackupMaking() {
  copy_.reset();
  if (!done_) remove_all_of(to_);
}

bool BackupMaking::step(int pages) {
  try {
    if (!copy_->step(pages)) return false;
  } catch (const StoreFault&) {
    copy_.reset();  // here, on the thread of the database that it reads
    throw;
  }
  copy_.reset();
  return true;
}

void BackupMaking::finish() {
  {
    Database db(to_);
    check_all(db);
    Transaction transaction(db);
    set_meta(db, "backup_at", std::to_string(to_ms(now_)));
    set_meta(db, "backup_of", source_);
    // Wherever it is put in place, whoever does it: what it says of itself is of another time.
    leave_restored(db, R"({"made":")" + format_utc(now_) + R"("})", {});
    transaction.commit();
    close_as_one_file(db);
  }
  std::error_code ignored;
  fs::remove(seal_of(to_), ignored);
  flush_file(to_);
  done_ = true;
}

BackupFacts check_backup(const fs::path& file) {
  try {
    Database db(file);
    if (!db.checks_pages())
      refuse("its pages carry no checks: it is no backup that gatehouse backup has made");
    const BackupFacts facts = facts_of(db);
    check_all(db);
    return facts;
  } catch (const StoreFault& fault) {
    if (!fault.damage()) throw;
    refuse("it is damaged: " + fault.error().detail);
  }
}

Restored restore_backup(const fs::path& file, const fs::path& directory, const std::string& source,
                        Instant now) {
  const fs::path making = directory / "gatehouse.db.salvaging";
  Restored restored;
  try {
    remove_all_of(making);
    copy_into(file, making);
    restored.facts = check_backup(making);
    if (!source.empty() && restored.facts.source != source)
      refuse("it is of " + restored.facts.source + ", and this is " + source);
    flush_file(making);
    give_to_owner(directory, making);
    give_to_owner(directory, seal_of(making));
  } catch (const StoreFault& fault) {
    remove_all_of(making);
    throw StoreFault({fault.error().code, file.string() + " cannot be restored: " + fault.error().detail});
  }
  restored.aside = put_in_place(directory, now);
  give_to_owner(directory, directory / "quarantine");
  give_to_owner(directory, restored.aside);
  return restored;
}

}  // namespace gatehouse
