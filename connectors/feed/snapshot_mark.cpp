#include "connectors/feed/snapshot_mark.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {
namespace {

constexpr const char* mark_name = ".current";
constexpr const char* draft_name = ".current.new";
constexpr std::size_t mark_bytes = 2048;  ///< two names of 255 bytes, and some

/// "now 131074 people.jsonl/": a name may hold anything but the slash.
std::string line_of(std::string_view word, const std::optional<MarkedSnapshot>& snapshot) {
  return snapshot ? fmt::format("{} {} {}/\n", word, snapshot->inode, snapshot->name) : std::string();
}

std::optional<MarkedSnapshot> parse_line(std::string_view text, std::string_view word) {
  const std::string begin = fmt::format("{} ", word);
  if (!text.starts_with(begin)) return std::nullopt;
  text.remove_prefix(begin.size());
  MarkedSnapshot snapshot;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), snapshot.inode);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (fault != std::errc() || !text.starts_with(' ')) return std::nullopt;
  snapshot.name = text.substr(1);
  if (snapshot.name.empty()) return std::nullopt;
  return snapshot;
}

}  // namespace

Result<std::optional<SnapshotMark>> SnapshotMark::read(const FileHandle& directory) {
  const FileHandle file(
      ::openat(directory.get(), mark_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ELOOP)) return std::optional<SnapshotMark>();
  if (!file) return system_error("open .current in it", errno);
  std::array<char, mark_bytes> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto size = ::read(file.get(), room.data(), room.size());
  if (size < 0) return system_error("read .current in it", errno);
  std::string_view rest(room.data(), static_cast<std::size_t>(size));
  SnapshotMark mark;
  for (auto end = rest.find("/\n"); end != std::string_view::npos; end = rest.find("/\n")) {
    const auto line = rest.substr(0, end);
    if (auto now = parse_line(line, "now")) mark.now = std::move(now);
    if (auto next = parse_line(line, "next")) mark.next = std::move(next);
    rest.remove_prefix(end + 2);
  }
  return mark.now || mark.next ? std::optional(std::move(mark)) : std::nullopt;
}

Result<void> SnapshotMark::write(const FileHandle& directory) const {
  const std::string text = line_of("now", now) + line_of("next", next);
  ::unlinkat(directory.get(), draft_name, 0);  // of one who died while writing it
  const FileHandle file(
      ::openat(directory.get(), draft_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640));
  if (!file) return system_error("make .current in the feed directory", errno);
  auto written = write_all(file, text);
  if (written) written = make_durable(file, ".current");
  if (!written) return within(".current in the feed directory", written.error());
  if (::renameat(directory.get(), draft_name, directory.get(), mark_name) != 0)
    return system_error("replace .current in the feed directory", errno);
  return make_durable(directory, "the feed directory");
}

std::optional<std::string> SnapshotMark::find(const std::vector<FolderShelf::Item>& items) const {
  for (const auto* wanted : {&next, &now}) {
    if (!*wanted) continue;
    const auto found = std::ranges::find_if(items, [&](const FolderShelf::Item& item) {
      return item.inode == (*wanted)->inode &&
             (item.name == (*wanted)->name || FolderShelf::is_aside(item.name, (*wanted)->name));
    });
    if (found != items.end()) return found->name;
  }
  // Copied back from a backup, they have other inodes.
  for (const auto* wanted : {&next, &now}) {
    if (*wanted && std::ranges::find(items, (*wanted)->name, &FolderShelf::Item::name) != items.end())
      return (*wanted)->name;
  }
  return std::nullopt;
}

}  // namespace gatehouse
