#include "daemon/store/quarantine.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

namespace fs = std::filesystem;

/// Oldest first: the names are times.
std::vector<fs::path> kept(const fs::path& place) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(place, none)) {
    if (entry.is_directory(none)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

fs::path next_quarantine(const fs::path& directory, Instant now) {
  std::string name = format_utc(now);
  std::ranges::replace(name, ':', '-');
  const fs::path place = directory / "quarantine";
  fs::path made = place / name;
  std::error_code none;
  for (int i = 2; fs::exists(made, none); ++i) made = place / (name + '-' + std::to_string(i));
  return made;
}

fs::path quarantine(const fs::path& directory, const std::vector<fs::path>& files, Instant now) {
  const fs::path place = directory / "quarantine";
  const fs::path made = next_quarantine(directory, now);
  ::mkdir(place.c_str(), 0700);
  if (::mkdir(made.c_str(), 0700) != 0)
    throw StoreFault({Errc::storage, "cannot make " + made.string() + ": " + std::strerror(errno)});
  for (const auto& file : files) {
    if (::rename(file.c_str(), (made / file.filename()).c_str()) != 0 && errno != ENOENT)
      throw StoreFault({Errc::storage, "cannot put " + file.string() + " aside: " + std::strerror(errno)});
  }
  flush_directory(made);
  flush_directory(place);
  // The first one is the fullest, and the last one is news: what goes was made in between.
  auto all = kept(place);
  std::error_code ignored;
  std::size_t left = all.size();
  for (std::size_t i = 1; i < all.size() && left > quarantines_kept; ++i) {
    if (all[i] == made) continue;
    fs::remove_all(all[i], ignored);
    --left;
  }
  return made;
}

void flush_directory(const fs::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = fd >= 0 && ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!flushed)
    throw StoreFault({Errc::storage, "cannot flush " + directory.string() + ": " + std::strerror(why)});
}

}  // namespace gatehouse
