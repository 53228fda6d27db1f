#pragma once
// The server's certificate: from files, or made on the spot as Net2's installer does (net2-api.md §1.3).

#include <string>

#include "daemon/core/result.hpp"

typedef struct ssl_ctx_st SSL_CTX;

namespace gatehouse::sim {

/// Self-signed P-256, for localhost, 127.0.0.1 and ::1, ten years; put into `context`.
Result<void> use_own_certificate(SSL_CTX* context);
Result<void> use_certificate_files(SSL_CTX* context, const std::string& certificate, const std::string& key);
/// "sha256/…" of the public key, as a client pins it. Empty: there is no certificate.
std::string pin_of(SSL_CTX* context);
void limit_tls(SSL_CTX* context, bool allow_13);  ///< for new connections; 1.2 is always allowed

}  // namespace gatehouse::sim
