#pragma once
// How long a certificate is still good for, and when somebody has to hear of it. Pure.

#include <string>
#include <string_view>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// Each is told once, when it is reached (issue 5, point 8).
enum class CertificateStage { good, thirty_days, seven_days, one_day, ended };
std::string_view to_string(CertificateStage stage);

/// A certificate is good up to `not_after`, and not at it.
CertificateStage certificate_stage(Instant not_after, Instant now);

/// "the gateway's certificate (CN=acme.hq-01) ends on 2026-12-01 at 10:00 UTC, in 6 days"
std::string certificate_detail(std::string_view what, Instant not_after, Instant now);

/// What to do; another text for each stage, so that each is told (Alerts::raise). Empty while it is good.
std::string certificate_hint(CertificateStage stage);

}  // namespace gatehouse
