#pragma once
// The event table: a million rows and more, found by id or time without looking at each.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/sim/site_clock.hpp"

namespace gatehouse::sim {

/// One row, kept small. Names are looked up when it is shown.
struct EventRow {
  std::int64_t id = 0;
  UtcMs at = 0;
  std::int64_t card = 0;      ///< 0: none
  std::int64_t linked = 0;    ///< id of a related event; 0: none
  std::int32_t user = 0;      ///< 0: nobody
  std::int32_t address = 0;   ///< ACU serial; 0: the server itself
  std::uint32_t details = 0;  ///< index of text(); 0: null
  std::uint32_t odd = 0;      ///< index of text() that is shown as the whole row; 0: an ordinary row
  std::uint16_t type = 0;
  std::uint16_t sub_type = 0;
  std::int16_t offset = 0;  ///< minutes, of the wall clock at `at`
  std::uint16_t area = 0;   ///< reader's side of the door; 0: none

  LocalMs local() const { return at + offset * std::int64_t{60000}; }
};

class EventLog {
 public:
  explicit EventLog(std::int64_t first_id) : next_id_(first_id) {}

  const std::vector<EventRow>& rows() const {
    return rows_;
  }  ///< ascending by id (a repeated id may follow itself)
  std::int64_t last_id() const { return rows_.empty() ? next_id_ - 1 : rows_.back().id; }

  /// Gives the next id; the time is the caller's. Returns that id.
  std::int64_t append(EventRow row);
  /// A row that carries the last id once more.
  void append_duplicate(EventRow row);

  /// Index of the first row with that id or a later one.
  std::size_t first_from(std::int64_t id) const;
  /// Index before which no row's wall time reaches `at`.
  std::size_t first_not_before(LocalMs at) const;

  std::uint32_t keep_text(const std::string& text);  ///< 0 for empty text
  const std::string& text(std::uint32_t index) const { return texts_[index]; }

  /// The table is new: no rows, ids from `first_id` on.
  void restart(std::int64_t first_id);

 private:
  void note(const EventRow& row);
  std::vector<EventRow> rows_;
  std::vector<LocalMs> latest_;  ///< the greatest wall time up to and with that row
  std::vector<std::string> texts_{""};
  std::unordered_map<std::string, std::uint32_t> known_texts_;
  std::int64_t next_id_;
};

}  // namespace gatehouse::sim
