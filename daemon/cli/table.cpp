#include "daemon/cli/table.hpp"

#include <algorithm>
#include <utility>

#include "daemon/cli/terminal_text.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t gap = 2;

}  // namespace

Table::Table(std::vector<std::string> headings, std::vector<bool> numbers, std::size_t width)
    : headings_(std::move(headings)), numbers_(std::move(numbers)), width_(width) {
  numbers_.resize(headings_.size());
  for (const auto& heading : headings_) widths_.push_back(display_width(heading));
}

std::string Table::lines(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths_.size() && i < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], display_width(row[i]));
    }
  }
  std::string out;
  if (!begun_) out = line(headings_);
  begun_ = true;
  for (const auto& row : rows) out += line(row);
  return out;
}

std::string Table::line(const Row& row) const {
  std::string out;
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    const std::string cell = i < row.size() ? row[i] : std::string();
    const std::string fill(widths_[i] - std::min(widths_[i], display_width(cell)), ' ');
    out += numbers_[i] ? fill + cell : cell + fill;
    if (i + 1 < widths_.size()) out += std::string(gap, ' ');
  }
  out.erase(out.find_last_not_of(' ') + 1);
  if (width_ > 0) out = cut_to_width(out, width_);
  return out + '\n';
}

}  // namespace gatehouse
