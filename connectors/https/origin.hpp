#pragma once
// Where a server is, and how text travels in a URL (RFC 3986).

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/result.hpp"

namespace gatehouse {

struct Origin {
  std::string host;  ///< name or address; an IPv6 address without brackets
  std::uint16_t port = 443;

  /// "host:port" for the Host header and for messages; IPv6 in brackets.
  std::string authority() const;
  bool operator==(const Origin&) const = default;
};

/// Reads "https://host[:port]". No path but "/", no user, no query. Errc::invalid says what is wrong.
Result<Origin> parse_origin(std::string_view url, std::uint16_t default_port);

/// True for an IPv4 or IPv6 address, which a certificate names differently than a host (RFC 5280 §4.2.1.6).
bool is_ip_address(std::string_view host);

/// Everything but unreserved characters as %XX; a blank becomes %20. Right for query values and form bodies.
std::string percent_encode(std::string_view text);

}  // namespace gatehouse
