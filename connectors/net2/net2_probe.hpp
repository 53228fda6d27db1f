#pragma once
// Looks at a Net2 server from the bottom up: reached, certificate, sign-in, rights, what it has. Apart from
// the running link, with a sign-in and connections of its own.

#include <optional>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/net2/net2_tokens.hpp"
#include "connectors/net2/noted_https.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/core/net2_findings.hpp"

namespace gatehouse {

struct Net2ProbeTask {
  Net2Server server;
  std::optional<Net2Credentials> credentials;  ///< none: it goes as far as the certificate
  /// What the configuration takes from the server; other lists are read too, and nothing is said where they
  /// are refused.
  bool needs_departments = true;
  bool needs_access_levels = false;
  bool needs_custom_fields = false;
  ApiNote note{};  ///< told of each call; may be empty
};

/// Within `limit`. Reads only, and of people no more than their number. One sign-in, asked for once more
/// where Net2 says that it was too soon (429). A cancellation ends it at once.
Task<Net2Evidence> probe_net2(boost::asio::any_io_executor io, Net2ProbeTask task, const Clock& clock,
                              Duration limit);

}  // namespace gatehouse
