#include "daemon/setup/staged_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::setup {
namespace {

Error disk_error(const std::string& doing) {
  const int why = errno;
  const Errc code = why == ENOSPC || why == EDQUOT ? Errc::storage_full : Errc::storage;
  std::string advice;
  if (why == EACCES || why == EPERM) advice = "; run this as root (sudo gatehouse setup)";
  if (why == EROFS) advice = "; the file system is read-only";
  return {code, doing + ": " + std::strerror(why) + advice};
}

std::string hidden_name(const std::string& path, const char* what) {
  const std::filesystem::path at(path);
  return (at.parent_path() / ("." + at.filename().string() + "." + what + "-" + std::to_string(getpid())))
      .string();
}

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, const std::string& content) {
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t put = write(fd, content.data() + at, content.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += static_cast<std::size_t>(put);
  }
  return true;
}

bool sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  const OpenFile open_folder(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return open_folder.fd() >= 0 && fsync(open_folder.fd()) == 0;
}

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

}  // namespace

StagedFiles::~StagedFiles() {
  if (committed_) return;
  for (const Staged& file : files_) unlink(file.fresh.c_str());
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) rmdir(folder->c_str());
}

Result<void> StagedFiles::add_folder(const std::string& path, mode_t mode, std::optional<FileOwner> owner) {
  std::vector<std::string> missing;
  for (std::filesystem::path at(path); !at.empty() && !exists(at.string()); at = at.parent_path())
    missing.push_back(at.string());
  for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
    const bool innermost = *folder == path;
    if (mkdir(folder->c_str(), innermost ? mode : 0755) != 0) return disk_error("make the folder " + *folder);
    folders_.push_back(*folder);
    // The mode whatever the umask is; the owner first, so that nobody else ever has the wider one.
    if (innermost && owner && chown(folder->c_str(), owner->user, owner->group) != 0)
      return disk_error("give away " + *folder);
    if (chmod(folder->c_str(), innermost ? mode : 0755) != 0)
      return disk_error("set the rights of " + *folder);
  }
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    errno = ENOTDIR;
    return disk_error(path);
  }
  return {};
}

Result<void> StagedFiles::add(const std::string& path, const std::string& content, mode_t mode,
                              std::optional<FileOwner> owner, const std::optional<std::string>& backup) {
  const std::string fresh = hidden_name(path, "new");
  unlink(fresh.c_str());  // of a run that was killed under the same number
  const OpenFile file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0) return disk_error("write " + path);
  files_.push_back({.path = path, .fresh = fresh, .before = {}, .backup = backup});
  if (!write_all(file.fd(), content)) return disk_error("write " + path);
  if (owner && fchown(file.fd(), owner->user, owner->group) != 0) return disk_error("give away " + path);
  if (fchmod(file.fd(), mode) != 0) return disk_error("set the rights of " + path);
  if (fsync(file.fd()) != 0) return disk_error("write " + path);
  return {};
}

std::string StagedFiles::staged_path(const std::string& path) const {
  for (const Staged& file : files_)
    if (file.path == path) return file.fresh;
  return path;
}

Result<void> StagedFiles::move_in(Staged& file) {
  if (exists(file.path)) {
    file.before = file.backup ? *file.backup : hidden_name(file.path, "old");
    if (!file.backup) unlink(file.before.c_str());
    if (link(file.path.c_str(), file.before.c_str()) != 0) {
      file.before.clear();
      return disk_error("keep " + file.path);
    }
  }
  if (rename(file.fresh.c_str(), file.path.c_str()) != 0) return disk_error("put " + file.path + " in place");
  file.moved = true;
  if (!sync_folder_of(file.path)) return disk_error("put " + file.path + " in place");
  return {};
}

void StagedFiles::undo() {
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
    if (file->moved && !file->before.empty())
      rename(file->before.c_str(), file->path.c_str());
    else if (file->moved)
      unlink(file->path.c_str());
    else if (!file->before.empty())
      unlink(file->before.c_str());
    file->moved = false;
    file->before.clear();
  }
}

Result<void> StagedFiles::commit() {
  for (Staged& file : files_) {
    auto moved = move_in(file);
    if (moved) continue;
    undo();
    return moved;
  }
  for (const Staged& file : files_)
    if (!file.before.empty() && !file.backup) unlink(file.before.c_str());
  committed_ = true;
  return {};
}

std::string backup_name(const std::string& path, const std::string& today) {
  const std::string first = path + ".bak-" + today;
  std::string name = first;
  for (int number = 2; exists(name); ++number) name = first + "-" + std::to_string(number);
  return name;
}

}  // namespace gatehouse::setup
