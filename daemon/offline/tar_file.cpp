#include "daemon/offline/tar_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

namespace gatehouse {
namespace {

constexpr std::size_t block = 512;

/// Octal digits and a zero byte, in a field of this width.
void put_number(char* field, std::size_t width, std::uint64_t number) {
  std::snprintf(field, width, "%0*llo", static_cast<int>(width - 1), static_cast<unsigned long long>(number));
}

void pad(std::string& bytes) {
  bytes.append((block - bytes.size() % block) % block, '\0');
}

Error trouble(const std::string& path) {
  return {Errc::storage, "cannot write " + path + ": " + std::strerror(errno)};
}

Result<void> write_all(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return trouble(path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) return trouble(path);
  return {};
}

}  // namespace

void TarFile::add(std::string_view name, std::string_view text) {
  std::array<char, block> header{};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at_.time_since_epoch()).count();
  std::copy_n(name.data(), std::min<std::size_t>(name.size(), 99), header.data());
  put_number(&header[100], 8, 0600);
  put_number(&header[108], 8, 0);
  put_number(&header[116], 8, 0);
  put_number(&header[124], 12, text.size());
  put_number(&header[136], 12, static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)));
  std::fill_n(&header[148], 8, ' ');
  header[156] = '0';
  std::copy_n("ustar", 6, &header[257]);
  std::copy_n("00", 2, &header[263]);
  std::uint64_t sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  std::snprintf(&header[148], 8, "%06llo", static_cast<unsigned long long>(sum));
  bytes_.append(header.data(), header.size());
  bytes_.append(text);
  pad(bytes_);
}

Result<std::string> TarFile::take() {
  bytes_.append(2 * block, '\0');
  constexpr int gzip = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return Error{Errc::storage, "there is no memory to compress the bundle"};
  std::string packed(deflateBound(&stream, bytes_.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes_.data());
  stream.avail_in = static_cast<uInt>(bytes_.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int code = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  bytes_.clear();
  if (code != Z_STREAM_END) return Error{Errc::storage, "the bundle could not be compressed"};
  return packed;
}

Result<void> write_new_file(const std::string& path, std::string_view bytes, bool force) {
  const std::string part = path + ".part-" + std::to_string(::getpid());
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return trouble(part);
  Result<void> written = write_all(file, bytes, part);
  if (::close(file) != 0 && written) written = trouble(part);
  // link() never takes another file's place, rename() does.
  const bool placed = written && (force ? ::rename(part.c_str(), path.c_str()) == 0
                                        : ::link(part.c_str(), path.c_str()) == 0);
  const int why = errno;
  if (!placed || !force) ::unlink(part.c_str());
  if (!written || placed) return written;
  if (why == EEXIST)
    return Error{Errc::refused, path + " is there already: choose another name, or say --force"};
  return Error{Errc::storage, "cannot make " + path + ": " + std::strerror(why)};
}

}  // namespace gatehouse
