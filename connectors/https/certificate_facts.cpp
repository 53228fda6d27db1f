#include "connectors/https/certificate_facts.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "connectors/https/certificate.hpp"

namespace gatehouse {
namespace {

Instant instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return Instant{};
  return Instant{std::chrono::seconds(timegm(&parts))};
}

std::string text_of(const ASN1_STRING* string) {
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                   static_cast<std::size_t>(ASN1_STRING_length(string)));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';  // the text comes from the peer
  return text;
}

std::string address_of(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int length = ASN1_STRING_length(address);
  const int family = length == 4 ? AF_INET : AF_INET6;
  if (length != 4 && length != 16) return "?";
  inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size());
  return text.data();
}

std::vector<std::string> names_of(const X509& certificate) {
  using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::vector<std::string> found;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) found.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) found.push_back(address_of(name->d.iPAddress));
  }
  return found;
}

}  // namespace

CertificateFacts certificate_facts(const x509_st& certificate) {
  return {.subject = distinguished_name(X509_get_subject_name(&certificate)),
          .issuer = distinguished_name(X509_get_issuer_name(&certificate)),
          .names = names_of(certificate),
          .not_before = instant_of(X509_get0_notBefore(&certificate)),
          .not_after = instant_of(X509_get0_notAfter(&certificate)),
          .pin = public_key_pin(certificate)};
}

Result<std::vector<CertificateFacts>> read_certificate_file(const std::string& path) {
  errno = 0;
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), &BIO_free);
  if (!file) {
    const int why = errno;
    ERR_clear_error();
    return Error{Errc::invalid, path + ": cannot be read: " + std::strerror(why != 0 ? why : EIO)};
  }
  std::vector<CertificateFacts> all;
  while (X509* read = PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(read, &X509_free);
    all.push_back(certificate_facts(*certificate));
  }
  const auto last = ERR_peek_last_error();
  ERR_clear_error();
  const bool ended = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (!ended || all.empty()) {
    return Error{Errc::invalid,
                 path + (all.empty() && ended ? ": there is no certificate in it (PEM, -----BEGIN "
                                                "CERTIFICATE-----)"
                                              : ": a certificate in it is damaged")};
  }
  return all;
}

}  // namespace gatehouse
