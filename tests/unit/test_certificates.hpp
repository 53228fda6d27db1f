#pragma once
// A certificate authority for one test, as PEM files in a directory of its own that goes away with it.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::test {

struct CertificateOrder {
  std::string common_name = "gatehouse test";
  std::vector<std::string> dns;               ///< subjectAltName
  std::vector<std::string> addresses;         ///< subjectAltName, literal IP addresses
  std::chrono::seconds valid_from{-3600};     ///< from now
  std::chrono::seconds valid_for{24 * 3600};  ///< from valid_from on
};

struct CertificateFiles {
  std::filesystem::path cert;  ///< PEM
  std::filesystem::path key;   ///< PEM, PKCS#8, mode 0600
  std::string key_pem() const;
};

/// EC P-256 throughout: made in a millisecond.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "gatehouse test CA");
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority();

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path ca() const { return directory_ / "ca.pem"; }

  /// Issues a certificate into `directory()/NAME.pem` and `NAME.key`; an older one of that name is replaced.
  CertificateFiles issue(const std::string& name, const CertificateOrder& order);

  /// For a server on loopback: "localhost", 127.0.0.1 and ::1.
  CertificateFiles issue_server(const std::string& name = "server");
  CertificateFiles issue_client(const std::string& name = "client");

 private:
  struct Keys;
  std::filesystem::path directory_;
  std::unique_ptr<Keys> keys_;
  long serial_ = 1;
};

}  // namespace gatehouse::test
