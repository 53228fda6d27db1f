#include "daemon/store/tree_shapes.hpp"

#include <algorithm>
#include <map>

namespace gatehouse {
namespace {

StoredValue::Type type_named(const std::string& name) {
  if (name == "INTEGER" || name == "INT") return StoredValue::Type::integer;
  if (name == "BLOB") return StoredValue::Type::blob;
  if (name == "REAL") return StoredValue::Type::real;
  return StoredValue::Type::text;
}

struct Declared {
  TreeColumn column;
  bool has_default = false;
  bool in_key = false;
};

std::vector<Declared> declared(Database& db, const std::string& table) {
  std::vector<Declared> found;
  Statement row = db.use(
      "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk FROM pragma_table_info(?) ORDER BY cid");
  row.bind(table);
  while (row.step()) {
    found.push_back(
        {.column = {.name = row.text(0), .type = type_named(row.text(1)), .may_be_null = !row.yes(2)},
         .has_default = row.yes(3),
         .in_key = row.integer(4) != 0});
  }
  return found;
}

void count_needed(TreeShape& shape, const std::map<std::string, bool>& may_be_missing) {
  shape.columns_at_least = shape.columns.size();
  while (shape.columns_at_least > 1 && may_be_missing.at(shape.columns[shape.columns_at_least - 1].name))
    --shape.columns_at_least;
}

/// In the order on the disk: the key first, then all others, as the index that is the table has them.
std::vector<std::string> columns_of_index(Database& db, const std::string& index) {
  std::vector<std::string> names;
  Statement row = db.use("SELECT name FROM pragma_index_xinfo(?) ORDER BY seqno");
  row.bind(index);
  while (row.step()) names.push_back(row.text(0));  // "" is the row's number
  return names;
}

}  // namespace

bool TreeShape::fits(const StoredRow& row) const {
  if (row.values.size() > columns.size() || row.values.size() < columns_at_least) return false;
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    const auto type = row.values[i].type;
    if (columns[i].is_row_number && kind == TreeKind::table) {
      if (type != StoredValue::Type::null) return false;
    } else if (type == StoredValue::Type::null) {
      if (!columns[i].may_be_null) return false;
    } else if (type != columns[i].type) {
      return false;
    }
  }
  return true;
}

std::vector<TreeShape> tree_shapes(Database& db) {
  std::vector<TreeShape> tables;
  std::vector<TreeShape> indexes;
  std::vector<std::pair<std::string, bool>> names;
  {
    Statement row = db.use(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite\\_s%' ESCAPE '\\' ORDER BY name");
    while (row.step()) names.emplace_back(row.text(0), row.yes(1));
  }
  for (const auto& [table, without_number] : names) {
    const auto columns = declared(db, table);
    std::map<std::string, Declared> by_name;
    std::map<std::string, bool> may_be_missing;
    int keys = 0;
    for (const auto& one : columns) {
      by_name[one.column.name] = one;
      may_be_missing[one.column.name] = (one.has_default || one.column.may_be_null) && !one.in_key;
      keys += one.in_key ? 1 : 0;
    }
    TreeShape shape{.name = table, .table = table, .is_table = true};
    if (!without_number) {
      for (auto one : columns) {
        one.column.is_row_number = one.in_key && keys == 1 && one.column.type == StoredValue::Type::integer;
        shape.columns.push_back(one.column);
      }
    }
    std::vector<std::pair<std::string, std::string>> its_indexes;
    {
      Statement row = db.use("SELECT name, origin FROM pragma_index_list(?) ORDER BY seq");
      row.bind(table);
      while (row.step()) its_indexes.emplace_back(row.text(0), row.text(1));
    }
    for (const auto& [index, origin] : its_indexes) {
      TreeShape made{.name = index, .table = table, .kind = TreeKind::index};
      for (const auto& name : columns_of_index(db, index)) {
        TreeColumn column{.name = name, .type = StoredValue::Type::integer, .may_be_null = false};
        if (const auto found = by_name.find(name); found != by_name.end()) column = found->second.column;
        if (without_number && origin == "pk" && by_name.at(name).in_key) column.may_be_null = false;
        made.columns.push_back(column);
      }
      made.columns_at_least = made.columns.size();
      if (without_number && origin == "pk") {
        shape.kind = TreeKind::index;
        shape.columns = made.columns;
      } else {
        indexes.push_back(std::move(made));
      }
    }
    count_needed(shape, may_be_missing);
    tables.push_back(std::move(shape));
  }
  tables.insert(tables.end(), indexes.begin(), indexes.end());
  return tables;
}

}  // namespace gatehouse
