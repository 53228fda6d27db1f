#pragma once
// What support asks of a store: how much of what there is, and nobody's name.

#include <filesystem>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// As PrivacyStore::store_figures() answers. Throws StoreFault.
std::string store_figures(Database& db);

/// Of the store in this directory, while no daemon has it open. Changes nothing.
Result<std::string> store_figures(const std::filesystem::path& directory);

}  // namespace gatehouse
