#pragma once
// A Net2 server over its Local Web API (net2-api.md), as the gateway's ports want it.

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/net2/net2_api.hpp"
#include "connectors/net2/net2_tokens.hpp"
#include "connectors/net2/noted_https.hpp"
#include "daemon/app/access_ports.hpp"
#include "daemon/app/net2_writer.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

struct Net2Options {
  Net2Patience patience;
  TokenPacing pacing;
  ApiNote note{};  ///< told of each call; may be empty
};

/// A Net2Source whose sign-in others may share. Use from the io thread; outlives its calls. Every call sets
/// `throw_if_cancelled(false)` for the coroutine that awaits it: a cancellation comes back as
/// Errc::cancelled.
class Net2Link : public Net2Source {
 public:
  /// Over the same connections, with the same token.
  virtual Net2Writer& writer() = 0;
  /// Over the same server's urgent connections, with the same token.
  virtual DoorControl& doors() = 0;
  /// The one token for this server, for the live feed. Errors as Net2Tokens::token().
  virtual Task<Result<std::string>> token() = 0;
  /// The server refused that token.
  virtual void drop_token(const std::string& token) = 0;
};

/// Lists are parsed on `worker`, small pieces of them on `io`; RecordSink::take() is called there. `server`
/// without its secrets: those are in `credentials`. The port of a URL without one is 8443. Errc::invalid for
/// a bad URL or time zone. `clock` and `log` must outlive it.
Result<std::unique_ptr<Net2Link>> make_net2_source(boost::asio::any_io_executor io,
                                                   boost::asio::any_io_executor worker,
                                                   const Net2Server& server, Net2Credentials credentials,
                                                   const Clock& clock, Log& log, Net2Options options = {});

}  // namespace gatehouse
