#include "daemon/store/salvage.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/core/crash_point.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/quarantine.hpp"
#include "daemon/store/row_rescue.hpp"
#include "daemon/store/store_image.hpp"

namespace gatehouse {
namespace {

namespace fs = std::filesystem;

/// Of each start: a hundred megabytes at least. The rest is looked at while the daemon runs.
constexpr auto look_at_most = std::chrono::milliseconds(100);
constexpr auto look_at_all = std::chrono::hours(1);

fs::path database_in(const fs::path& directory) {
  return directory / "gatehouse.db";
}

fs::path with(const fs::path& file, std::string_view end) {
  return file.string() + std::string(end);
}

void remove_quietly(const fs::path& file) {
  std::error_code ignored;
  for (const auto* end : {"", "-wal", "-seal", "-journal"}) fs::remove(with(file, end), ignored);
}

void flush_file(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!flushed) throw StoreFault({Errc::storage, "cannot flush " + file.string()});
}

std::string in_words(const StoreImage& image, std::size_t broken, bool all_seen, bool marked) {
  if (!image.there()) return "the store's file is gone or empty";
  if (!image.header_good()) return "the first page of the store's file is damaged";
  if (image.log() == LogState::behind) return "commits are missing from the store's log";
  if (image.log() == LogState::unknown) return "nothing says any more what the store's log had";
  if (broken > 0) {
    return (all_seen ? "" : "at least ") + std::to_string(broken) + " of " + std::to_string(image.pages()) +
           " pages of the store's file are damaged";
  }
  return marked ? "the store's file could not be read" : "";
}

/// Why what it has about the doors may be of a time before, or made up.
std::string doubt_of(const StoreImage& image) {
  if (!image.there() || !image.header_good()) return "it is not known which pages of the store were in force";
  if (image.log() == LogState::behind) return "the newest commits are lost: what operators said last may be";
  if (image.log() == LogState::unknown) return "it is not known whether the newest commits are there";
  if (!image.checks()) return "the pages of this older store carry no checks";
  return {};
}

/// The new file takes the place of the old ones. Whoever is killed in between goes on here at the next start.
fs::path exchange_files(const fs::path& directory, Instant now) {
  const fs::path file = database_in(directory);
  const fs::path made = with(file, ".salvaged");
  std::vector<fs::path> old{file, with(file, "-wal"), with(file, "-journal"), damage_mark(directory)};
  std::error_code none;
  if (fs::exists(with(made, "-seal"), none)) old.push_back(with(file, "-seal"));
  const fs::path aside = quarantine(directory, old, now);
  crash_point("store.salvage.between");
  fs::rename(with(made, "-seal"), with(file, "-seal"), none);
  std::error_code failed;
  fs::rename(made, file, failed);
  if (failed)
    throw StoreFault({Errc::storage, "cannot put " + made.string() + " into its place: " + failed.message()});
  flush_directory(directory);
  return aside;
}

}  // namespace

std::uint64_t SalvageReport::lost() const {
  std::uint64_t rows = 0;
  for (const auto& table : tables) rows += table.lost_about;
  return rows;
}

std::string to_json(const SalvageReport& report) {
  JsonWriter json;
  std::uint64_t kept = 0;
  for (const auto& table : report.tables) kept += table.kept;
  json.begin_object().member("at", format_utc(report.at)).member("why", report.why);
  json.member("quarantine", report.quarantine.string()).key("doubt");
  report.doubt.empty() ? json.null() : json.value(report.doubt);
  json.member("kept", kept).member("lost_about", report.lost()).key("tables").begin_array();
  for (const auto& table : report.tables) {
    if (table.lost_about == 0 && table.lost_pages == 0) continue;
    json.begin_object().member("table", table.table).member("kept", table.kept);
    json.member("lost_about", table.lost_about)
        .member("lost_pages", std::uint64_t{table.lost_pages})
        .end_object();
  }
  json.end_array().end_object();
  return json.take();
}

fs::path damage_mark(const fs::path& directory) {
  return directory / "damaged";
}

void mark_damaged(const fs::path& directory) noexcept {
  const int fd = ::open(damage_mark(directory).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);
}

bool is_store(const fs::path& directory) {
  return StoreImage(database_in(directory)).ours();
}

fs::path put_in_place(const fs::path& directory, Instant now) {
  const fs::path making = with(database_in(directory), ".salvaging");
  const fs::path made = with(database_in(directory), ".salvaged");
  std::error_code failed;
  flush_file(making);
  fs::rename(with(making, "-seal"), with(made, "-seal"), failed);
  fs::rename(making, made, failed);
  if (failed) throw StoreFault({Errc::storage, "cannot name " + made.string() + ": " + failed.message()});
  flush_directory(directory);
  crash_point("store.salvage.made");
  return exchange_files(directory, now);
}

std::optional<SalvageReport> salvage_if_damaged(const fs::path& directory, Instant now) {
  const fs::path file = database_in(directory);
  const fs::path making = with(file, ".salvaging");
  const fs::path made = with(file, ".salvaged");
  std::error_code none;
  remove_quietly(making);
  if (fs::exists(made, none)) exchange_files(directory, now);
  SalvageReport report;
  {
    const StoreImage image(file);
    const bool marked = fs::exists(damage_mark(directory), none);
    if (!image.ours() || image.schema() > shipped_migrations().size()) return std::nullopt;
    if (image.there() && image.log() == LogState::not_needed) {
      quarantine(directory, {with(file, "-wal")}, now);
    }
    bool all_seen = true;
    const auto broken = image.broken_pages(marked ? look_at_all : look_at_most, all_seen);
    report.at = now;
    report.why = in_words(image, broken.size(), all_seen, marked);
    if (report.why.empty()) return std::nullopt;
    report.doubt = doubt_of(image);
    report.quarantine = next_quarantine(directory, now);
    rescue_rows(image, making, report);
  }
  report.quarantine = put_in_place(directory, now);
  return report;
}

}  // namespace gatehouse
