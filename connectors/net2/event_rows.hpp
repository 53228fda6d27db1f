#pragma once
// Rows of Net2's event log as values (net2-api.md §3.11).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/net2/json_rows.hpp"
#include "connectors/net2/server_zone.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// A row whose time is still as Net2 wrote it.
struct ArrivedRow {
  Net2Event event;
  std::string time;
  std::uint64_t arrival = 0;  ///< its place in the answer
};

/// The members of an event that are ever looked at. Names and card numbers are not among them.
RowShape event_shape();

/// Takes the rows of one answer, keeps the `limit` ones with the smallest ids above `after`, and notes what
/// is needed to judge whether the server did what it was asked.
class EventRows {
 public:
  EventRows(std::int64_t after, std::size_t limit) : after_(after), limit_(limit) {}

  void take(std::vector<Cell>& row);

  std::uint64_t seen() const { return seen_; }
  bool has_known() const { return has_known_; }    ///< a row with an id up to `after`
  bool falling() const { return falling_; }        ///< ids came in descending order
  bool rising() const { return rising_; }          ///< ids came in ascending order
  std::int64_t newest() const { return newest_; }  ///< highest id seen; 0: none
  /// Ids between `after` and the highest one kept that were not in the answer.
  std::uint64_t holes() const;

  /// The rows kept, by ascending id, their times resolved one after another. `previous` is the time of the
  /// row `after`; `now` stands in for a time that cannot be read.
  EventPage page(const ServerZone& zone, std::optional<Instant> previous, Instant now) &&;

 private:
  void shrink();

  std::int64_t after_;
  std::size_t limit_;
  std::vector<ArrivedRow> kept_;
  std::vector<UnreadableEvent> unreadable_;
  std::uint64_t seen_ = 0;
  std::int64_t newest_ = 0;
  std::optional<std::int64_t> last_;
  bool has_known_ = false;
  bool falling_ = true;
  bool rising_ = true;
  bool left_out_ = false;
};

/// The id in a row that is no JSON, if it can be made out: the number behind a name "id".
std::optional<std::int64_t> find_row_id(std::string_view broken);

}  // namespace gatehouse
