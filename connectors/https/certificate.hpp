#pragma once
// What an installer needs to know of a certificate that was seen.

#include <string>

struct x509_st;       // OpenSSL's X509
struct X509_name_st;  // and X509_NAME

namespace gatehouse {

/// "sha256/BASE64" of the DER SubjectPublicKeyInfo (RFC 7469 §2.4): stays the same when a certificate is
/// renewed with its key.
std::string public_key_pin(const x509_st& certificate);

/// "CN=NET2PC": one line of at most 200 bytes, control characters escaped.
std::string distinguished_name(const X509_name_st* name);

/// "CN=NET2PC, issued by CN=NET2PC, valid 2024-01-01 to 2034-01-01, key sha256/…": one line.
std::string describe_certificate(const x509_st& certificate);

}  // namespace gatehouse
