#pragma once
// One TLS connection to a server that has proven itself.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/https/origin.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// What is asked of the server's certificate, and why one was refused.
struct CertificateCheck {
  std::vector<std::string> pins;  ///< empty: chain, name and date are checked
  std::string expected_name;
  std::string refusal;  ///< set by a refused handshake: what was seen, why, and what to do
  std::optional<CertificateFacts>
      only_look{};  ///< engaged: nothing is checked, and what was seen stands here
};

struct TlsLink {
  std::unique_ptr<CertificateCheck> check;  ///< outlives the stream, whose handshake writes to it
  TlsStream stream;

  boost::asio::ip::tcp::socket& socket() { return stream.next_layer(); }
};

/// Resolves, connects and shakes hands within `limit`. TLS 1.2 or later. The CA file is read anew each time,
/// so a replaced one is taken up by the next connection. Errc::unreachable, timeout, tls (certificate or
/// handshake), invalid (CA file unreadable), cancelled.
Task<Result<std::unique_ptr<TlsLink>>> open_tls(Origin origin, Net2Tls trust, Duration limit);

/// A failed socket operation in our words: cancelled or unreachable.
Error socket_error(std::string_view doing, const boost::system::error_code& error);

}  // namespace gatehouse
