#pragma once
// What the gateway proves itself with to the broker: a certificate with its chain, and the key to it, as
// bytes in memory. The files they came from may be written anew at any time.

#include <optional>
#include <string>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

extern "C" {
struct ssl_ctx_st;
}

namespace gatehouse {

struct ClientIdentity {
  std::string cert_pem;  ///< ours first, then its chain
  std::string key_pem;

  bool operator==(const ClientIdentity&) const = default;
};

/// What there is to know of it without asking the broker.
struct IdentityFacts {
  std::string subject;  ///< "CN=acme.hq-01"
  Instant not_after{};
};

/// Errc::tls where certificate or key cannot be read, or do not belong together (files half replaced); with
/// words that name the setting, and nothing of the key.
Result<IdentityFacts> look_at_identity(const ClientIdentity& identity);

/// Puts it into a context; the error is as above.
std::optional<Error> use_identity(ssl_ctx_st* context, const ClientIdentity& identity);

}  // namespace gatehouse
