#pragma once
// Which ids of Net2's event log are settled. Ids are given out in order of arrival, but a row may become
// visible a moment after one with a greater id; such a hole is read again until it is filled or old. An old
// one is given up, and who reads names it.

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "daemon/core/event_ids.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

class EventWindow {
 public:
  /// Where reading goes on: every id up to `low` is settled, `high` is the greatest one known. Which of those
  /// between them are known is forgotten by a restart, so all of them count as open until they are seen
  /// again.
  EventWindow(Net2EventId low, Net2EventId high);

  Net2EventId low() const { return low_; }
  Net2EventId high() const { return high_; }

  /// Takes the ids of a page (ascending) that was read after `low`; those already known may be among them.
  /// Holes between them are kept open from now until they are filled or too old; a wide one is none of late
  /// rows and is given up at once. Returns what was given up, ascending: without what lies before the first
  /// event of a log of which nothing was known.
  std::vector<EventIds> take(std::span<const Net2EventId> page, Uptime now);
  bool has_holes() const { return !holes_.empty(); }
  /// Not taken yet, and still waited for.
  bool awaits(Net2EventId id) const;

 private:
  struct Hole {
    std::int64_t first;
    std::int64_t last;
    Uptime seen;
  };
  void fill(std::int64_t id);
  std::vector<EventIds> settle(Uptime now);

  Net2EventId low_;
  Net2EventId high_;
  std::deque<Hole> holes_;  ///< ascending, apart from each other
  bool reopened_ = false;   ///< the hole there is has not been looked into since the start
  std::int64_t begins_;     ///< ids below it are nobody's; 0: all above `low` are Net2's
};

}  // namespace gatehouse
