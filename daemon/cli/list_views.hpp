#pragma once
// How each kind of list reads as a table.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "daemon/cli/table.hpp"

namespace gatehouse {

struct Column {
  const char* heading;
  std::string (*cell)(const boost::json::value& item);
  bool number = false;
};

/// A list and its words: {"people":[…]}, "1 person", "2 people".
struct ListView {
  const char* array;
  const char* one;
  const char* many;
  std::vector<Column> columns;
};

const ListView& integrations_view();
const ListView& people_view();
const ListView& doors_view();
const ListView& events_view();
const ListView& runs_view();
const ListView& outbox_view();
const ListView& dead_letters_view();

Table make_table(const ListView& view, std::size_t width);
Row make_row(const ListView& view, const boost::json::value& item);

/// "Ada Lovelace", from first_name and last_name.
std::string full_name(const boost::json::value& person);

/// "complete, 2026-06-01 10:00:00: 500 seen, 3 updated", or "never".
std::string run_words(const boost::json::value* run);

/// "500 seen, 3 updated": what is not 0.
std::string counts_words(const boost::json::value& counts);

}  // namespace gatehouse
