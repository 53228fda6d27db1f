#pragma once
// Which row is at fault when the link to the broker goes again and again, or a PUBACK never comes. Pure: it
// keeps count and gives verdicts.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace gatehouse {

/// A link that goes twice soon after it came may be killed by a row in flight: those are then sent one at a
/// time. A row that was alone when the link went (twice), or whose PUBACK did not come (three times), is held
/// back. Once the link is seen to serve others it gets a last chance, and is guilty if that fails as well.
/// Three rows held back at a time are the fault of the link, and all of them are let go.
class Suspicion {
 public:
  using Rows = std::vector<std::int64_t>;

  /// The link went with these rows in flight; `soon`: shortly after it came. The guilty row, where it is
  /// plain.
  std::optional<std::int64_t> on_drop(const Rows& in_flight, bool soon);
  /// A PUBACK did not come in time. True where the row is guilty; else the link has to be made anew.
  bool on_stuck(std::int64_t row);
  /// The broker has answered for a row. Those that get their last chance now, to be sent again.
  Rows on_answer(std::int64_t row);
  /// The link has lasted; `idle`: with nothing in flight. Those that get their last chance now.
  Rows on_lasting(bool idle);
  /// Rows that left the outbox by another way.
  void forget(const std::function<bool(std::int64_t)>& gone);

  /// Not to be sent for now.
  bool held(std::int64_t row) const { return held_.contains(row); }
  /// Only then is it plain which row was in flight when the link went.
  bool one_at_a_time() const;
  /// Time has something to say here.
  bool undecided() const { return one_at_a_time() || !held_.empty(); }

 private:
  enum class Charge { kills_link, no_puback };
  void hold(std::int64_t row, Charge charge);
  Rows give_last_chance();

  int short_sessions_ = 0;
  std::set<std::int64_t> suspects_;
  std::map<std::int64_t, int> drops_;  ///< how often a row was alone in flight when the link went
  std::map<std::int64_t, int> stuck_;  ///< how often its PUBACK did not come in time
  std::map<std::int64_t, Charge> held_;
  std::map<std::int64_t, Charge> last_chance_;
};

}  // namespace gatehouse
