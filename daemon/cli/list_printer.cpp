#include "daemon/cli/list_printer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {

ListPrinter::ListPrinter(const ListView& view, ListForm form, Terminal& terminal)
    : view_(view), form_(form), terminal_(terminal), table_(make_table(view, terminal.width)) {}

void ListPrinter::page(const boost::json::value& document) {
  const auto& items = list_field(document, view_.array);
  if (form_ == ListForm::table) {
    std::vector<Row> rows;
    rows.reserve(items.size());
    for (const auto& one : items) rows.push_back(make_row(view_, one));
    count_ += rows.size();
    if (!rows.empty()) terminal_.out << table_.lines(rows);
  } else {
    for (const auto& one : items) item(one);
  }
  show_progress();
}

void ListPrinter::item(const boost::json::value& one) {
  ++count_;
  switch (form_) {
    case ListForm::table:
      terminal_.out << table_.lines({make_row(view_, one)});
      break;
    case ListForm::json_lines:
      terminal_.out << boost::json::serialize(one) << '\n';
      break;
    case ListForm::json:
      terminal_.out << (begun_ ? "," : std::string("{\"") + view_.array + "\":[")
                    << boost::json::serialize(one);
      begun_ = true;
      break;
  }
}

void ListPrinter::end() {
  if (terminal_.progress) terminal_.err << "\r\x1b[K" << std::flush;
  if (form_ == ListForm::json) {
    if (!begun_) terminal_.out << "{\"" << view_.array << "\":[";
    terminal_.out << "]}\n";
  }
  if (form_ == ListForm::table) {
    terminal_.out << (count_ == 0 ? std::string("no ") + view_.many
                                  : count_words(count_, view_.one, view_.many))
                  << '\n';
  }
}

void ListPrinter::show_progress() {
  if (terminal_.progress)
    terminal_.err << '\r' << count_words(count_, view_.one, view_.many) << "…" << std::flush;
}

}  // namespace gatehouse
