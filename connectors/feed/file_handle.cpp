#include "connectors/feed/file_handle.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Error system_error(std::string_view doing, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  return {full ? Errc::storage_full : Errc::storage,
          fmt::format("{}: {}", doing, std::generic_category().message(code))};
}

std::string shown_name(std::string_view name) {
  std::string shown(name.substr(0, 120));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return shown;
}

Result<std::vector<std::string>> names_in(const FileHandle& directory) {
  FileHandle own(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own) return system_error("list it", errno);
  struct Close {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  const std::unique_ptr<DIR, Close> listing(::fdopendir(own.get()));
  if (!listing) return system_error("list it", errno);
  own.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return system_error("list it", errno);
  return names;
}

Result<void> make_durable(const FileHandle& file, std::string_view what) {
  if (::fsync(file.get()) != 0) return system_error(fmt::format("flush {} to disk", what), errno);
  return {};
}

bool move_without_replacing(const FileHandle& from, const std::string& name, const FileHandle& to,
                            const std::string& new_name) {
  if (::renameat2(from.get(), name.c_str(), to.get(), new_name.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A network's file system does not know the flag.
  struct stat status{};
  if (::fstatat(to.get(), new_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return false;
  }
  if (errno != ENOENT) return false;
  return ::renameat(from.get(), name.c_str(), to.get(), new_name.c_str()) == 0;
}

Result<void> write_all(const FileHandle& file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace gatehouse
