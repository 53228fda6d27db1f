#pragma once
// ULIDs: 26 characters, sorted by the moment they were made (48 bits of milliseconds, 80 of chance).

#include <array>
#include <cstdint>
#include <string>

#include "daemon/core/instant.hpp"

namespace gatehouse {

using UlidChance = std::array<std::uint8_t, 10>;

/// Crockford's base 32, upper case. Pure: the chance comes from the caller.
std::string make_ulid(Instant at, const UlidChance& chance);

}  // namespace gatehouse
