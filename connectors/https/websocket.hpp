#pragma once
// A WebSocket over TLS (RFC 6455), to a server that has proven itself as for HTTPS.

#include <memory>
#include <string>

#include "connectors/https/https_client.hpp"

namespace gatehouse {

/// Use from one thread. One read and one write may be under way together.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// The next text message. Errc::timeout where none comes within `silence`, unreachable where the link ends,
  /// malformed where it is binary or too long, cancelled. After an error the link is of no more use.
  virtual Task<Result<std::string>> read(Duration silence) = 0;
  virtual Task<Result<void>> write(std::string text, Duration limit) = 0;
  /// Says farewell (1000) and waits for the answer at most `limit`.
  virtual Task<void> close(Duration limit) = 0;
};

struct WebSocketRequest {
  std::string target;  ///< path and query, already percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  Duration connect{10'000};  ///< for look-up, TCP, TLS; and again for the upgrade
  std::size_t max_message = 1024 * 1024;
};

/// What a server that did not upgrade said instead.
struct WebSocketRefusal {
  int status = 0;  ///< 0: there was no answer
};

/// Errors as for HttpsClient; Errc::refused where the server answers something else than the upgrade, whose
/// status is then in `refusal`.
Task<Result<std::unique_ptr<WebSocket>>> open_websocket(Origin origin, Net2Tls trust,
                                                        WebSocketRequest request, WebSocketRefusal& refusal);

}  // namespace gatehouse
