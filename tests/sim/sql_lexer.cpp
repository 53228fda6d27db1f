#include "tests/sim/sql_lexer.hpp"

#include <algorithm>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

bool word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' || c == '#';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool SqlToken::is(std::string_view keyword_or_symbol) const {
  return (kind == Kind::word || kind == Kind::symbol) && same_word(text, keyword_or_symbol);
}

Result<std::vector<SqlToken>> split_sql(std::string_view text) {
  using Kind = SqlToken::Kind;
  std::vector<SqlToken> out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++i;
      continue;
    }
    if ((c == 'N' || c == 'n') && i + 1 < text.size() && text[i + 1] == '\'') ++i;  // N'…' is text too
    if (text[i] == '\'') {
      std::string value;
      for (++i;; ++i) {
        if (i >= text.size())
          return Error{Errc::invalid, "Unclosed quotation mark after the character string."};
        if (text[i] != '\'') {
          value += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '\'') {
          value += '\'';
          ++i;
        } else {
          break;
        }
      }
      ++i;
      out.push_back({Kind::string, std::move(value)});
    } else if (c == '[') {
      const auto end = text.find(']', i);
      if (end == std::string_view::npos) return Error{Errc::invalid, "Unclosed bracket."};
      out.push_back({Kind::word, std::string(text.substr(i + 1, end - i - 1))});
      i = end + 1;
    } else if (word_start(c)) {
      const auto begin = i;
      while (i < text.size() && (word_start(text[i]) || digit(text[i]))) ++i;
      out.push_back({Kind::word, std::string(text.substr(begin, i - begin))});
    } else if (digit(c) || (c == '-' && i + 1 < text.size() && digit(text[i + 1]))) {
      const auto begin = i++;
      while (i < text.size() && (digit(text[i]) || text[i] == '.')) ++i;
      out.push_back({Kind::number, std::string(text.substr(begin, i - begin))});
    } else {
      const auto two = text.substr(i, 2);
      const bool pair = two == "<>" || two == "!=" || two == ">=" || two == "<=";
      if (!pair && std::string_view("=<>(),.*").find(c) == std::string_view::npos) {
        return Error{Errc::invalid, std::string("Incorrect syntax near '") + c + "'."};
      }
      out.push_back({Kind::symbol, std::string(text.substr(i, pair ? 2 : 1))});
      i += pair ? 2 : 1;
    }
  }
  out.push_back({Kind::end, ""});
  return out;
}

const SqlToken& SqlCursor::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

SqlToken SqlCursor::next() {
  auto token = peek();
  at_ = std::min(at_ + 1, tokens_.size() - 1);
  return token;
}

bool SqlCursor::take(std::string_view keyword_or_symbol) {
  if (!peek().is(keyword_or_symbol)) return false;
  next();
  return true;
}

Error SqlCursor::unexpected() const {
  if (at_end()) return Error{Errc::invalid, "Incorrect syntax at the end of the statement."};
  return Error{Errc::invalid, "Incorrect syntax near '" + peek().text + "'."};
}

}  // namespace gatehouse::sim
