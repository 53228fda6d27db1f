#include "daemon/store/space.hpp"

#include <limits>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gatehouse {

Space::Space(std::filesystem::path directory, SpaceOptions options)
    : directory_(std::move(directory)), reserve_file_(directory_ / "reserve"), options_(std::move(options)) {
  std::error_code none;
  reserved_ = std::filesystem::file_size(reserve_file_, none) == options_.reserve && !none;
  if (!reserved_) full_ = !make_reserve();
  look();
}

void Space::look() {
  free_ = measure();
  // The reserve stays where it is until a write of ours has found no room: given away now, whoever fills the
  // disk would have it.
  if (!full_ && free_ < options_.floor) full_ = true;
  if (!full_) return;
  const std::uint64_t enough = options_.floor + (reserved_ ? options_.reserve : 2 * options_.reserve);
  if (free_ >= enough && (reserved_ || make_reserve())) full_ = false;
}

bool Space::ran_out() {
  full_ = true;
  return give_reserve();
}

bool Space::make_reserve() {
  const int fd = ::open(reserve_file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  reserved_ = ::posix_fallocate(fd, 0, static_cast<off_t>(options_.reserve)) == 0;
  ::close(fd);
  if (!reserved_) {
    // Half a reserve would only take from what the alarms need now.
    std::error_code ignored;
    std::filesystem::remove(reserve_file_, ignored);
  }
  return reserved_;
}

bool Space::give_reserve() {
  if (!std::exchange(reserved_, false)) return false;
  std::error_code failed;
  return std::filesystem::remove(reserve_file_, failed) && !failed;
}

std::uint64_t Space::measure() const {
  if (options_.free_bytes) return options_.free_bytes(directory_);
  struct statvfs stats{};
  // A file system that does not tell is taken to have room; a write that fails says otherwise.
  if (::statvfs(directory_.c_str(), &stats) != 0) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(stats.f_bavail) * stats.f_frsize;
}

}  // namespace gatehouse
