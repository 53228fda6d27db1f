#pragma once
// RFC 7515's base64url, as strictly as it can be read.

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// Each text stands for other bytes: no padding, no blanks, no other letters, and the bits that are left over
/// at the end are zero. nullopt for anything else.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace gatehouse
