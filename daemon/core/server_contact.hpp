#pragma once
// How far a server could be reached, layer by layer: name, TCP, TLS with the certificate that it shows.

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// A certificate as a server or a file shows it; nothing of it is believed.
struct SeenCertificate {
  std::string subject;             ///< "CN=NET2PC"
  std::string issuer;              ///< likewise
  std::vector<std::string> names;  ///< those it is good for
  Instant not_before{};
  Instant not_after{};
  std::string pin;  ///< "sha256/BASE64" of its public key, as `tls.pin` takes it

  bool operator==(const SeenCertificate&) const = default;
};

/// The first layer that failed, from the bottom up.
enum class ContactTrouble {
  none,
  authority_file,  ///< our own CA file cannot be read
  own_file,        ///< our own certificate or key cannot be used
  name_unknown,    ///< the name server says that there is no such name
  no_name_server,  ///< no name server has answered
  no_route,
  refused,
  no_answer,  ///< in time
  proxy,      ///< the SOCKS proxy was reached and does not let us through
  cut,        ///< the connection ended in the TLS handshake
  not_tls,    ///< no TLS, or none that we speak
  untrusted,  ///< nobody whom we trust vouches for the certificate
  expired,
  not_yet_valid,
  wrong_name,
  wrong_key,         ///< another than those pinned
  own_unwanted,      ///< the server does not accept our certificate
  own_expired,       ///< likewise, since it has expired
  own_missing,       ///< the server wants one and we have none
  protocol_unknown,  ///< ALPN
};

struct ServerContact {
  std::string peer;             ///< "host:port"; of the proxy where `at_proxy`
  bool named = false;           ///< the host is a name, so that a name server is needed
  bool at_proxy = false;        ///< the trouble is with the proxy on the way
  std::string expected_name{};  ///< that the certificate has to name
  ContactTrouble trouble = ContactTrouble::none;
  std::string detail{};                    ///< the system's own words
  std::optional<SeenCertificate> shown{};  ///< as far as TLS went
  Duration took{0};

  bool ok() const { return trouble == ContactTrouble::none; }
};

}  // namespace gatehouse
