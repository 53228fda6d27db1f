#include "tests/unit/test_certificates.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

namespace gatehouse::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("test certificate: ") + what);
}

void add_extension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr, value.c_str());
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate blank(const CertificateOrder& order, EVP_PKEY* key, long serial) {
  Certificate cert(X509_new(), X509_free);
  X509_set_version(cert.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), static_cast<long>(order.valid_from.count()));
  X509_gmtime_adj(X509_getm_notAfter(cert.get()),
                  static_cast<long>((order.valid_from + order.valid_for).count()));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(order.common_name.c_str()), -1, -1, 0);
  X509_set_pubkey(cert.get(), key);
  return cert;
}

void write_certificate(const std::filesystem::path& path, X509* cert) {
  FILE* file = std::fopen(path.c_str(), "w");
  require(file != nullptr && PEM_write_X509(file, cert) == 1, "cannot write");
  std::fclose(file);
}

void write_key(const std::filesystem::path& path, EVP_PKEY* key) {
  FILE* file = std::fopen(path.c_str(), "w");
  require(file != nullptr && PEM_write_PKCS8PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "cannot write");
  std::fclose(file);
  chmod(path.c_str(), S_IRUSR | S_IWUSR);
}

}  // namespace

std::string CertificateFiles::key_pem() const {
  std::ifstream file(key);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct TestAuthority::Keys {
  Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  Certificate cert{nullptr, X509_free};
};

TestAuthority::TestAuthority(const std::string& name) : keys_(std::make_unique<Keys>()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-ca-XXXXXX").string();
  require(mkdtemp(pattern.data()) != nullptr, "cannot make a directory");
  directory_ = pattern;
  CertificateOrder order;
  order.common_name = name;
  keys_->cert = blank(order, keys_->key.get(), serial_);
  X509* cert = keys_->cert.get();
  X509_set_issuer_name(cert, X509_get_subject_name(cert));
  add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(cert, cert, NID_subject_key_identifier, "hash");
  require(X509_sign(cert, keys_->key.get(), EVP_sha256()) != 0, "cannot sign");
  write_certificate(ca(), cert);
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;  // what is left in the temporary directory is the system's to clean
  std::filesystem::remove_all(directory_, ignored);
}

CertificateFiles TestAuthority::issue(const std::string& name, const CertificateOrder& order) {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate cert = blank(order, key.get(), ++serial_);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(keys_->cert.get()));
  add_extension(cert.get(), keys_->cert.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(cert.get(), keys_->cert.get(), NID_authority_key_identifier, "keyid:always");
  std::string names;
  for (const std::string& one : order.dns) names += (names.empty() ? "DNS:" : ",DNS:") + one;
  for (const std::string& one : order.addresses) names += (names.empty() ? "IP:" : ",IP:") + one;
  if (!names.empty()) add_extension(cert.get(), keys_->cert.get(), NID_subject_alt_name, names);
  require(X509_sign(cert.get(), keys_->key.get(), EVP_sha256()) != 0, "cannot sign");
  CertificateFiles files{directory_ / (name + ".pem"), directory_ / (name + ".key")};
  write_certificate(files.cert, cert.get());
  write_key(files.key, key.get());
  return files;
}

CertificateFiles TestAuthority::issue_server(const std::string& name) {
  CertificateOrder order;
  order.common_name = name;
  order.dns = {"localhost"};
  order.addresses = {"127.0.0.1", "::1"};
  return issue(name, order);
}

CertificateFiles TestAuthority::issue_client(const std::string& name) {
  CertificateOrder order;
  order.common_name = name;
  return issue(name, order);
}

}  // namespace gatehouse::test
