#pragma once
// Looks at a TLS server layer by layer, and says which is the first that does not hold. Not a byte of the
// protocol above TLS is sent: whoever listens sees a connection that begins and ends.

#include <optional>
#include <string>

#include "connectors/https/origin.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/server_contact.hpp"

namespace gatehouse {

struct CertificateFacts;

struct ProbeTarget {
  Origin origin;
  Net2Tls trust;  ///< CA file and name, or pins in place of chain, name and date
  std::optional<std::string> certificate_file{};  ///< ours, PEM, with `key_pem`
  std::optional<std::string> key_pem{};
  std::string alpn{};             ///< empty: none is asked for
  std::optional<Origin> proxy{};  ///< SOCKS5, which looks the name up (socks5h)
};

/// Within `limit`, whatever happens; a cancellation ends it at once, with the trouble no_answer. Where a
/// certificate of ours is shown, it waits a moment longer: with TLS 1.3 a server refuses it afterwards.
Task<ServerContact> probe_server(ProbeTarget target, Duration limit);

SeenCertificate shown(const CertificateFacts& facts);

}  // namespace gatehouse
