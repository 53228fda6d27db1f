#pragma once
// `gatehouse doctor`: looks at everything at once, within seconds, and says what is wrong, causes first.

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/app/integration_desk.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/core/cloud_findings.hpp"
#include "daemon/core/host_findings.hpp"
#include "daemon/core/net2_findings.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// What looks. Each call ends within `limit`, says what it has seen by then, and changes nothing anywhere but
/// for one sign-in at a Net2 server. A cancellation ends it at once.
class CheckUpProbes {
 public:
  virtual ~CheckUpProbes() = default;
  virtual Task<Net2Evidence> look_at_net2(Integration integration, Duration limit) = 0;
  virtual Task<CloudEvidence> look_at_cloud(Cloud cloud, Duration limit) = 0;
  /// All but the database.
  virtual HostEvidence look_at_host() = 0;
  /// Page by page, between what the store is asked meanwhile.
  virtual Task<DatabaseLook> look_at_database(Duration limit) = 0;
};

/// On the io thread. One check-up at a time; who comes meanwhile waits for the turn.
class CheckUp {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    const Settings& settings;  ///< those in force
    const IntegrationDesk& sources;
    CheckUpProbes& probes;
    Clock& clock;
  };
  explicit CheckUp(Parts parts);

  /// {"findings":[…],"checked":[…]} of contract §6's `doctor --json`. With `integration` only what concerns
  /// that one; Errc::not_found where the configuration has none of that id. Takes about 10 s at most.
  Task<Result<std::string>> examine(std::string integration);

 private:
  struct Turn;
  struct Seen;
  Task<void> look_at_all(Seen& seen);
  CheckUpReport report_on(const Seen& seen) const;

  Parts parts_;
  bool busy_ = false;
  boost::asio::steady_timer turn_;  ///< its cancellation wakes those who wait
};

/// What of a report concerns one integration: its own findings, and faults of the gateway that may be behind
/// them.
CheckUpReport only_about(CheckUpReport report, const std::string& integration);

}  // namespace gatehouse
