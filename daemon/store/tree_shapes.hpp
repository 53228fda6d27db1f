#pragma once
// What the rows of each tree of the store look like on the disk, as the schema has it: how a page that
// nothing leads to any more is known again.

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/store/sqlite.hpp"
#include "daemon/store/tree_reader.hpp"

namespace gatehouse {

struct TreeColumn {
  std::string name;
  StoredValue::Type type = StoredValue::Type::text;
  bool may_be_null = true;
  bool is_row_number = false;  ///< INTEGER PRIMARY KEY: on the disk NULL, the row's number is it
};

/// A table, or an index beside one.
struct TreeShape {
  std::string name;  ///< as sqlite_schema has it
  std::string table;
  bool is_table = false;
  TreeKind kind = TreeKind::table;
  std::vector<TreeColumn> columns{};  ///< in their order on the disk
  std::size_t columns_at_least = 0;   ///< those behind were added later, and may not be there

  bool fits(const StoredRow& row) const;
};

/// Of the schema of `db`: tables first, by name.
std::vector<TreeShape> tree_shapes(Database& db);

}  // namespace gatehouse
