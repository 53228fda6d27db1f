#pragma once
// HTTP/1.1 over TLS to one server, with a few connections kept open.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/https/origin.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

struct HttpRequest {
  std::string method = "GET";
  std::string target;  ///< path and query, already percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration connect{10'000};  ///< for look-up, TCP and TLS together
  Duration silence{20'000};  ///< for the whole head, and between two pieces of the body
  Duration whole{600'000};   ///< for the exchange, however lively
  /// Waits behind no request that is not urgent, and trusts no connection that has been idle for long.
  bool urgent = false;
  /// Asked when the connection is ready, right before the first byte. False: Errc::refused, and nothing was
  /// written. Where it was never asked, or said no, nothing was written; else something may have been. Empty:
  /// always.
  std::function<bool()> may_write{};
};

struct HttpAnswer {
  int status = 0;
  std::string content_type;
  std::string location;                 ///< of a redirect; it is never followed
  std::optional<Duration> retry_after;  ///< only where given in seconds
  std::string body;  ///< collected; of an answer that went to a sink only what another status than 2xx said
  std::optional<Instant> date{};  ///< the server's clock, to the second (RFC 9110 §6.6.1)
  std::uint64_t size = 0;         ///< bytes of the body, wherever they went
  /// Nothing but the end of the connection told where the body ends, and TLS did not vouch for that end: as
  /// small HTTP/1.0 servers end all they say, and as a cut looks too.
  bool unsealed = false;
};

/// Takes a piece of a body, at most 64 KiB, before the next one is read. An error ends the exchange.
using BodySink = std::function<Task<Result<void>>(std::string_view)>;

/// Use from one thread, the executor's. Outlives its calls. A cancelled call closes its connection at once.
///
/// Errors: unreachable, timeout, tls, invalid (CA file), cancelled; incomplete where the answer stops in the
/// middle; malformed where it is no HTTP or longer than `limit`; refused by `may_write`. Any status is an
/// answer, not an error.
class HttpsClient {
 public:
  virtual ~HttpsClient() = default;

  /// The whole answer, if its body is at most `limit` bytes.
  virtual Task<Result<HttpAnswer>> fetch(HttpRequest request, std::size_t limit) = 0;
  /// The body of a 2xx goes to the sink as it comes; the first 64 KiB of any other into the answer.
  virtual Task<Result<HttpAnswer>> stream(HttpRequest request, BodySink sink) = 0;

  /// TLS connections made so far. One that only follows a connection which the server ended as it had
  /// announced (`Connection: close`) does not count: nothing has gone amiss in between.
  virtual std::uint64_t connections() const = 0;
};

struct HttpsOptions {
  std::size_t connections = 3;  ///< at a time; further requests wait their turn
  std::size_t urgent = 4;       ///< as many again, for urgent requests only
  Duration keep{50'000};  ///< an idle connection is used no longer (nginx closes at 75 s, most others at 60)
};

std::unique_ptr<HttpsClient> make_https_client(boost::asio::any_io_executor io, Origin origin, Net2Tls trust,
                                               HttpsOptions options = {});

}  // namespace gatehouse
