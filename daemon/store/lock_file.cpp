#include "daemon/store/lock_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/fault.hpp"

namespace gatehouse {

LockFile::LockFile(const std::filesystem::path& file) {
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    throw StoreFault({Errc::storage, "cannot write in " + file.parent_path().string() + ": " +
                                         std::strerror(errno) + "; is it the daemon's own directory?"});
  }
  give_to_owner_of(file.parent_path());
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const int why = errno;
  ::close(fd_);
  if (why == EWOULDBLOCK) {
    throw StoreFault({Errc::storage, "another gatehoused is using " + file.parent_path().string() +
                                         "; stop it first, or give this one a state_dir of its own"});
  }
  throw StoreFault({Errc::storage, "cannot lock " + file.string() + ": " + std::strerror(why)});
}

/// Made by root (a restore on a new machine), it must not keep the daemon out.
void LockFile::give_to_owner_of(const std::filesystem::path& directory) const {
  struct stat facts{};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &facts) != 0) return;
  [[maybe_unused]] const int failed = ::fchown(fd_, facts.st_uid, facts.st_gid);
}

// The file stays: removing it would let two daemons lock two files of one name.
LockFile::~LockFile() {
  ::close(fd_);
}

}  // namespace gatehouse
