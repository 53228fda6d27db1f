#pragma once
// One connection that speaks HTTP/1.1, one exchange at a time.

#include <memory>

#include "connectors/https/https_client.hpp"
#include "connectors/https/tls_link.hpp"

namespace gatehouse {

struct Exchange {
  Result<HttpAnswer> answer;
  bool nothing_came = false;   ///< failed before the first byte of an answer
  bool announced_end = false;  ///< the answer said that its connection ends with it
};

class HttpWire {
 public:
  virtual ~HttpWire() = default;
  /// `sink` may be null: then everything is collected, up to `limit`.
  virtual Task<Exchange> exchange(const HttpRequest& request, const BodySink* sink, std::size_t limit) = 0;
  /// The server keeps it open, and has said nothing since (a farewell would wait to be read).
  virtual bool reusable() = 0;
};

std::unique_ptr<HttpWire> make_http_wire(std::unique_ptr<TlsLink> link, std::string authority);

}  // namespace gatehouse
