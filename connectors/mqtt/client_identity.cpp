#include "connectors/mqtt/client_identity.hpp"

#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace gatehouse {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Bio over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
}

Error fault(const std::string& what) {
  ERR_clear_error();
  return {Errc::tls, what};
}

Certificate next_certificate(BIO* from) {
  return Certificate(PEM_read_bio_X509(from, nullptr, nullptr, nullptr), &X509_free);
}

std::string subject_of(const X509& certificate) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(&certificate), 0,
                     XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : "(no name)";
}

Instant instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return Instant(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

std::optional<Error> use_identity(ssl_ctx_st* context, const ClientIdentity& identity) {
  ERR_clear_error();
  const Bio text = over(identity.cert_pem);
  const Certificate own = next_certificate(text.get());
  if (!own) return fault("our certificate (cloud.tls.cert) is no PEM certificate");
  if (SSL_CTX_use_certificate(context, own.get()) != 1)
    return fault("our certificate (cloud.tls.cert) cannot be used: is its key RSA or an elliptic curve?");
  SSL_CTX_clear_chain_certs(context);
  while (const Certificate above = next_certificate(text.get()))
    SSL_CTX_add1_chain_cert(context, above.get());
  ERR_clear_error();  // the end of the text was one
  // Without a callback of ours OpenSSL would ask for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const Bio key_text = over(identity.key_pem);
  const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_passphrase, nullptr), &EVP_PKEY_free);
  if (!key) return fault("cannot read the private key (cloud.tls.key); it must be PEM without a passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return fault("the private key (cloud.tls.key) does not belong to the certificate (cloud.tls.cert)");
  return std::nullopt;
}

Result<IdentityFacts> look_at_identity(const ClientIdentity& identity) {
  const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context) return fault("cannot set up TLS");
  if (auto wrong = use_identity(context.get(), identity)) return *wrong;
  const X509* own = SSL_CTX_get0_certificate(context.get());
  IdentityFacts facts;
  facts.subject = subject_of(*own);
  facts.not_after = instant_of(X509_get0_notAfter(own));
  return facts;
}

}  // namespace gatehouse
