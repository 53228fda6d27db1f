// The ports of the backup, and of a look at the pages on the disk.
#include <system_error>
#include <utility>

#include "daemon/store/backup.hpp"
#include "daemon/store/store_inside.hpp"

namespace gatehouse {
namespace {

constexpr int pages_a_step = 256;  // a megabyte: a few milliseconds, and then a decision has its turn
constexpr std::uint32_t pages_a_look = 256;

}  // namespace

/// A file of an earlier life that nobody fetched is removed.
std::shared_ptr<BackupMaking> StoreFile::begin_backup() {
  const auto file = directory_path_ / "backup.part";
  std::error_code ignored;
  for (const auto* end : {"", "-wal", "-seal", "-journal"})
    std::filesystem::remove(file.string() + end, ignored);
  // A copy must not take the room that doors and alarms need.
  const auto size = std::filesystem::file_size(directory_path_ / "gatehouse.db", ignored);
  space_.look();
  if (ignored || space_.free() < size + 2 * space_.reserve())
    throw StoreFault({Errc::storage_full, "there is no room for a copy of " + std::to_string(size >> 20U) +
                                              " MiB in " + directory_path_.string()});
  return std::make_shared<BackupMaking>(db_, file, outbox_.source(), clock_.now());
}

Task<Result<std::string>> Store::make_backup() {
  if (inside_->backing_up) co_return Error{Errc::busy, "a backup is being made already"};
  inside_->backing_up = true;
  Result<std::string> made = co_await copy_all();
  inside_->backing_up = false;
  co_return made;
}

Task<Result<std::string>> Store::copy_all() {
  auto begin = inside_->ask([](StoreFile& file) { return file.begin_backup(); });
  Result<std::shared_ptr<BackupMaking>> making = co_await std::move(begin);
  if (!making) co_return making.error();
  for (bool copied = false; !copied;) {
    auto step = inside_->ask([one = *making](StoreFile&) { return one->step(pages_a_step); });
    Result<bool> done = co_await std::move(step);
    if (!done) co_return done.error();
    copied = *done;
  }
  auto finish = inside_->ask_aside([one = *making] { one->finish(); });
  Result<void> finished = co_await std::move(finish);
  if (!finished) co_return finished.error();
  auto where = inside_->ask([](StoreFile& file) { return (file.directory_path() / "backup.part").string(); });
  Result<std::string> path = co_await std::move(where);
  co_return path;
}

bool Store::damaged() const {
  return inside_->damaged();
}

Task<Result<PageLook>> Store::look_at_pages() {
  PageLook look;
  std::uint32_t next = 1;
  while (next != 0) {
    auto portion =
        inside_->ask([next](StoreFile& file) { return file.database().look_at_pages(next, pages_a_look); });
    Result<std::uint32_t> further = co_await std::move(portion);
    if (!further) co_return further.error();
    next = *further;
  }
  auto count = inside_->ask(
      [](StoreFile& file) { return static_cast<std::uint32_t>(file.database().pragma("page_count")); });
  Result<std::uint32_t> pages = co_await std::move(count);
  if (!pages) co_return pages.error();
  look.pages = *pages;
  co_return look;
}

}  // namespace gatehouse
