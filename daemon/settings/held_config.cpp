#include "daemon/settings/held_config.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {
namespace {

constexpr std::string_view first_line =
    "# Gatehouse: what was in force before the configuration on trial. Made by the daemon; not to be edited.";

Error trouble(const std::string& doing, const std::string& path) {
  return {Errc::storage, doing + " " + path + ": " + std::strerror(errno)};
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

Result<void> sync_directory(const std::string& path) {
  const auto directory = std::filesystem::path(path).parent_path().string();
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return trouble("open", directory);
  const bool synced = ::fsync(fd) == 0;
  const auto failed = trouble("write", directory);
  ::close(fd);
  if (!synced) return failed;
  return {};
}

Result<void> write_durably(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return trouble("write", draft);
  bool good = true;
  while (good && !text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    good = written > 0 || (written < 0 && errno == EINTR);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(fd) == 0;
  const auto failed = trouble("write", draft);
  ::close(fd);
  if (good && ::rename(draft.c_str(), path.c_str()) == 0) return sync_directory(path);
  if (good) return trouble("replace", path);
  ::unlink(draft.c_str());
  return failed;
}

/// The text behind "# NAME: ", on a line of its own.
std::optional<std::string> note_of(const std::string& text, std::string_view name) {
  const std::string begin = "\n# " + std::string(name) + ": ";
  const auto at = text.find(begin);
  if (at == std::string::npos) return std::nullopt;
  const auto from = at + begin.size();
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

Result<std::optional<HeldConfig>> HeldConfigFile::read() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error) && !error) return std::optional<HeldConfig>();
  errno = 0;
  std::ifstream in(path_, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in.is_open() || in.bad()) return trouble("read", path_);
  const std::string text = bytes.str();
  const auto tried = note_of(text, "tried");
  const auto previous = note_of(text, "previous");
  const auto until = parse_rfc3339(note_of(text, "until").value_or(""));
  const auto why = note_of(text, "why");
  const auto body = text.find("\n\n");
  if (!text.starts_with(first_line) || !tried || !previous || !until || !why || body == std::string::npos)
    return Error{Errc::storage, path_ + " is damaged"};
  HeldConfig held;
  held.tried = *tried;
  held.previous = *previous;
  held.previous_yaml = text.substr(body + 2);
  held.until = *until;
  held.why = *why;
  return std::optional(std::move(held));
}

Result<void> HeldConfigFile::write(const HeldConfig& held) const {
  std::string text(first_line);
  text += "\n# tried: " + held.tried + "\n# previous: " + held.previous +
          "\n# until: " + format_utc(held.until) + "\n# why: " + one_line(held.why) + "\n\n" +
          held.previous_yaml;
  return write_durably(path_, text);
}

Result<void> HeldConfigFile::remove() const {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return trouble("remove", path_);
  return sync_directory(path_);
}

StartConfig choose_config(Loaded files, const HeldConfigFile& file) {
  StartConfig start;
  auto held = file.read();
  if (!held) {
    // Which configuration was confirmed cannot be known, and the files may be the unconfirmed one.
    start.loaded.faults.push_back({file.path(), 0, 0,
                                   held.error().detail +
                                       ": it is not known whether the configuration files were confirmed; if "
                                       "they are right, remove this file"});
    return start;
  }
  if (!*held || (*held)->tried != files.revision) {
    start.forgotten = held->has_value();
    start.loaded = std::move(files);
    return start;
  }
  start.loaded = load_settings_text((*held)->previous_yaml, file.path());
  start.loaded.revision = (*held)->previous;
  start.held = std::move(*held);
  return start;
}

}  // namespace gatehouse
