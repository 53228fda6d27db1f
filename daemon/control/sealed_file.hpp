#pragma once
// A text as a file in memory that nobody can change any more: what is too long for a message is handed over
// as a descriptor.

#include <string>
#include <string_view>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// A descriptor at the start of the text; the caller closes it. Errc::storage where there is no memory or no
/// descriptor left.
Result<int> make_sealed_file(std::string_view text);

/// A descriptor for reading; the file has no name any more. Errc::storage.
Result<int> take_file(const std::string& path);

}  // namespace gatehouse
