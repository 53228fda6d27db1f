#pragma once
// Finds what is new in a list that grows at its end, by asking for its last page again.

#include <set>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace gatehouse {

class EventFollower {
 public:
  /// `list` and `id`: names of the list in a page, and of what tells its items apart.
  explicit EventFollower(const char* list = "events", const char* id = "event_id") : list_(list), id_(id) {}

  /// Where to ask next: the `after` of the page that is not full yet.
  const std::string& after() const { return after_; }

  /// The items of a page that were not given before, in its order. Moves on when the page says `next`.
  std::vector<boost::json::value> take(boost::json::value page);

  /// Whether the page taken last was full, so that the next one can be asked for at once.
  bool more() const { return more_; }

 private:
  const char* list_;
  const char* id_;
  std::string after_;
  std::set<std::string> known_;  ///< ids of the page at `after_`
  bool more_ = false;
};

}  // namespace gatehouse
