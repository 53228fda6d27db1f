#include "daemon/offline/state_copy.hpp"

#include <chrono>
#include <filesystem>

#include "daemon/store/backup.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/lock_file.hpp"
#include "daemon/store/store_image.hpp"

namespace gatehouse {
namespace {

constexpr int pages_a_step = 4096;

/// Errc::busy with words for whoever wants to work without the daemon.
Error why_not(const StoreFault& fault, const std::string& directory) {
  if (fault.error().detail.find("another gatehoused") == std::string::npos) return fault.error();
  return {Errc::busy, "gatehoused is using " + directory + ": stop it first (systemctl stop gatehouse)"};
}

bool is_whole(const std::filesystem::path& file) {
  const StoreImage image(file);
  bool all_seen = false;
  // A log that is not needed is put aside at a start: SQLite would take it for news.
  const bool log_good = image.log() == LogState::whole || image.log() == LogState::none_needed;
  return image.there() && image.header_good() && log_good &&
         image.broken_pages(std::chrono::hours(1), all_seen).empty();
}

}  // namespace

Result<void> copy_state(const StatePlace& place, const std::string& to, Instant now) {
  const std::filesystem::path directory(place.directory);
  const auto file = directory / "gatehouse.db";
  std::error_code none;
  if (!std::filesystem::exists(file, none))
    return Error{Errc::not_found,
                 "there is no state in " + place.directory + ", or you may not look there (root may)"};
  try {
    const LockFile lock(directory / "gatehouse.lock");
    if (!is_whole(file))
      return Error{Errc::refused,
                   "the state is damaged: start gatehouse, which salvages what is whole, and back up then"};
    Database db(file);
    if (!db.checks_pages())
      return Error{Errc::refused, "the state is of an older version: start gatehouse once, and back up then"};
    BackupMaking making(db, to, place.source, now);
    while (!making.step(pages_a_step)) {
    }
    making.finish();
    return {};
  } catch (const StoreFault& fault) {
    return why_not(fault, place.directory);
  }
}

Result<RestoredState> restore_state(const std::string& file, const StatePlace& place, Instant now) {
  const std::filesystem::path directory(place.directory);
  std::error_code none;
  if (!std::filesystem::is_directory(directory, none))
    return Error{Errc::not_found,
                 "there is no directory " + place.directory + ", or you may not look there (root may)"};
  try {
    const LockFile lock(directory / "gatehouse.lock");
    const Restored restored = restore_backup(file, directory, place.source, now);
    return RestoredState{restored.facts.made, restored.facts.source, restored.aside.string()};
  } catch (const StoreFault& fault) {
    return why_not(fault, place.directory);
  }
}

}  // namespace gatehouse
