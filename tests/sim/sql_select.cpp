#include "tests/sim/sql_select.hpp"

#include <algorithm>

#include "tests/sim/json_text.hpp"
#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

void write_cell(JsonText& out, const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    out.value(*number);
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    out.value(*text);
  } else if (const auto* date = std::get_if<SqlDate>(&cell)) {
    std::string at;
    append_local(at, date->at, date->at % 1000 != 0);
    out.value(at);
  } else if (const auto* flag = std::get_if<bool>(&cell)) {
    out.value(*flag);
  } else {
    out.value(nullptr);
  }
}

/// "[sdk.]name", anything but one or two words being wrong.
Result<std::string> read_view(SqlCursor& in) {
  if (in.peek().kind != SqlToken::Kind::word) return in.unexpected();
  auto name = lower(in.next().text);
  if (!in.take(".")) return name;
  if (name != "sdk" && name != "dbo") return Error{Errc::invalid, "Invalid object name '" + name + "'."};
  if (in.peek().kind != SqlToken::Kind::word) return in.unexpected();
  return lower(in.next().text);
}

Result<void> read_columns(SqlCursor& in, Columns columns, Selection& out) {
  if (in.take("*")) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      out.columns.push_back(static_cast<int>(i));
      out.titles.emplace_back(columns[i].name);
    }
    return {};
  }
  const bool count = in.peek().is("COUNT") && in.peek(1).is("(");
  do {
    if (in.peek().kind != SqlToken::Kind::word) return in.unexpected();
    auto title = in.next().text;
    if (count) {
      if (!in.take("(") || !in.take("*") || !in.take(")")) return in.unexpected();
      title = "Column1";
    } else {
      const int found = find_column(columns, title);
      if (found < 0) return Error{Errc::invalid, "Invalid column name '" + title + "'."};
      out.columns.push_back(found);
    }
    if (in.take("AS")) {
      if (in.peek().kind != SqlToken::Kind::word && in.peek().kind != SqlToken::Kind::string)
        return in.unexpected();
      title = in.next().text;
    }
    out.titles.push_back(title);
  } while (!count && in.take(","));
  out.count = count;
  return {};
}

}  // namespace

Result<std::string> view_of(std::string_view statement) {
  const auto tokens = split_sql(statement);
  if (!tokens) return tokens.error();
  SqlCursor in(*tokens);
  if (!in.take("SELECT")) return Error{Errc::invalid, "Only SELECT statements are allowed."};
  while (!in.at_end() && !in.peek().is("FROM")) in.next();
  if (!in.take("FROM")) return in.unexpected();
  return read_view(in);
}

Result<Selection> parse_select(std::string_view statement, Columns columns) {
  const auto tokens = split_sql(statement);
  if (!tokens) return tokens.error();
  SqlCursor in(*tokens);
  Selection out;
  if (!in.take("SELECT")) return Error{Errc::invalid, "Only SELECT statements are allowed."};
  if (in.take("TOP")) {
    const bool bracket = in.take("(");
    const auto number = in.peek().kind == SqlToken::Kind::number ? to_integer(in.next().text) : std::nullopt;
    if (!number || *number < 0 || (bracket && !in.take(")"))) return in.unexpected();
    out.top = static_cast<std::size_t>(*number);
  }
  const auto listed = read_columns(in, columns, out);
  if (!listed) return listed.error();
  if (!in.take("FROM")) return in.unexpected();
  const auto view = read_view(in);
  if (!view) return view.error();
  if (in.take("WHERE")) {
    auto where = read_condition(in, columns);
    if (!where) return where.error();
    out.where = std::move(*where);
  }
  if (in.take("ORDER")) {
    if (!in.take("BY")) return in.unexpected();
    auto order = read_order(in, columns);
    if (!order) return order.error();
    out.order = std::move(*order);
  }
  if (!in.at_end()) return in.unexpected();
  return out;
}

std::string run_select(const Selection& selection, const View& view) {
  std::vector<std::size_t> found;
  std::size_t current = 0;
  const RowReader reader = [&](int column) { return view.cell(current, column); };
  const std::size_t top = selection.top.value_or(view.rows);
  const bool stop_early = selection.order.empty() && !selection.count;
  for (; current < view.rows && (!stop_early || found.size() < top); ++current) {
    if (selection.where.holds(reader)) found.push_back(current);
  }
  std::string body;
  JsonText out(body);
  if (selection.count) {
    out.open_array().open_object().member(selection.titles[0], found.size()).close_object().close_array();
    return body;
  }
  if (!selection.order.empty()) {
    std::sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
      for (const auto& by : selection.order) {
        const int order = order_cells(view.cell(a, by.column), view.cell(b, by.column));
        if (order != 0) return by.descending ? order > 0 : order < 0;
      }
      return a < b;
    });
    found.resize(std::min(found.size(), top));
  }
  out.open_array();
  for (const auto row : found) {
    out.open_object();
    for (std::size_t i = 0; i < selection.columns.size(); ++i) {
      out.key(selection.titles[i]);
      write_cell(out, view.cell(row, selection.columns[i]));
    }
    out.close_object();
  }
  out.close_array();
  return body;
}

}  // namespace gatehouse::sim
