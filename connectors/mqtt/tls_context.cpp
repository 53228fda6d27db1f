#include "connectors/mqtt/tls_context.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "connectors/mqtt/client_identity.hpp"
#include "daemon/core/known_past.hpp"

namespace gatehouse {
namespace {

/// The newest entry of OpenSSL's error queue, which is emptied.
std::string openssl_words() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  std::string words = reason ? reason : "unknown error";
  if (ERR_GET_LIB(code) == ERR_LIB_SYS) words = std::generic_category().message(ERR_GET_REASON(code));
  ERR_clear_error();
  return words;
}

std::string date_words(const ASN1_TIME* time) {
  tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min);
}

/// The names and addresses a certificate is for, for people.
std::string subject_names(X509* certificate) {
  std::string names;
  auto* all =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(all, i);
    std::string text;
    if (one->type == GEN_DNS) {
      text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.dNSName)),
                  static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName)));
    } else if (one->type == GEN_IPADD) {
      char address[INET6_ADDRSTRLEN] = "";
      const int family = ASN1_STRING_length(one->d.iPAddress) == 4 ? AF_INET : AF_INET6;
      inet_ntop(family, ASN1_STRING_get0_data(one->d.iPAddress), address, sizeof address);
      text = address;
    }
    if (text.empty()) continue;
    if (!names.empty()) names += ", ";
    names += text;
  }
  GENERAL_NAMES_free(all);
  return names.empty() ? "no name at all" : names;
}

Error verify_error(int code, X509* certificate, const CloudTls& tls, const std::string& host) {
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error{Errc::tls,
                   fmt::format("the broker's certificate expired on {}: it must be renewed (or this "
                               "machine's clock is wrong)",
                               date_words(X509_get0_notAfter(certificate)))};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error{Errc::tls,
                   fmt::format("the broker's certificate is valid only from {}: is this machine's clock "
                               "right?",
                               date_words(X509_get0_notBefore(certificate)))};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Error{Errc::tls,
                   fmt::format("the broker's certificate is for {}, not for '{}': check cloud.host",
                               subject_names(certificate), host)};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return Error{Errc::tls,
                   fmt::format("the broker's certificate is not signed by a CA in {}: wrong cloud.tls.ca, "
                               "or another server answers",
                               tls.ca)};
    default:
      return Error{Errc::tls, fmt::format("the broker's certificate does not verify: {}",
                                          X509_verify_cert_error_string(code))};
  }
}

Error alert_error(int description, const CloudTls& tls) {
  const char* what = SSL_alert_desc_string_long(description);
  switch (description) {
    case SSL_AD_CERTIFICATE_EXPIRED:
      return Error{Errc::tls, "the broker says that our certificate (cloud.tls.cert) expired: renew it"};
    case SSL_AD_CERTIFICATE_REVOKED:
      return Error{Errc::tls,
                   "the broker says that our certificate (cloud.tls.cert) is revoked: have a new one issued"};
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return Error{Errc::tls, "the broker wants a client certificate: set cloud.tls.cert and cloud.tls.key"};
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
      return Error{Errc::tls,
                   fmt::format("the broker does not accept our certificate ({}): is cloud.tls.cert issued "
                               "by the CA that the broker trusts?",
                               what)};
    case SSL_AD_PROTOCOL_VERSION:
      return Error{Errc::tls, "the broker speaks neither TLS 1.2 nor TLS 1.3, which are required"};
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return Error{
          Errc::tls,
          fmt::format("the broker does not know the protocol name '{}': check cloud.tls.alpn", tls.alpn)};
    case SSL_AD_UNRECOGNIZED_NAME:
      return Error{Errc::tls, "the broker does not serve this name: check cloud.host"};
    case SSL_AD_HANDSHAKE_FAILURE:
      return Error{Errc::tls,
                   "the broker refused the TLS handshake: it may want a client certificate (cloud.tls.cert)"};
    default:
      return Error{Errc::tls, fmt::format("the broker ended TLS: {}", what)};
  }
}

}  // namespace

TlsContext::TlsContext(const CloudTls& tls, std::string host) : tls_(tls), host_(std::move(host)) {
  unsigned char address[sizeof(in6_addr)];
  literal_ =
      inet_pton(AF_INET, host_.c_str(), address) == 1 || inet_pton(AF_INET6, host_.c_str(), address) == 1;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(native_);
}

Result<std::unique_ptr<TlsContext>> TlsContext::make(const CloudTls& tls, const std::string& host,
                                                     const std::optional<std::string>& key_pem,
                                                     const std::optional<std::string>& cert_pem) {
  ERR_clear_error();
  std::unique_ptr<TlsContext> made(new TlsContext(tls, host));
  made->native_ = SSL_CTX_new(TLS_client_method());
  if (made->native_ == nullptr)
    return Error{Errc::tls, fmt::format("cannot set up TLS: {}", openssl_words())};
  SSL_CTX_set_min_proto_version(made->native_, TLS1_2_VERSION);
  SSL_CTX_set_options(made->native_, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // One read() for a whole burst of PUBACKs instead of two for each.
  SSL_CTX_set_read_ahead(made->native_, 1);
  SSL_CTX_set_app_data(made->native_, made.get());
  SSL_CTX_set_verify(made->native_, SSL_VERIFY_PEER, on_verify);
  SSL_CTX_set_info_callback(made->native_, on_info);
  const auto wall = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  if (const auto now = certificate_time(wall); now != wall)
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(made->native_), std::chrono::system_clock::to_time_t(now));
  if (auto error = made->trust()) return *error;
  if (auto error = made->identify(key_pem, cert_pem)) return *error;
  if (auto error = made->name_peer()) return *error;
  return made;
}

