#pragma once
// One request: who asks, whether they may, what is done, and what is said (contract.md §7, RFC 9110, 9457).

#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/lan/lan_limits.hpp"
#include "connectors/lan/lan_wire.hpp"
#include "daemon/app/lan_desk.hpp"
#include "daemon/app/snapshot_check.hpp"

namespace gatehouse {

/// An answer in the making.
struct LanOutcome {
  LanAnswer answer;
  bool last = false;   ///< the connection ends with it
  bool known = false;  ///< it showed a token of ours
};

/// A problem without more words than its status has: for a request that nobody could read.
LanAnswer lan_problem(int status, const std::string& detail);

/// On the io thread. References must outlive it.
class LanRouter {
 public:
  LanRouter(const std::vector<LanClient>& clients, LanRequests& desk, MakeSnapshotCheck check_feed,
            boost::asio::any_io_executor worker, Clock& clock, Log& log, LanRates rates,
            LanPatience patience);

  /// `address`: of who asks. Reads the body where there is one that somebody wants.
  Task<LanOutcome> handle(LanWire& wire, const LanHead& head, const std::string& address);

 private:
  struct Who {
    const LanClient* client = nullptr;
    LanOutcome refusal;
  };
  Who identify(const LanHead& head, const std::string& address);
  Task<LanOutcome> route(LanWire& wire, const LanHead& head, const LanClient& client);
  Task<LanOutcome> sign_in(LanWire& wire, const LanHead& head, const LanClient& client);
  Task<LanOutcome> muster(const LanHead& head, const LanClient& client);
  Task<LanOutcome> put_feed(LanWire& wire, const LanHead& head, const LanClient& client,
                            IntegrationId integration);
  Task<LanOutcome> take_feed(LanWire& wire, std::string directory, const IntegrationId& integration);
  LanOutcome not_taken(const IntegrationId& integration, const Error& error) const;

  const std::vector<LanClient>& clients_;
  LanRequests& desk_;
  MakeSnapshotCheck check_feed_;
  boost::asio::any_io_executor worker_;
  Clock& clock_;
  Log& log_;
  LanPatience patience_;
  LanBuckets client_rate_;
  LanBuckets feed_rate_;
  LanBuckets stranger_rate_;
  int uploads_ = 0;
};

}  // namespace gatehouse
