#pragma once
// SELECT [TOP n] columns|*|COUNT(*) FROM [sdk.]view [WHERE …] [ORDER BY …], with AS (net2-api.md §8).

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sql_condition.hpp"

namespace gatehouse::sim {

/// A view that can be read by row number.
struct View {
  std::string_view name;  ///< lower case, without schema
  Columns columns;
  std::size_t rows;
  std::function<Cell(std::size_t row, int column)> cell;
};

struct Selection {
  std::vector<int> columns;         ///< in the order asked for; empty with count
  std::vector<std::string> titles;  ///< names in the answer, one for each column
  std::optional<std::size_t> top;
  bool count = false;
  Condition where;
  std::vector<OrderBy> order;
};

/// Name of the view a statement reads, lower case and without its schema. Invalid: not a SELECT.
Result<std::string> view_of(std::string_view statement);
/// Invalid: anything beyond the subset, or a column the view has not.
Result<Selection> parse_select(std::string_view statement, Columns columns);
/// The answer: an array of objects.
std::string run_select(const Selection& selection, const View& view);

}  // namespace gatehouse::sim
