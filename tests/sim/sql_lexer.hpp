#pragma once
// Words of the SQL subset (net2-api.md §8).

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/result.hpp"

namespace gatehouse::sim {

struct SqlToken {
  enum class Kind { word, number, string, symbol, end };
  Kind kind;
  std::string text;  ///< a word without its brackets, a string without its quotes

  bool is(std::string_view keyword_or_symbol) const;  ///< words in any case; never matches a string
};

/// The tokens, with one of kind `end` last. Invalid: an open quote or a character that has no place.
Result<std::vector<SqlToken>> split_sql(std::string_view text);

/// Goes through tokens one by one; stays at `end`.
class SqlCursor {
 public:
  explicit SqlCursor(const std::vector<SqlToken>& tokens) : tokens_(tokens) {}
  const SqlToken& peek(std::size_t ahead = 0) const;
  SqlToken next();
  bool take(std::string_view keyword_or_symbol);
  bool at_end() const { return peek().kind == SqlToken::Kind::end; }
  Error unexpected() const;  ///< "Incorrect syntax near 'x'."

 private:
  const std::vector<SqlToken>& tokens_;
  std::size_t at_ = 0;
};

}  // namespace gatehouse::sim
