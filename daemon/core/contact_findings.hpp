#pragma once
// What is said of a server that could not be reached, and of the certificate that it shows.

#include <string>
#include <vector>

#include "daemon/core/findings.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/server_contact.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// So long before its end a certificate is spoken of.
inline constexpr Duration ends_soon = std::chrono::days(30);

/// Empty where the contact is well; else one finding, codes "net2.…".
std::vector<Finding> net2_contact_findings(const std::string& id, const Net2Server& server,
                                           const ServerContact& contact, Instant now);

/// The same of the broker, codes "cloud.…".
std::vector<Finding> cloud_contact_findings(const Cloud& cloud, const ServerContact& contact, Instant now);

/// One fault behind several: no name server answers for anybody ("network.dns"), or there is no way out
/// ("network.down"). Empty where only one server is concerned, or another was reached.
std::vector<Finding> network_findings(const std::vector<ServerContact>& contacts);

/// "2026-06-01".
std::string day_of(Instant at);

/// The last line of defence of a certificate of ours or a peer's: what to say `now` of its end, if anything.
/// `code`: without its ending ("cloud.certificate"), which is "_expired", "_not_yet" or "_ends".
std::vector<Finding> certificate_end_findings(Finding base, const std::string& whose,
                                              const SeenCertificate& certificate, Instant now);

}  // namespace gatehouse
