#pragma once
// Cells of tables, by the path of the field that they show: one column, one line.

#include <algorithm>
#include <string>

#include <boost/json/value.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse::cells {

using boost::json::value;

// Captureless lambdas take the path as a template argument through this: one column, one line.
template <std::size_t N>
struct Path {
  constexpr Path(const char (&path)[N]) {
    std::copy_n(path, N, text);
  }  // NOLINT(google-explicit-constructor)
  char text[N]{};
};

template <Path path>
std::string text_cell(const value& item) {
  return text_field(item, path.text);
}

template <Path path>
std::string time_cell(const value& item) {
  const auto text = text_field(item, path.text);
  return text.empty() ? "never" : local_time(text);
}

template <Path path>
std::string yes_no_cell(const value& item) {
  const auto yes = bool_field(item, path.text);
  return !yes ? "" : *yes ? "yes" : "no";
}

template <Path path>
std::string run_cell(const value& item) {
  const auto* run = find_field(item, path.text);
  if (run == nullptr) return "never";
  if (run->is_string()) return local_time(text_field(item, path.text));
  const auto finished = text_field(*run, "finished");
  return finished.empty() ? "running" : local_time(finished) + " " + text_field(*run, "outcome");
}

template <Path path>
std::string seconds_cell(const value& item) {
  const auto seconds = number_field(item, path.text);
  return seconds ? duration_words(*seconds) : "";
}

inline std::string join(const std::string& a, const std::string& b, const char* between) {
  return a.empty() || b.empty() ? a + b : a + between + b;
}

template <Path path>
std::string fields_cell(const value& item) {
  const auto* fields = find_field(item, path.text);
  return fields == nullptr ? "" : fields_words(*fields);
}

}  // namespace gatehouse::cells
