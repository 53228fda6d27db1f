#pragma once
// The schema's history: forward only, all that is missing in one transaction, a copy first.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "daemon/store/sqlite.hpp"

namespace gatehouse {

struct Migration {
  std::int64_t version;   ///< contiguous from 1
  std::string_view name;  ///< of the file: "001_first"
  std::string_view sql;
};

/// daemon/store/schema/*.sql, put into the program when it is built.
std::span<const Migration> shipped_migrations();

/// Brings the schema to the last of `migrations`. Where the file held an older one, a copy of it is left
/// beside it first, named FILE.before-vN. Throws StoreFault, for a newer schema and for a foreign file, too;
/// the file is then as it was.
void migrate(Database& db, const std::filesystem::path& file, std::span<const Migration> migrations);

}  // namespace gatehouse
