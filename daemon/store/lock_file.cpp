#include "daemon/store/lock_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/store/fault.hpp"

namespace gatehouse {

LockFile::LockFile(const std::filesystem::path& file) {
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    throw StoreFault({Errc::storage, "cannot write in " + file.parent_path().string() + ": " +
                                         std::strerror(errno) + "; is it the daemon's own directory?"});
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const int why = errno;
  ::close(fd_);
  if (why == EWOULDBLOCK) {
    throw StoreFault({Errc::storage, "another gatehoused is using " + file.parent_path().string() +
                                         "; stop it first, or give this one a state_dir of its own"});
  }
  throw StoreFault({Errc::storage, "cannot lock " + file.string() + ": " + std::strerror(why)});
}

// The file stays: removing it would let two daemons lock two files of one name.
LockFile::~LockFile() {
  ::close(fd_);
}

}  // namespace gatehouse
