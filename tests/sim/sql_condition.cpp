#include "tests/sim/sql_condition.hpp"

#include <algorithm>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {

struct Condition::Node {
  enum class Kind { all, any, compare, like, in, is_null };
  Kind kind;
  std::vector<std::unique_ptr<Node>> children;  ///< of all, any
  std::string op;                               ///< of compare
  bool negated = false;                         ///< NOT LIKE, NOT IN, IS NOT NULL
  int column = -1;                              ///< -1: a literal on the left
  int right_column = -1;                        ///< -1: literals[0]
  Cell left;
  std::vector<Cell> literals;
};

namespace {

using Node = Condition::Node;

bool op_holds(std::string_view op, int order) {
  if (op == "=") return order == 0;
  if (op == "<>" || op == "!=") return order != 0;
  if (op == ">") return order > 0;
  if (op == ">=") return order >= 0;
  if (op == "<") return order < 0;
  return order <= 0;
}

bool is_null(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

bool node_holds(const Node& node, const RowReader& row) {
  if (node.kind == Node::Kind::all) {
    return std::all_of(node.children.begin(), node.children.end(),
                       [&](const auto& c) { return node_holds(*c, row); });
  }
  if (node.kind == Node::Kind::any) {
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](const auto& c) { return node_holds(*c, row); });
  }
  const Cell left = node.column >= 0 ? row(node.column) : node.left;
  if (node.kind == Node::Kind::is_null) return is_null(left) != node.negated;
  if (is_null(left)) return false;  // unknown, whatever is asked
  if (node.kind == Node::Kind::in) {
    const bool found = std::any_of(node.literals.begin(), node.literals.end(), [&](const Cell& c) {
      return c.index() == left.index() && compare_cells(left, c) == 0;
    });
    return found != node.negated;
  }
  if (node.kind == Node::Kind::like) {
    const auto* text = std::get_if<std::string>(&left);
    return text && like(*text, std::get<std::string>(node.literals[0])) != node.negated;
  }
  const Cell right = node.right_column >= 0 ? row(node.right_column) : node.literals[0];
  return left.index() == right.index() && op_holds(node.op, compare_cells(left, right));
}

bool node_mentions(const Node& node, int column) {
  return node.column == column || node.right_column == column ||
         std::any_of(node.children.begin(), node.children.end(),
                     [&](const auto& c) { return node_mentions(*c, column); });
}

std::optional<Cell> node_at_least(const Node& node, int column) {
  if (node.kind == Node::Kind::compare && node.column == column && node.right_column < 0 &&
      (node.op == ">" || node.op == ">=" || node.op == "=")) {
    return node.literals[0];
  }
  if (node.kind != Node::Kind::all) return std::nullopt;
  std::optional<Cell> best;
  for (const auto& child : node.children) {
    auto bound = node_at_least(*child, column);
    if (bound && !is_null(*bound) && (!best || compare_cells(*bound, *best) > 0)) best = std::move(bound);
  }
  return best;
}

/// A literal token as a value of that kind.
Result<Cell> literal(const SqlToken& token, ColumnKind kind) {
  const bool quoted = token.kind == SqlToken::Kind::string;
  switch (kind) {
    case ColumnKind::text:
      return Cell(token.text);
    case ColumnKind::number:
      if (const auto number = to_integer(trimmed(token.text))) return Cell(*number);
      return Error{Errc::invalid,
                   "Conversion failed when converting the value '" + token.text + "' to data type int."};
    case ColumnKind::date:
      if (const auto at = quoted ? parse_time(token.text) : std::nullopt; at && !at->offset)
        return Cell(SqlDate{at->local});
      // "API does not like the timezone" (net2-api.md §3.11)
      return Error{Errc::invalid,
                   "Conversion failed when converting date and/or time from character string."};
    case ColumnKind::flag:
      if (token.text == "1" || same_word(token.text, "true")) return Cell(true);
      if (token.text == "0" || same_word(token.text, "false")) return Cell(false);
      return Error{Errc::invalid,
                   "Conversion failed when converting the value '" + token.text + "' to data type bit."};
  }
  return Error{Errc::invalid, "no such kind"};
}

bool is_literal(const SqlToken& token) {
  return token.kind == SqlToken::Kind::string || token.kind == SqlToken::Kind::number;
}

class Parser {
 public:
  Parser(SqlCursor& in, Columns columns) : in_(in), columns_(columns) {}

  Result<std::unique_ptr<Node>> any() { return chain("OR", Node::Kind::any, &Parser::all); }

 private:
  using Part = Result<std::unique_ptr<Node>> (Parser::*)();

  Result<std::unique_ptr<Node>> all() { return chain("AND", Node::Kind::all, &Parser::term); }

