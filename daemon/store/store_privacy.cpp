// The port of what a person may ask for: the export, the erasure, and the file without a trace.
#include <filesystem>
#include <system_error>
#include <utility>

#include "daemon/core/crash_point.hpp"
#include "daemon/store/store_inside.hpp"

namespace gatehouse {
namespace {

/// Copies that were made beside the file, before a migration or of a damaged one.
std::vector<std::filesystem::path> copies_in(const std::filesystem::path& directory,
                                             std::error_code& failed) {
  std::vector<std::filesystem::path> copies;
  for (std::filesystem::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (name.starts_with("gatehouse.db.") || name.starts_with("backup.part")) copies.push_back(at->path());
  }
  std::error_code none;
  if (std::filesystem::exists(directory / "quarantine", none)) copies.push_back(directory / "quarantine");
  return copies;
}

}  // namespace

ErasureReport StoreFile::erase_person(const ErasureAsk& ask) {
  erasure_.check(ask);
  ErasureReport report;
  ordinary("store.erase", [&] { report = erasure_.erase(ask); });
  return report;
}

std::vector<std::string> StoreFile::rewrite() {
  if (!erasure_.rewrite_due()) return {};
  const auto directory = space_.directory();
  std::error_code unknown;
  const auto size = std::filesystem::file_size(directory_path_ / "gatehouse.db", unknown);
  space_.look();
  if (unknown || space_.free() < 2 * size + space_.reserve())
    throw StoreFault({Errc::storage_full, "there is no room to write the store's " +
                                              std::to_string(size >> 20U) + " MiB anew in " +
                                              directory.string() + ": twice as much is needed"});
  crash_point("store.rewrite.before");
  db_.rewrite(directory);
  std::error_code failed;
  std::vector<std::string> removed;
  for (const auto& copy : copies_in(directory, failed)) {
    if (!failed) std::filesystem::remove_all(copy, failed);
    removed.push_back(copy.string());
  }
  if (failed)
    throw StoreFault({Errc::storage, "cannot remove the store's old copies beside it: " + failed.message()});
  crash_point("store.rewrite.between");
  write(Weight::vital, {"store.rewritten.before", "store.rewritten.after"}, [&] { erasure_.rewritten(); });
  keep_empty_pages();
  return removed;
}

Task<Result<std::shared_ptr<const Tombstones>>> Store::tombstones() {
  return inside_->ask([](StoreFile& file) { return file.tombstones().all(); });
}

void Store::hurry() {
  inside_->hurry();
}

Task<Result<std::string>> Store::store_figures() {
  return inside_->ask([](StoreFile& file) { return file.figures(); });
}

Task<Result<ErasureReport>> Store::erase_person(ErasureAsk ask) {
  return inside_->ask([ask = std::move(ask)](StoreFile& file) { return file.erase_person(ask); });
}

Task<Result<bool>> Store::rewrite_due() {
  return inside_->ask([](StoreFile& file) { return file.erasure().rewrite_due(); });
}

Task<Result<std::vector<std::string>>> Store::rewrite_store() {
  return inside_->ask([](StoreFile& file) { return file.rewrite(); });
}

Task<Result<PersonalPage>> Store::personal_rows(PersonId person, std::string section, std::string after) {
  return inside_->ask([=](StoreFile& file) { return file.personal().page(person, section, after); });
}

}  // namespace gatehouse
