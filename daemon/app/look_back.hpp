#pragma once
// Times as operators type them.

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// "90s", "15m", "2h", "30d".
std::optional<Duration> parse_span(std::string_view text);

/// RFC 3339, a date (its first moment in UTC), or a span before `now`. Nothing for an empty text;
/// Errc::invalid for any other.
Result<std::optional<Instant>> parse_look_back(const std::string& text, Instant now);

/// RFC 3339, a date (its first moment in UTC), or a span after `now`. Nothing for an empty text.
Result<std::optional<Instant>> parse_look_ahead(const std::string& text, Instant now);

}  // namespace gatehouse
