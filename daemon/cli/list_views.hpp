#pragma once
// How each kind of list reads as a table.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "daemon/cli/table.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

struct Column {
  const char* heading;
  std::string (*cell)(const boost::json::value& item);
  bool number = false;
  bool usual = true;  ///< shown where no columns are asked for
};

/// A list and its words: {"people":[…]}, "1 person", "2 people".
struct ListView {
  const char* array;
  const char* one;
  const char* many;
  std::vector<Column> columns;
};

/// "external_id", for a column headed "EXTERNAL ID".
std::string column_name(const Column& column);

/// The usual columns, or those named, in that order. Errc::invalid with the nearest name for an unknown one.
Result<ListView> choose_columns(const ListView& view, const std::vector<std::string>& names);

const ListView& integrations_view();
const ListView& people_view();
const ListView& doors_view();
const ListView& events_view();
const ListView& runs_view();
const ListView& outbox_view();
const ListView& dead_letters_view();
const ListView& ended_runs_view();  ///< what `sync run --wait` shows
const ListView& plans_view();
const ListView& changes_view();
const ListView& issues_view();
const ListView& activity_view();
const ListView& api_calls_view();
const ListView& links_view();
const ListView& decisions_view();
const ListView& decided_doors_view();  ///< the doors of one decision
const ListView& replay_view();
const ListView& muster_view();
const ListView& audit_view();

Table make_table(const ListView& view, std::size_t width);
Row make_row(const ListView& view, const boost::json::value& item);

/// "Ada Lovelace", from first_name and last_name.
std::string full_name(const boost::json::value& person);

/// "complete, 2026-06-01 10:00:00: 500 seen, 3 updated", or "never".
std::string run_words(const boost::json::value* run);

/// The changes of an object, or the elements of a list: "email ada@example.com, phone -".
std::string fields_words(const boost::json::value& fields);

/// "500 seen, 3 updated": what is not 0.
std::string counts_words(const boost::json::value& counts);

}  // namespace gatehouse
