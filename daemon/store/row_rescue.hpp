#pragma once
// Every row on whole pages of a damaged store, into a new file.

#include <filesystem>

#include "daemon/store/salvage.hpp"
#include "daemon/store/store_image.hpp"

namespace gatehouse {

/// Makes `into`, with the schema that the damaged store has, and fills it; adds to the report what became of
/// the tables, and what is in doubt. Leaves the report in the new store, to be mended. Throws StoreFault.
void rescue_rows(const StoreImage& image, const std::filesystem::path& into, SalvageReport& report);

}  // namespace gatehouse