  Result<std::unique_ptr<Node>> chain(std::string_view word, Node::Kind kind, Part part) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    do {
      auto child = (this->*part)();
      if (!child) return child.error();
      node->children.push_back(std::move(*child));
    } while (in_.take(word));
    if (node->children.size() == 1) return std::move(node->children[0]);
    return node;
  }

  Result<std::unique_ptr<Node>> term() {
    // Deep nesting would exhaust the stack long before it says anything.
    if (++depth_ > 200) return Error{Errc::invalid, "Some part of your SQL statement is nested too deeply."};
    if (in_.take("(")) {
      auto inner = any();
      if (!inner) return inner.error();
      if (!in_.take(")")) return in_.unexpected();
      --depth_;
      return inner;
    }
    auto done = comparison();
    --depth_;
    return done;
  }

  Result<int> column() {
    if (in_.peek().kind != SqlToken::Kind::word) return in_.unexpected();
    const auto name = in_.next().text;
    const int found = find_column(columns_, name);
    if (found < 0) return Error{Errc::invalid, "Invalid column name '" + name + "'."};
    return found;
  }

  Result<std::unique_ptr<Node>> comparison() {
    auto node = std::make_unique<Node>();
    std::optional<SqlToken> left;
    ColumnKind kind = ColumnKind::text;
    if (is_literal(in_.peek())) {
      left = in_.next();
      kind = left->kind == SqlToken::Kind::number ? ColumnKind::number : ColumnKind::text;
    } else {
      auto found = column();
      if (!found) return found.error();
      node->column = *found;
      kind = columns_[static_cast<std::size_t>(*found)].kind;
    }
    if (in_.take("IS")) {
      node->kind = Node::Kind::is_null;
      node->negated = in_.take("NOT");
      if (left || !in_.take("NULL")) return in_.unexpected();
      return node;
    }
    node->negated = in_.take("NOT");
    if (!left && in_.take("LIKE")) {
      node->kind = Node::Kind::like;
      if (in_.peek().kind != SqlToken::Kind::string) return in_.unexpected();
      node->literals.emplace_back(in_.next().text);
      return node;
    }
    if (!left && in_.take("IN")) return in_list(std::move(node), kind);
    if (node->negated) return in_.unexpected();
    return operation(std::move(node), left, kind);
  }

  Result<std::unique_ptr<Node>> in_list(std::unique_ptr<Node> node, ColumnKind kind) {
    node->kind = Node::Kind::in;
    if (!in_.take("(")) return in_.unexpected();
    do {
      if (!is_literal(in_.peek())) return in_.unexpected();
      auto value = literal(in_.next(), kind);
      if (!value) return value.error();
      node->literals.push_back(std::move(*value));
    } while (in_.take(","));
    if (!in_.take(")")) return in_.unexpected();
    return node;
  }

  Result<std::unique_ptr<Node>> operation(std::unique_ptr<Node> node, const std::optional<SqlToken>& left,
                                          ColumnKind kind) {
    static constexpr std::string_view ops[] = {"=", "<>", "!=", ">=", "<=", ">", "<"};
    node->kind = Node::Kind::compare;
    node->op = in_.peek().text;
    if (in_.peek().kind != SqlToken::Kind::symbol ||
        std::find(std::begin(ops), std::end(ops), node->op) == std::end(ops)) {
      return in_.unexpected();
    }
    in_.next();
    if (is_literal(in_.peek())) {
      auto value = literal(in_.next(), kind);
      if (!value) return value.error();
      node->literals.push_back(std::move(*value));
    } else {
      auto right = column();
      if (!right) return right.error();
      node->right_column = *right;
      kind = columns_[static_cast<std::size_t>(*right)].kind;
    }
    if (left) {
      auto value = literal(*left, kind);
      if (!value) return value.error();
      node->left = std::move(*value);
    }
    return node;
  }

  SqlCursor& in_;
  Columns columns_;
  int depth_ = 0;
};

}  // namespace

Condition::Condition() = default;
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;
Condition::~Condition() = default;

bool Condition::holds(const RowReader& row) const {
  return !root_ || node_holds(*root_, row);
}
bool Condition::mentions(int column) const {
  return root_ && node_mentions(*root_, column);
}
std::optional<Cell> Condition::at_least(int column) const {
  return root_ ? node_at_least(*root_, column) : std::nullopt;
}

Result<Condition> read_condition(SqlCursor& in, Columns columns) {
  Parser parser(in, columns);
  auto root = parser.any();
  if (!root) return root.error();
  Condition condition;
  condition.root_ = std::move(*root);
  return condition;
}

Result<Condition> parse_condition(std::string_view text, Columns columns) {
  if (trimmed(text).empty()) return Condition();
  const auto tokens = split_sql(text);
  if (!tokens) return tokens.error();
  SqlCursor in(*tokens);
  auto condition = read_condition(in, columns);
  if (condition && !in.at_end()) return in.unexpected();
  return condition;
}

Result<std::vector<OrderBy>> read_order(SqlCursor& in, Columns columns) {
  std::vector<OrderBy> out;
  do {
    if (in.peek().kind != SqlToken::Kind::word) return in.unexpected();
    const auto name = in.next().text;
    const int found = find_column(columns, name);
    if (found < 0) return Error{Errc::invalid, "Invalid column name '" + name + "'."};
    const bool descending = in.take("DESC");
    if (!descending) in.take("ASC");
    out.push_back({found, descending});
  } while (in.take(","));
  return out;
}

Result<std::vector<OrderBy>> parse_order(std::string_view text, Columns columns) {
  if (trimmed(text).empty()) return std::vector<OrderBy>();
  const auto tokens = split_sql(text);
  if (!tokens) return tokens.error();
  SqlCursor in(*tokens);
  auto order = read_order(in, columns);
  if (order && !in.at_end()) return in.unexpected();
  return order;
}

}  // namespace gatehouse::sim
