#pragma once
// The gateway's own certificate and key: read anew for each attempt, and the last pair that the broker took
// kept beside, so that a bad new one cannot take the gateway off the cloud (decisions/0009).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "connectors/mqtt/client_identity.hpp"
#include "daemon/app/alerts.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/certificate_swap.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// On the io thread; blocks on small files. Lives as long as the daemon, over reloads.
class CloudIdentity {
 public:
  /// References must outlive it.
  struct Parts {
    std::string state_dir;
    Alerts& alerts;
    Log& log;
    std::function<void(AuditEntry)> note;
  };
  explicit CloudIdentity(Parts parts);

  /// These settings count from now on; without a certificate in them nothing is kept.
  void use(const CloudTls& tls);

  /// What to show at the next attempt; none where the settings name no certificate.
  Result<std::optional<ClientIdentity>> next();
  void on_up();
  /// True: another attempt should be made at once, with the kept pair.
  bool on_failed(const Error& why);
  void on_lost() { swap_.on_lost(); }

  /// A pair in the files that is another than the one that got in last; none where there is none, or it was
  /// refused and `anew` is false. Errc::tls, Errc::invalid: the files cannot be used.
  Result<std::optional<ClientIdentity>> untried(bool anew);
  /// What a connection beside the real one showed and came to; an unreachable broker refuses nothing.
  void on_tried(const ClientIdentity& shown, const Result<void>& how);

  /// When the certificate in use ends; nothing before one was shown.
  std::optional<IdentityFacts> in_use() const;

 private:
  Result<ClientIdentity> read_files() const;
  void keep(const ClientIdentity& identity);
  void tell_refused(const std::string& why);
  void save() const;
  void load();

  Parts parts_;
  std::optional<CloudTls> tls_;
  CertificateSwap swap_;
  std::optional<ClientIdentity> kept_;
  std::optional<ClientIdentity> shown_;
};

}  // namespace gatehouse
