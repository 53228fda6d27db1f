#include "daemon/cloud_identity.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/source_record.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

/// A broker that cannot be reached, or does not answer in time, says nothing about what was shown.
bool is_about_certificates(Errc code) {
  return code == Errc::tls || code == Errc::unauthenticated || code == Errc::forbidden ||
         code == Errc::refused;
}

constexpr std::string_view between = "-----GATEHOUSE: THE KEY TO IT-----\n";

/// Tells pairs apart, and nothing about them.
std::uint64_t hash_of(const ClientIdentity& identity) {
  static const std::uint64_t salt = std::random_device{}();
  return hash_text(identity.key_pem, hash_text(identity.cert_pem, salt));
}

std::optional<std::uint64_t> hash_of(const std::optional<ClientIdentity>& identity) {
  if (!identity) return std::nullopt;
  return hash_of(*identity);
}

std::string kept_file(const std::string& state_dir) {
  return state_dir + "/cloud-identity.pem";
}

bool write_private(const std::string& path, std::string_view text) {
  const std::string draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool synced = written && ::fsync(fd) == 0;
  ::close(fd);
  if (synced && ::rename(draft.c_str(), path.c_str()) == 0) return true;
  ::unlink(draft.c_str());
  return false;
}

}  // namespace

CloudIdentity::CloudIdentity(Parts parts) : parts_(std::move(parts)) {
  load();
}

void CloudIdentity::use(const CloudTls& tls) {
  tls_ = tls;
  if (tls.cert) return;
  kept_.reset();
  shown_.reset();
  ::unlink(kept_file(parts_.state_dir).c_str());
  parts_.alerts.over("certificate", "cloud.tls.cert renewal");
}

Result<ClientIdentity> CloudIdentity::read_files() const {
  std::ifstream file(*tls_->cert, std::ios::binary);
  if (!file.is_open())
    return Error{Errc::tls,
                 "cannot read our certificate " + *tls_->cert + " (cloud.tls.cert): " + std::strerror(errno)};
  ClientIdentity identity;
  identity.cert_pem.assign(std::istreambuf_iterator<char>(file), {});
  if (!identity.cert_pem.ends_with('\n')) identity.cert_pem += '\n';
  if (!tls_->key) return Error{Errc::tls, "cloud.tls.cert has no key: set cloud.tls.key"};
  auto key = read_secret(*tls_->key);
  if (!key) return within("cloud.tls.key", key.error());
  identity.key_pem = std::move(*key);
  auto facts = look_at_identity(identity);
  if (!facts) return within(*tls_->cert, facts.error());
  return identity;
}

Result<std::optional<ClientIdentity>> CloudIdentity::next() {
  if (!tls_ || !tls_->cert) return std::optional<ClientIdentity>();
  auto files = read_files();
  std::optional<std::uint64_t> there;
  if (files) there = hash_of(*files);
  if (swap_.next(there, hash_of(kept_)) == ShownCertificate::kept) {
    if (!files) tell_refused(files.error().detail);
    shown_ = kept_;
    return shown_;
  }
  if (!files) return files.error();
  shown_ = std::move(*files);
  return shown_;
}

void CloudIdentity::on_up() {
  if (!shown_) return;
  swap_.on_up();
  if (kept_ != shown_) keep(*shown_);
  const auto files = read_files();
  if (files && *files == *shown_) parts_.alerts.over("certificate", "cloud.tls.cert renewal");
}

bool CloudIdentity::on_failed(const Error& why) {
  const bool at_once = swap_.on_failed(is_about_certificates(why.code));
  if (at_once) tell_refused(why.detail);
  return at_once;
}

Result<std::optional<ClientIdentity>> CloudIdentity::untried(bool anew) {
  if (!tls_ || !tls_->cert || !kept_) return std::optional<ClientIdentity>();
  auto files = read_files();
  if (!files) {
    tell_refused(files.error().detail);
    return files.error();
  }
  if (*files == *kept_) {
    parts_.alerts.over("certificate", "cloud.tls.cert renewal");
    return std::optional<ClientIdentity>();
  }
  if (!anew && swap_.turned_down(hash_of(*files))) return std::optional<ClientIdentity>();
  return std::optional(std::move(*files));
}

void CloudIdentity::on_tried(const ClientIdentity& shown, const Result<void>& how) {
  if (how) {
    swap_.on_tried(hash_of(shown), true);
    keep(shown);
    parts_.alerts.over("certificate", "cloud.tls.cert renewal");
    return;
  }
  if (!is_about_certificates(how.error().code)) {
    parts_.log.write(Level::warning,
                     "the gateway's new certificate could not be tried: " + how.error().detail);
    return;
  }
  swap_.on_tried(hash_of(shown), false);
  tell_refused(how.error().detail);
}

std::optional<IdentityFacts> CloudIdentity::in_use() const {
  const auto& identity = kept_ ? kept_ : shown_;
  if (!identity) return std::nullopt;
  auto facts = look_at_identity(*identity);
  if (!facts) return std::nullopt;
  return *facts;
}

void CloudIdentity::keep(const ClientIdentity& identity) {
  const bool renewed = kept_.has_value();
  kept_ = identity;
  save();
  if (!renewed) return;
  auto facts = look_at_identity(identity);
  const std::string what = facts ? facts->subject + ", until " + format_utc(facts->not_after) : "?";
  parts_.log.write(Level::info, "the broker has taken the gateway's new certificate: " + what);
  parts_.note(
      {.actor = "gateway", .action = "certificate.renew", .target = "cloud.tls.cert", .outcome = "done"});
}

void CloudIdentity::tell_refused(const std::string& why) {
  parts_.log.write(Level::error,
                   "the gateway's new certificate does not do, the old one stays at work: " + why);
  parts_.alerts.raise(
      {.kind = "certificate",
       .subject = "cloud.tls.cert renewal",
       .detail = "the gateway's new certificate does not do, the old one stays at work: " + why,
       .hint = "put a certificate that the broker takes, and its key, into cloud.tls.cert and cloud.tls.key; "
               "then: gatehouse config reload"});
}

/// A key that systemd keeps sealed is written nowhere: only what lies in a file already may lie in another.
void CloudIdentity::save() const {
  const auto path = kept_file(parts_.state_dir);
  if (!tls_ || !tls_->key || tls_->key->kind != SecretRef::Kind::file) {
    ::unlink(path.c_str());
    return;
  }
  if (!write_private(path, kept_->cert_pem + std::string(between) + kept_->key_pem))
    parts_.log.write(Level::warning, "the certificate that the broker took cannot be kept in " + path + ": " +
                                         std::strerror(errno));
}

void CloudIdentity::load() {
  const auto path = kept_file(parts_.state_dir);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return;
  struct stat status{};
  const bool ours = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) == 0;
  ::close(fd);
  if (!ours) return;
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto at = text.find(between);
  if (at == std::string::npos) return;
  ClientIdentity identity{.cert_pem = text.substr(0, at), .key_pem = text.substr(at + between.size())};
  if (look_at_identity(identity)) kept_ = std::move(identity);
}

}  // namespace gatehouse
