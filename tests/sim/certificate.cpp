#include "tests/sim/certificate.hpp"

#include <memory>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

template <auto free_it>
struct Freed {
  template <typename T>
  void operator()(T* it) const {
    free_it(it);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

bool add_extension(X509* to, int kind, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension && X509_add_ext(to, extension.get(), -1) == 1;
}

Certificate make_certificate(EVP_PKEY* key) {
  Certificate made(X509_new());
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial + 1ull);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3650L * 86'400);
  auto* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("NET2SIM"), -1,
                             -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_set_pubkey(made.get(), key);
  const bool extended =
      add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(made.get(), NID_subject_alt_name, "DNS:localhost,DNS:NET2SIM,IP:127.0.0.1,IP:::1");
  if (!extended || X509_sign(made.get(), key, EVP_sha256()) == 0) return nullptr;
  return made;
}

}  // namespace

Result<void> use_own_certificate(SSL_CTX* context) {
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = key ? make_certificate(key.get()) : nullptr;
  if (!certificate || SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return Error{Errc::tls, "cannot make a certificate"};
  }
  return {};
}

Result<void> use_certificate_files(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return Error{Errc::tls, "cannot read the certificate " + certificate};
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return Error{Errc::tls, "cannot read the key " + key + ", or it is another's"};
  return {};
}

std::string pin_of(SSL_CTX* context) {
  auto* certificate = SSL_CTX_get0_certificate(context);
  if (!certificate) return {};
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &bytes);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned digest_size = 0;
  EVP_Digest(bytes, static_cast<std::size_t>(size), digest, &digest_size, EVP_sha256(), nullptr);
  OPENSSL_free(bytes);
  return "sha256/" +
         base64(std::string_view(reinterpret_cast<const char*>(digest), digest_size), Base64::standard);
}

void limit_tls(SSL_CTX* context, bool allow_13) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, allow_13 ? TLS1_3_VERSION : TLS1_2_VERSION);
}

}  // namespace gatehouse::sim
