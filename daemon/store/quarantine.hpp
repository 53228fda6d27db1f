#pragma once
// Where damaged files of the store go: kept for whoever wants to look, and bounded.

#include <cstddef>
#include <filesystem>
#include <vector>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// So many are kept; where there are more, the oldest go.
constexpr std::size_t quarantines_kept = 5;

/// Moves the files that are there into STATE_DIR/quarantine/TIME/ (0700), and returns that. The same file
/// system, so that it takes no room. Throws StoreFault.
std::filesystem::path quarantine(const std::filesystem::path& directory,
                                 const std::vector<std::filesystem::path>& files, Instant now);

/// What quarantine() is going to return.
std::filesystem::path next_quarantine(const std::filesystem::path& directory, Instant now);

/// The directory entries of `directory` are on the disk. Throws StoreFault.
void flush_directory(const std::filesystem::path& directory);

}  // namespace gatehouse
