#pragma once
// What the gateway says of itself: the retained `state` and the `health` message (contract.md §3.1).

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/integration_status.hpp"

namespace gatehouse {

/// The files hold a configuration that nobody has confirmed (features D-12).
struct HeldConfigView {
  std::string tried;                      ///< revision of the files; in force while it is on trial
  std::string previous;                   ///< of what comes back, or has come back
  Instant until{};                        ///< the end of the trial
  std::optional<std::string> taken_back;  ///< why; none while the trial goes on
};

/// A certificate that ends within 30 days, or has ended.
struct EndingCertificate {
  std::string subject;  ///< as of its alert: "cloud.tls.cert"
  std::string detail;   ///< "the gateway's certificate (…) ends on …, in 6 days"
  std::string hint;     ///< what to do
  Instant not_after{};
};

struct GatewayState {
  std::string version;
  std::string epoch;  ///< a random value made at each start
  Duration uptime{0};
  Instant started{};
  std::string config_revision;
  std::string config_file;  ///< absolute; conf.d is beside it
  std::optional<std::string> reload_error;
  std::optional<HeldConfigView> held_config;
  std::vector<EndingCertificate> certificates;
  std::vector<IntegrationStatus> integrations;
  bool cloud_configured = false;
  bool cloud_connected = false;
  std::optional<Instant> cloud_since;
  std::uint64_t roster_issues = 0;     ///< open ones about the cloud's people
  std::uint64_t roster_withheld = 0;   ///< removals of them that wait for somebody
  std::optional<OutboxReport> outbox;  ///< none while the store cannot be asked
  std::vector<std::string> late_loops;
  std::uint64_t people = 0;                ///< in the registry, whatever their sources
  std::optional<std::uint64_t> decoupled;  ///< of these; only where it was asked for
  std::uint64_t doors = 0;
  ClockQuality clock = ClockQuality::ok;
  std::string gateway;  ///< "tenant/id"
  std::optional<std::string> roster_cursor;
  std::set<SiteId> lockdown;
  std::optional<AuditHead> audit_head;              ///< only where it was asked for
  std::map<std::string, Instant> certificate_ends;  ///< of all that were seen, by what they are for
  bool ready = false;
  Instant now{};
};

/// Nothing stands still, and the store answers.
bool is_healthy(const GatewayState& state);

Message state_message(const GatewayState& state, std::string id);
/// The last will and farewell.
Message offline_message(std::string id, Instant now, const std::string& gateway);
Message health_message(const GatewayState& state, std::string id);
/// `status --json` of contract.md §6.
std::string status_json(const GatewayState& state);
/// One line for systemd and the D-Bus property.
std::string status_line(const GatewayState& state);

}  // namespace gatehouse