std::optional<Error> TlsContext::trust() {
  if (SSL_CTX_load_verify_file(native_, tls_.ca.c_str()) == 1) return std::nullopt;
  return Error{Errc::tls, fmt::format("cannot read the CA certificates in {} (cloud.tls.ca): {}", tls_.ca,
                                      openssl_words())};
}

std::optional<Error> TlsContext::identify(const std::optional<std::string>& key_pem,
                                          const std::optional<std::string>& cert_pem) {
  if (!tls_.cert) return std::nullopt;
  if (cert_pem) {
    if (!key_pem) return Error{Errc::tls, "cloud.tls.cert has no key: set cloud.tls.key"};
    return use_identity(native_, {.cert_pem = *cert_pem, .key_pem = *key_pem});
  }
  if (SSL_CTX_use_certificate_chain_file(native_, tls_.cert->c_str()) != 1) {
    return Error{Errc::tls, fmt::format("cannot read our certificate {} (cloud.tls.cert): {}", *tls_.cert,
                                        openssl_words())};
  }
  if (!key_pem) return Error{Errc::tls, "cloud.tls.cert has no key: set cloud.tls.key"};
  BIO* text = BIO_new_mem_buf(key_pem->data(), static_cast<int>(key_pem->size()));
  // Without a callback of ours OpenSSL would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, no_passphrase, nullptr);
  BIO_free(text);
  if (key == nullptr) {
    return Error{Errc::tls,
                 fmt::format("cannot read the private key (cloud.tls.key): {}; it must be PEM without a "
                             "passphrase",
                             openssl_words())};
  }
  const bool fits = SSL_CTX_use_PrivateKey(native_, key) == 1 && SSL_CTX_check_private_key(native_) == 1;
  EVP_PKEY_free(key);
  if (fits) return std::nullopt;
  ERR_clear_error();
  return Error{Errc::tls, fmt::format("the private key (cloud.tls.key) does not belong to the certificate {}",
                                      *tls_.cert)};
}

std::optional<Error> TlsContext::name_peer() {
  X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(native_);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int named = literal_ ? X509_VERIFY_PARAM_set1_ip_asc(rules, host_.c_str())
                             : X509_VERIFY_PARAM_set1_host(rules, host_.c_str(), host_.size());
  if (named != 1) return Error{Errc::invalid, fmt::format("cloud.host '{}' is no host name", host_)};
  if (tls_.alpn.empty()) return std::nullopt;
  std::vector<unsigned char> wire;  // RFC 7301 §3.1: each name behind its length
  wire.push_back(static_cast<unsigned char>(tls_.alpn.size()));
  wire.insert(wire.end(), tls_.alpn.begin(), tls_.alpn.end());
  if (tls_.alpn.size() > 255 ||
      SSL_CTX_set_alpn_protos(native_, wire.data(), static_cast<unsigned>(wire.size())) != 0) {
    return Error{Errc::invalid, fmt::format("cloud.tls.alpn '{}' is no protocol name", tls_.alpn)};
  }
  return std::nullopt;
}

int TlsContext::on_verify(int good, x509_store_ctx_st* store) {
  if (good == 1) return good;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  self->failure_ = verify_error(X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_current_cert(store),
                                self->tls_, self->host_);
  return 0;
}

/// Comes before the ClientHello.
void TlsContext::begin(ssl_st* ssl) {
  if (greeted_) return;
  greeted_ = true;
  // libmosquitto dials a literal address here, and puts that into the SNI.
  const char* name = literal_ ? nullptr : host_.c_str();
  SSL_set_tlsext_host_name(ssl, name);
  BIO* nothing = BIO_new(BIO_s_mem());
  if (nothing == nullptr) return;
  BIO_set_mem_eof_return(nothing, -1);  // "try again", not "end of stream"
  SSL_set0_rbio(ssl, nothing);
  held_ = true;
}

void TlsContext::let_handshake_go_on(ssl_st* ssl) {
  if (!held_ || ssl == nullptr) return;
  held_ = false;
  BIO* socket = SSL_get_wbio(ssl);
  BIO_up_ref(socket);
  SSL_set0_rbio(ssl, socket);
}

void TlsContext::on_info(const ssl_st* ssl, int where, int value) {
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (where == SSL_CB_HANDSHAKE_START) self->begin(const_cast<SSL*>(ssl));
  const bool fatal = (value >> 8) == SSL3_AL_FATAL;
  if (where == SSL_CB_READ_ALERT && fatal && !self->failure_)
    self->failure_ = alert_error(value & 0xff, self->tls_);
}

}  // namespace gatehouse
