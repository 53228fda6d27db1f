#pragma once
// Plans, and what runs came to, as text for people.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "daemon/cli/table.hpp"

namespace gatehouse {

/// Applied, superseded or discarded: it can no longer be applied, and its changes may be gone.
bool plan_has_ended(const boost::json::value& plan);

/// What to type to carry a plan out.
std::string apply_command(const boost::json::value& plan);

/// The changes of a plan as text. They come part by part, and many: only what is printed is kept.
class ChangeTable {
 public:
  void add(const boost::json::array& changes);
  std::size_t size() const { return rows_.size(); }

  /// How many of which kind, and then each of them. `width` as in Terminal.
  std::string words(std::size_t width) const;

 private:
  std::map<std::string, std::int64_t> counts_;
  std::vector<Row> rows_;
};

/// `plan show`. `plan`: its head, whatever changes are in it.
std::string plan_words(const boost::json::value& plan, const ChangeTable& changes, std::size_t width);

/// What a purge or the removal of an integration will do: the exact count, the first of those whom it
/// concerns (its "sample"), and what cannot be undone. `fate`: keep | disable | delete, what
/// becomes of people.
std::string removal_words(const boost::json::value& plan, const std::string& fate, bool switched_off,
                          std::size_t width);

/// `sync run --wait`: a line a run, what to look at next, and the changes of a dry run.
std::string ended_runs_words(const boost::json::value& document, std::size_t width);

}  // namespace gatehouse
