#pragma once
// Net2's live feed (net2-api.md §5): a doorbell to the polls.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/ports.hpp"

namespace gatehouse {

/// The sign-in of the server's REST side, shared. Both are called on the io thread.
struct FeedToken {
  std::function<Task<Result<std::string>>()> get;
  std::function<void(const std::string&)> drop;  ///< the server refused it
};

struct FeedPatience {
  Duration connect{10'000};
  Duration answer{20'000};               ///< for negotiate, the init frame, start, and a subscription
  Duration without_keep_alive{120'000};  ///< silence allowed where the server promises no keep-alive
};

/// Errors of listen(): as for HTTPS; not_found where the server has no /signalr; unauthenticated where it
/// refuses a token twice; timeout when the feed falls silent. A door whose status cannot be subscribed to is
/// logged and left to the polls. Use from the io thread; `log` must outlive it. Errc::invalid for a bad URL.
Result<std::unique_ptr<LiveFeed>> make_live_feed(boost::asio::any_io_executor io, const Net2Server& server,
                                                 FeedToken token, Log& log, FeedPatience patience = {});

}  // namespace gatehouse
