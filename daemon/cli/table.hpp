#pragma once
// Aligned columns, printed part by part, so that a list of any length takes little memory.

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse {

/// One cell a column; must be harmless() already.
using Row = std::vector<std::string>;

class Table {
 public:
  /// `numbers[i]`: column i is aligned to the right. `width`: of the terminal, lines are cut there; 0: never.
  Table(std::vector<std::string> headings, std::vector<bool> numbers, std::size_t width);

  /// The lines of more rows, below the headings the first time. Columns never get narrower from part to part.
  std::string lines(const std::vector<Row>& rows);

 private:
  std::string line(const Row& row) const;

  std::vector<std::string> headings_;
  std::vector<bool> numbers_;
  std::vector<std::size_t> widths_;
  std::size_t width_;
  bool begun_ = false;
};

}  // namespace gatehouse
