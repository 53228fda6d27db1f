#include "daemon/control/sealed_file.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace gatehouse {
namespace {

Error trouble(const char* doing) {
  return {Errc::storage, std::string(doing) + ": " + std::strerror(errno)};
}

Result<void> write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return trouble("write a file in memory");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<int> make_sealed_file(std::string_view text) {
  const int file = ::memfd_create("gatehouse-answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return trouble("make a file in memory");
  Result<void> written = write_all(file, text);
  constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (written && (::lseek(file, 0, SEEK_SET) < 0 || ::fcntl(file, F_ADD_SEALS, seals) < 0))
    written = trouble("seal a file in memory");
  if (written) return file;
  ::close(file);
  return written.error();
}

Result<int> take_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Error{Errc::storage, path + " cannot be read: " + std::strerror(errno)};
  ::unlink(path.c_str());
  return fd;
}

}  // namespace gatehouse
