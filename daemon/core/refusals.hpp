#pragma once
// What a lane does when the broker says no to a row (contract.md §3.1, Delivery). Pure: it keeps count and
// gives orders.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// How final a PUBACK's reason code is (MQTT 5 §3.4.2.1).
enum class Refusal {
  none,       ///< below 0x80: the broker has it
  for_good,   ///< 0x90, 0x95, 0x99: parked at once
  try_alone,  ///< 0x80, 0x83, 0x87, 0x97 and what we do not know: once more, alone, then parked
};
Refusal refusal_of(std::uint8_t reason_code);
/// "not authorized (0x87)".
std::string refusal_words(std::uint8_t reason_code);

/// Rows that were refused in one lane. A row that is refused again when sent alone is held; it is parked once
/// another row gets through, or nothing else has come for a while. Three different rows refused without a
/// success between them are the broker's fault: the lane waits, and nothing is parked. Each try after a wait
/// begins the count anew, so that one bad row at the head cannot keep a broker that has mended from the rest.
class Refusals {
 public:
  struct Orders {
    std::vector<std::int64_t> park;
    bool rewind = false;  ///< send what is not settled again, from the oldest
    bool block = false;   ///< the broker refuses everything, since now: wait, and say so
    bool mended = false;  ///< a row got through after the lane was blocked
  };

  Orders on_success(std::int64_t row);
  Orders on_refusal(std::int64_t row, Uptime now);
  /// Nothing else waits in the lane: held rows get old and are parked, or, while blocked, wait on with it.
  Orders on_idle(Uptime now);
  /// Rows held back are not sent again until they are decided.
  bool held(std::int64_t row) const { return held_.contains(row); }
  /// One row at a time while something is in doubt.
  bool alone() const { return blocked_ || !strikes_.empty() || !held_.empty(); }
  /// Whether a success still has something to say here.
  bool watching() const { return alone() || !streak_.empty(); }
  /// When the lane may be tried again; only while blocked.
  std::optional<Uptime> blocked_until() const { return blocked_until_; }
  /// The wait is over.
  void try_again();

 private:
  void wait_on(Uptime now);

  std::map<std::int64_t, int> strikes_;  ///< rows refused, and how often
  std::map<std::int64_t, Uptime> held_;  ///< refused alone as well, and when
  std::set<std::int64_t> streak_;        ///< different rows refused since the last success
  bool blocked_ = false;
  std::optional<Uptime> blocked_until_;
  Duration wait_{0};
};

}  // namespace gatehouse
