#include "connectors/feed/folder_shelf.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {
namespace {

constexpr auto kept_for = std::chrono::days(30);
constexpr std::size_t most_files = 1000;
constexpr std::uint64_t most_bytes = std::uint64_t{256} * 1024 * 1024;
constexpr std::size_t stamp_size = 21;  ///< "20260601T080000.123Z-"
constexpr std::size_t most_name = 200;  ///< so that stamp and ".why" fit into a file's name (255)

std::optional<Instant> stamp_of(std::string_view name) {
  if (name.size() <= stamp_size || name[stamp_size - 1] != '-') return std::nullopt;
  const auto part = [&](std::size_t from, std::size_t size) { return name.substr(from, size); };
  return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}", part(0, 4), part(4, 2), part(6, 2), part(9, 2),
                                   part(11, 2), part(13, 7)));
}

std::string_view tail_of(std::string_view name) {
  return name.size() > most_name ? name.substr(name.size() - most_name) : name;
}

Instant changed_at(const struct stat& status) {
  // A rename sets the time of change, and leaves that of the content alone, which is the writer's.
  return Instant(std::chrono::seconds(status.st_ctim.tv_sec) + Duration(status.st_ctim.tv_nsec / 1'000'000));
}

}  // namespace

Result<FolderShelf> FolderShelf::open(const FileHandle& parent, std::string name) {
  struct stat status{};
  if (::fstat(parent.get(), &status) != 0) return system_error("look at it", errno);
  const mode_t mode = status.st_mode & 07777;
  const bool made = ::mkdirat(parent.get(), name.c_str(), mode & 0777) == 0;
  if (!made && errno != EEXIST) return system_error(fmt::format("make {}/ in it", name), errno);
  FileHandle handle(::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!handle) return system_error(fmt::format("open {}/ in it", name), errno);
  if (made) {
    // The umask and the group's bit are not mkdir's. The unit's sandbox lets nobody set that bit
    // (RestrictSUIDSGID=): then the group is the directory's all the same, since mkdir has taken it over.
    if (::fchmod(handle.get(), mode) != 0 && (errno != EPERM || ::fchmod(handle.get(), mode & 0777) != 0))
      return system_error(fmt::format("set the mode of {}/", name), errno);
    auto durable = make_durable(parent, "it");
    if (!durable) return durable.error();
  }
  return FolderShelf(std::move(handle), std::move(name));
}

Result<std::vector<FolderShelf::Item>> FolderShelf::items() const {
  auto names = names_in(handle_);
  if (!names) return within(name_ + "/", names.error());
  std::vector<Item> items;
  for (auto& name : *names) {
    struct stat status{};
    if (::fstatat(handle_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone already
    if (S_ISDIR(status.st_mode)) continue;
    const auto at = stamp_of(name).value_or(changed_at(status));
    items.push_back({at, std::move(name), static_cast<std::uint64_t>(status.st_size), status.st_ino});
  }
  std::ranges::sort(items, {}, [](const Item& item) { return std::tie(item.at, item.name); });
  return items;
}

bool FolderShelf::is_in(const FileHandle& parent) const {
  struct stat ours{};
  struct stat theirs{};
  return ::fstat(handle_.get(), &ours) == 0 &&
         ::fstatat(parent.get(), name_.c_str(), &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

Result<std::optional<std::string>> FolderShelf::make_room(const std::string& name) const {
  struct stat status{};
  if (::fstatat(handle_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::optional<std::string>();
    return system_error(fmt::format("look at {}/{}", name_, shown_name(name)), errno);
  }
  Instant at = changed_at(status);
  for (;; at += Duration(1)) {
    auto aside = stamped(at, name);
    if (move_without_replacing(handle_, name, handle_, aside)) return std::optional(std::move(aside));
    if (errno != EEXIST) return system_error(fmt::format("put {}/{} aside", name_, shown_name(name)), errno);
  }
}

std::string FolderShelf::stamped(Instant at, std::string_view name) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  name = tail_of(name);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}.{:03}Z-{}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count(), name);
}

bool FolderShelf::is_aside(std::string_view shelved, std::string_view name) {
  return stamp_of(shelved) && shelved.substr(stamp_size) == tail_of(name);
}

Result<void> FolderShelf::prune(Instant now, std::string_view keep) const {
  const auto all = items();
  if (!all) return all.error();
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  for (auto item = all->rbegin(); item != all->rend(); ++item) {
    ++files;
    bytes += item->bytes;
    const bool old = item->at < now - kept_for || files > most_files || bytes > most_bytes;
    if (!old || item->name == keep) continue;
    if (::unlinkat(handle_.get(), item->name.c_str(), 0) != 0 && errno != ENOENT) {
      return system_error(fmt::format("remove the old {}/{}", name_, shown_name(item->name)), errno);
    }
  }
  return {};
}

}  // namespace gatehouse
