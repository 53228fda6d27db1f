#pragma once
// A WHERE condition: AND, OR, parentheses, = <> != > >= < <= LIKE IN IS [NOT] NULL (net2-api.md §8).

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"
#include "tests/sim/sql_lexer.hpp"
#include "tests/sim/sql_value.hpp"

namespace gatehouse::sim {

class Condition {
 public:
  Condition();  ///< holds for every row
  Condition(Condition&&) noexcept;
  Condition& operator=(Condition&&) noexcept;
  ~Condition();

  bool holds(const RowReader& row) const;
  bool mentions(int column) const;
  /// A value below which the column cannot be for the condition to hold, where its outer ANDs say so.
  std::optional<Cell> at_least(int column) const;

  struct Node;

 private:
  friend Result<Condition> read_condition(SqlCursor& in, Columns columns);
  std::unique_ptr<Node> root_;
};

/// Reads from the cursor as far as the condition goes. Invalid: bad syntax, an unknown column, or a
/// literal that cannot become the column's kind.
Result<Condition> read_condition(SqlCursor& in, Columns columns);

/// The whole text is one condition; empty text holds for every row.
Result<Condition> parse_condition(std::string_view text, Columns columns);

struct OrderBy {
  int column;
  bool descending;
};
/// "column [ASC|DESC], …"
Result<std::vector<OrderBy>> read_order(SqlCursor& in, Columns columns);
Result<std::vector<OrderBy>> parse_order(std::string_view text, Columns columns);

/// SQL Server's LIKE: % _ [abc] [^a-c], in any case.
bool like(std::string_view text, std::string_view pattern);

}  // namespace gatehouse::sim
