#pragma once
// What the way to the broker told, and what is said of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/findings.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/server_contact.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

struct CloudEvidence {
  std::optional<ServerContact> contact;  ///< none: a secret is missing, so it was not tried
  std::optional<SeenCertificate> own{};  ///< of cloud.tls.cert
  std::optional<Error> own_unreadable{};
  bool connected = false;               ///< the running link; nobody else may use its client id meanwhile
  std::optional<Error> last_failure{};  ///< of the running link, since it was last connected
  std::optional<Duration> failed_ago{};
};

std::vector<Finding> cloud_findings(const Cloud& cloud, const CloudEvidence& evidence, Instant now);
std::vector<SoundPart> cloud_sound_parts(const CloudEvidence& evidence, Instant now);

}  // namespace gatehouse
