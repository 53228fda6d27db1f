#include "daemon/store/log_seal.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/page_check.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view magic = "GHSEAL1\n";
constexpr std::string_view seal_end = "-seal";
constexpr std::size_t size = 64;
constexpr std::size_t check_at = size - 8;
using Bytes = std::array<char, size>;

void put(Bytes& bytes, std::size_t at, std::uint64_t number, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<char>(number >> (8 * i));
}

std::uint64_t number(const Bytes& bytes, std::size_t at, std::size_t width) {
  std::uint64_t found = 0;
  for (std::size_t i = width; i-- > 0;) found = found << 8 | static_cast<unsigned char>(bytes[at + i]);
  return found;
}

/// As SQLite does with the log: where root looks at a store, its owner must be able to go on with it.
void belong_to_owner(int fd, const std::filesystem::path& seal) {
  struct stat facts{};
  const std::string file = seal.string().substr(0, seal.string().size() - seal_end.size());
  if (::geteuid() != 0 || ::stat(file.c_str(), &facts) != 0) return;
  [[maybe_unused]] const int failed = ::fchown(fd, facts.st_uid, facts.st_gid);
}

std::uint32_t word(const Bytes& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(number(bytes, at, 4));
}

}  // namespace

std::filesystem::path seal_of(const std::filesystem::path& file) {
  return file.string() + std::string(seal_end);
}

SealFound read_seal(const std::filesystem::path& file) {
  SealFound found;
  const int fd = ::open(seal_of(file).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return found;
  found.there = true;
  Bytes bytes{};
  const auto got = ::pread(fd, bytes.data(), size, 0);
  ::close(fd);
  if (got != static_cast<ssize_t>(size) || std::string_view(bytes.data(), magic.size()) != magic)
    return found;
  if (number(bytes, check_at, 8) != short_check({bytes.data(), check_at})) return found;
  found.seal = LogSeal{.salt1 = word(bytes, 8),
                       .salt2 = word(bytes, 12),
                       .frames = word(bytes, 16),
                       .copied = word(bytes, 20) != 0,
                       .checks = word(bytes, 24) != 0,
                       .schema = word(bytes, 28)};
  return found;
}

SealFile::~SealFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool SealFile::there() const {
  return ::access(file_.c_str(), F_OK) == 0;
}

void SealFile::write(const LogSeal& seal) {
  if (written_ == seal) return;
  const bool is_new = fd_ < 0;
  // Under another name until it is whole: an empty one would say that something was lost.
  const std::string draft = file_.string() + ".new";
  if (is_new) fd_ = ::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd_ < 0) return;
  if (is_new) belong_to_owner(fd_, file_);
  Bytes bytes{};
  std::memcpy(bytes.data(), magic.data(), magic.size());
  put(bytes, 8, seal.salt1, 4);
  put(bytes, 12, seal.salt2, 4);
  put(bytes, 16, seal.frames, 4);
  put(bytes, 20, seal.copied ? 1 : 0, 4);
  put(bytes, 24, seal.checks ? 1 : 0, 4);
  put(bytes, 28, seal.schema, 4);
  put(bytes, check_at, short_check({bytes.data(), check_at}), 8);
  written_.reset();
  if (::pwrite(fd_, bytes.data(), size, 0) == static_cast<ssize_t>(size)) written_ = seal;
  if (!is_new) return;
  // From now on it is written over in place: a power cut leaves the one or the other, and no empty file.
  const bool whole = written_ && ::fdatasync(fd_) == 0;
  if (whole && ::rename(draft.c_str(), file_.c_str()) == 0) return;
  ::unlink(draft.c_str());
  ::close(fd_);
  fd_ = -1;
  written_.reset();
}

void SealFile::flush() {
  if (fd_ >= 0) ::fdatasync(fd_);
}

}  // namespace gatehouse
