#include "connectors/https/certificate.hpp"

#include <array>
#include <ctime>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace gatehouse {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string day_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "?";
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

}  // namespace

std::string distinguished_name(const X509_name_st* name) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (!bio || name == nullptr) return "?";
  // One line, control characters escaped: the text comes from the peer.
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::string text(data, static_cast<std::size_t>(size));
  if (text.size() > 200) text.resize(200);
  return text.empty() ? "(no name)" : text;
}

std::string public_key_pin(const x509_st& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
  if (size <= 0) return "sha256/?";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const int hashed =
      EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  if (hashed != 1) return "sha256/?";
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
  const int written = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(length));
  return "sha256/" + std::string(base64.begin(), base64.begin() + written);
}

std::string describe_certificate(const x509_st& certificate) {
  return fmt::format(
      "{}, issued by {}, valid {} to {}, key {}", distinguished_name(X509_get_subject_name(&certificate)),
      distinguished_name(X509_get_issuer_name(&certificate)), day_text(X509_get0_notBefore(&certificate)),
      day_text(X509_get0_notAfter(&certificate)), public_key_pin(certificate));
}

}  // namespace gatehouse
