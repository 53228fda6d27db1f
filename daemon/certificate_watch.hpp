#pragma once
// Tells of certificates that are about to end: 30, 7 and 1 days before, and when they have (issue 5, point
// 8).

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/mqtt/client_identity.hpp"
#include "daemon/app/alerts.hpp"
#include "daemon/app/gateway_state.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// On the io thread; reads small files there. An alert of kind `certificate` for each: `cloud.tls.cert`,
/// `cloud.tls.ca`, `lan_api.tls.cert`, `INTEGRATION tls.ca`, `INTEGRATION server`. An ended certificate
/// changes nothing in the gateway itself: it is the other side that refuses it.
class CertificateWatch {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    const Settings& settings;  ///< those in force
    Clock& clock;
    Alerts& alerts;
    Log& log;
    /// The gateway's own as the broker is shown it; nothing before one was.
    std::function<std::optional<IdentityFacts>()> own;
  };
  explicit CertificateWatch(Parts parts) : parts_(std::move(parts)), bell_(parts_.executor) {}

  /// Files or settings may be others.
  void look() { bell_.ring(); }
  /// Those of the last look that end within 30 days, or have ended; the soonest first.
  std::vector<EndingCertificate> ending() const;
  /// When each of the last look ends, by the subject of its alert.
  const std::map<std::string, Instant>& ends() const { return ends_; }
  /// Until it is cancelled.
  Task<void> loop(Pulse& pulse);

 private:
  struct Seen {
    std::string subject;  ///< of the alert
    std::string what;     ///< "the gateway's certificate (CN=acme.hq-01)"
    Instant not_after{};
  };
  Task<void> round();
  Task<void> look_at_servers();
  std::vector<Seen> files() const;
  void tell(const Seen& seen);
  void tell_all();
  void forget_others() const;

  Parts parts_;
  Wakeup bell_;
  std::map<std::string, EndingCertificate> ending_;  ///< by subject
  std::map<std::string, Instant> ends_;
  std::map<std::string, Seen> servers_;      ///< by integration, as last seen
  std::map<std::string, Uptime> looked_at_;  ///< those that answered
};

}  // namespace gatehouse
