#pragma once
// What operators type about access, as values: each error names what there is.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/access_console.hpp"
#include "daemon/core/access_policy.hpp"
#include "daemon/core/decision.hpp"
#include "daemon/core/grant.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// The direction is `in` and the mode the access point's first (kiosk where it has none), where they are not
/// given. An access point that is not known is no error: the decision says so.
Result<SignIn> sign_in_of(const AccessAsk& ask, const AccessPolicy& policy);

/// What is said where the gateway's time zone cannot be had.
Error no_zone();

/// Local time in `zone`, "2026-06-01T10:00". Nothing for an empty text.
Result<std::optional<Instant>> local_moment(const std::string& text, const TimeZone& zone);

/// RFC 3339, local time in `zone`, or a date, which is its first moment. Nothing for an empty text.
Result<std::optional<Instant>> grant_moment(const std::string& text, const TimeZone& zone);

/// A grant without its id. Errc::not_found for a door, scope, site or schedule that the configuration has
/// not; Errc::invalid for times that leave nothing.
Result<Grant> grant_of(const GrantAsk& ask, const Settings& settings, const TimeZone& zone, Instant now);

/// Another grant of the same, but for its id.
bool same_grant(const Grant& a, const Grant& b);

/// The door of the configuration. Errc::not_found naming those there are.
Result<DoorId> known_door(const std::string& text, const Settings& settings);
Result<SiteId> known_site(const std::string& text, const Settings& settings);

/// nullopt for "config". Errc::invalid for what is no mode.
Result<std::optional<DoorMode>> door_mode_of(const std::string& text);

/// 1 to 64 characters of UTF-8 without control characters, with none of them blank at an end.
Result<void> check_tag(std::string_view tag);

}  // namespace gatehouse
