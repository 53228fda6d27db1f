#pragma once
// Values and columns as the SQL of the simulator knows them.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "tests/sim/site_clock.hpp"

namespace gatehouse::sim {

struct SqlDate {
  LocalMs at;
  auto operator<=>(const SqlDate&) const = default;
};

/// NULL, a number, text, a date, a bit.
using Cell = std::variant<std::monostate, std::int64_t, std::string, SqlDate, bool>;

enum class ColumnKind { number, text, date, flag };

struct Column {
  std::string_view name;  ///< compared in any case, as SQL Server does
  ColumnKind kind;
};
using Columns = std::span<const Column>;

/// One row: the value in the column of that index.
using RowReader = std::function<Cell(int column)>;

/// Index by name in any case; -1 where there is none.
int find_column(Columns columns, std::string_view name);

/// <0, 0, >0; text in any case and without trailing blanks. Both must be of one kind and not NULL.
int compare_cells(const Cell& a, const Cell& b);

/// As compare_cells, with NULL before everything (ORDER BY).
int order_cells(const Cell& a, const Cell& b);

}  // namespace gatehouse::sim
