#pragma once
// Prints a list page by page, as one table or as one JSON document.

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

#include "daemon/cli/list_views.hpp"
#include "daemon/cli/terminal.hpp"

namespace gatehouse {

enum class ListForm {
  table,
  json,        ///< {"people":[…]}
  json_lines,  ///< one object a line
};

class ListPrinter {
 public:
  ListPrinter(const ListView& view, ListForm form, Terminal& terminal);

  /// Prints the items of one page: {"people":[…],"next":"…"}.
  void page(const boost::json::value& document);

  /// Prints one item.
  void item(const boost::json::value& item);

  /// Closes the document, or prints the sum.
  void end();

 private:
  void show_progress();

  const ListView& view_;
  ListForm form_;
  Terminal& terminal_;
  Table table_;
  std::uint64_t count_ = 0;
  bool begun_ = false;
};

}  // namespace gatehouse
