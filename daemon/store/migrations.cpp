#include "daemon/store/migrations.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/core/crash_point.hpp"
#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

void flush_to_disk(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = fd >= 0 && ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!flushed)
    throw StoreFault({Errc::storage, "cannot flush " + path.string() + ": " + std::strerror(why)});
}

/// A copy is either whole or not there under its name.
void copy_before(Database& db, const std::filesystem::path& file, std::int64_t version) {
  const std::filesystem::path copy = file.string() + ".before-v" + std::to_string(version);
  const std::filesystem::path part = copy.string() + ".part";
  std::error_code failed;
  std::filesystem::remove(part, failed);
  // As the version that made it can read and write it: without checks where it has none.
  if (!db.checks_pages()) db.want_page_checks(false);
  db.use("VACUUM INTO ?").bind(part.string()).run();
  db.want_page_checks(true);
  std::filesystem::permissions(part, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                               failed);
  flush_to_disk(part);
  std::filesystem::rename(part, copy, failed);
  if (failed)
    throw StoreFault({Errc::storage, "cannot keep the copy " + copy.string() + ": " + failed.message()});
  flush_to_disk(copy.parent_path());
}

bool is_empty(Database& db) {
  Statement tables = db.use("SELECT COUNT(*) FROM sqlite_master");  // one row: no order
  tables.step();
  return tables.integer(0) == 0;
}

}  // namespace

void migrate(Database& db, const std::filesystem::path& file, std::span<const Migration> migrations) {
  const auto found = db.pragma("user_version");
  const auto wanted = static_cast<std::int64_t>(migrations.size());
  db.note_schema(wanted);
  if (found == wanted) return;
  if (found > wanted) {
    throw StoreFault({Errc::storage, file.string() + " was made by a newer gatehouse (its schema is " +
                                         std::to_string(found) + ", this program knows " +
                                         std::to_string(wanted) +
                                         "): install that one again, or put back a " +
                                         file.filename().string() + ".before-v… copy"});
  }
  if (found == 0 && !is_empty(db)) {
    throw StoreFault({Errc::storage, file.string() + " is an SQLite file, but not a gatehouse store"});
  }
  if (found > 0) copy_before(db, file, wanted);
  crash_point("store.migrate.before");
  Transaction transaction(db);
  for (const auto& migration : migrations.subspan(static_cast<std::size_t>(found))) {
    db.script(std::string(migration.sql));
    crash_point("store.migrate.between");
  }
  db.script("PRAGMA user_version = " + std::to_string(wanted));
  transaction.commit();
  crash_point("store.migrate.after");
}

}  // namespace gatehouse
