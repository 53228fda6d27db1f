#include "tests/sim/sql_value.hpp"

#include "tests/sim/plain_text.hpp"
#include "tests/sim/sql_condition.hpp"

namespace gatehouse::sim {
namespace {

std::string comparable(std::string_view text) {
  const auto last = text.find_last_not_of(' ');
  return lower(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

template <typename T>
int order_of(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

/// One step of LIKE: does `c` fit the class that begins behind '['? Moves `pattern` behind ']'.
bool fits_class(char c, std::string_view& pattern) {
  const bool negated = pattern.starts_with('^');
  if (negated) pattern.remove_prefix(1);
  bool fits = false;
  while (!pattern.empty() && pattern[0] != ']') {
    if (pattern.size() > 2 && pattern[1] == '-' && pattern[2] != ']') {
      fits = fits || (c >= pattern[0] && c <= pattern[2]);
      pattern.remove_prefix(3);
    } else {
      fits = fits || c == pattern[0];
      pattern.remove_prefix(1);
    }
  }
  if (!pattern.empty()) pattern.remove_prefix(1);
  return fits != negated;
}

bool like_lower(std::string_view text, std::string_view pattern) {
  while (!pattern.empty()) {
    const char p = pattern[0];
    if (p == '%') {
      while (pattern.starts_with('%')) pattern.remove_prefix(1);
      if (pattern.empty()) return true;
      for (std::size_t i = 0; i <= text.size(); ++i) {
        if (like_lower(text.substr(i), pattern)) return true;
      }
      return false;
    }
    if (text.empty()) return false;
    pattern.remove_prefix(1);
    if (p == '[') {
      if (!fits_class(text[0], pattern)) return false;
    } else if (p != '_' && p != text[0]) {
      return false;
    }
    text.remove_prefix(1);
  }
  return text.empty();
}

}  // namespace

int find_column(Columns columns, std::string_view name) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (same_word(columns[i].name, name)) return static_cast<int>(i);
  }
  return -1;
}

int compare_cells(const Cell& a, const Cell& b) {
  if (const auto* text = std::get_if<std::string>(&a))
    return order_of(comparable(*text), comparable(std::get<std::string>(b)));
  return order_of(a, b);
}

int order_cells(const Cell& a, const Cell& b) {
  if (a.index() != b.index()) return order_of(a.index(), b.index());
  return compare_cells(a, b);
}

bool like(std::string_view text, std::string_view pattern) {
  return like_lower(lower(text), lower(pattern));
}

}  // namespace gatehouse::sim
