#include "daemon/settings/secrets.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {

namespace {

constexpr std::size_t largest = 64u << 10;

Error invalid(const SecretRef& secret, const std::string& why) {
  return {Errc::invalid, "secret {" + std::string(to_string(secret)) + "}: " + why};
}

class File {
 public:
  explicit File(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Result<std::string> trimmed(const SecretRef& secret, std::string value) {
  if (value.ends_with("\r\n"))
    value.resize(value.size() - 2);
  else if (value.ends_with('\n'))
    value.pop_back();
  if (value.empty()) return invalid(secret, "is empty");
  return value;
}

/// The file is asked about after it is open, so that what was looked at is what is read.
Result<std::string> read_path(const SecretRef& secret, const std::string& path, bool private_only) {
  const File file(path);
  if (file.fd() < 0) return invalid(secret, "cannot open " + path + ": " + std::strerror(errno));
  struct stat status{};
  if (fstat(file.fd(), &status) != 0)
    return invalid(secret, "cannot read " + path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return invalid(secret, path + " is not a regular file");
  if (private_only && (status.st_mode & 077) != 0)
    return invalid(secret, "group or others have access to " + path + "; run: chmod 600 " + path);
  std::string value;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = read(file.fd(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return invalid(secret, "cannot read " + path + ": " + std::strerror(errno));
    if (got == 0) break;
    value.append(part.data(), static_cast<std::size_t>(got));
    if (value.size() > largest) return invalid(secret, path + " is larger than 64 KiB");
  }
  return trimmed(secret, std::move(value));
}

Result<std::string> read_credential(const SecretRef& secret) {
  if (secret.name.empty() || secret.name.find('/') != std::string::npos || secret.name.front() == '.')
    return invalid(secret, "a credential is named, it has no path");
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0')
    return invalid(secret,
                   "$CREDENTIALS_DIRECTORY is not set: systemd sets it where the unit has LoadCredential=" +
                       secret.name + ":PATH (or LoadCredentialEncrypted=); without systemd use {file: PATH}");
  auto value = read_path(secret, std::string(directory) + "/" + secret.name, false);
  if (!value)
    return Error{Errc::invalid, value.error().detail + "; give the unit LoadCredential=" + secret.name +
                                    ":PATH (or LoadCredentialEncrypted=) and restart it"};
  return value;
}

}  // namespace

Result<std::string> read_secret(const SecretRef& secret) {
  switch (secret.kind) {
    case SecretRef::Kind::credential:
      return read_credential(secret);
    case SecretRef::Kind::file:
      return read_path(secret, secret.name, true);
    case SecretRef::Kind::env:
      break;
  }
  const char* value = std::getenv(secret.name.c_str());
  if (value == nullptr) return invalid(secret, "the environment variable is not set");
  return trimmed(secret, value);
}

}  // namespace gatehouse
