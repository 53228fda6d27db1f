#pragma once
// A certificate as people and rules look at it: whose it is, who vouches for it, until when, and its pin.

#include <string>
#include <vector>

#include "connectors/https/origin.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

struct x509_st;  // OpenSSL's X509

namespace gatehouse {

struct CertificateFacts {
  std::string subject;             ///< "CN=NET2PC": one line, control characters escaped
  std::string issuer;              ///< likewise
  std::vector<std::string> names;  ///< DNS names and addresses of the SubjectAltName, in its order
  Instant not_before{};
  Instant not_after{};
  std::string pin;  ///< "sha256/BASE64" of the SubjectPublicKeyInfo (RFC 7469 §2.4)

  bool self_signed() const { return subject == issuer; }
  bool operator==(const CertificateFacts&) const = default;
};

/// A date that cannot be read is 1970.
CertificateFacts certificate_facts(const x509_st& certificate);

/// Every certificate of a PEM file, in its order; at least one. Blocks on the file system. Errc::invalid says
/// what is wrong with the file.
Result<std::vector<CertificateFacts>> read_certificate_file(const std::string& path);

/// The certificate that a server shows, believed for nothing: TLS is begun and ended, and no byte of HTTP is
/// sent. `server_name` is asked for where it is not empty (SNI); else the origin's host. Errc::unreachable,
/// timeout, tls (no handshake), cancelled.
Task<Result<CertificateFacts>> look_at_server(Origin origin, std::string server_name, Duration limit);

}  // namespace gatehouse
