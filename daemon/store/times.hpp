#pragma once
// Times as the store keeps them: milliseconds since 1970.

#include <cstdint>
#include <optional>

#include "daemon/core/instant.hpp"

namespace gatehouse {

inline std::int64_t to_ms(Instant at) {
  return at.time_since_epoch().count();
}
inline std::optional<std::int64_t> to_ms(const std::optional<Instant>& at) {
  return at ? std::optional(to_ms(*at)) : std::nullopt;
}

inline Instant from_ms(std::int64_t ms) {
  return Instant{Duration{ms}};
}
inline std::optional<Instant> from_ms(std::optional<std::int64_t> ms) {
  return ms ? std::optional(from_ms(*ms)) : std::nullopt;
}

}  // namespace gatehouse
