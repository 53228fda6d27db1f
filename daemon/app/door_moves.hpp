#pragma once
// Commands on their way to doors: one at a time for a door, in the order in which they were decided, none
// after its deadline, and a momentary door not twice within ten seconds (contract.md §3.2).

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_rules.hpp"
#include "daemon/app/door_watch.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/core/door_command.hpp"
#include "daemon/core/tallies.hpp"

namespace gatehouse {

/// How long after the end of its open time a door can still be confirmed.
constexpr Duration confirmed_within = std::chrono::seconds(10);
/// A momentary door is spared this long after each command.
constexpr Duration momentary_pause = std::chrono::seconds(10);
/// From receipt, or from when it is due, to the first byte.
constexpr Duration command_time = std::chrono::seconds(10);

/// On the io thread. Destroy it only when none of its errands runs any more.
class DoorMoves {
 public:
  struct Line;
  /// A place in a door's line, from the decision on; given up by its destructor.
  class Turn {
   public:
    Turn(std::shared_ptr<Line> line, const boost::asio::any_io_executor& executor);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    friend class DoorMoves;
    std::shared_ptr<Line> line_;
    Wakeup first_;
  };

  struct Ask {
    std::shared_ptr<Turn> turn;
    DoorId door;
    DoorAction action = DoorAction::open;
    std::optional<Duration> open_time;  ///< DoorOrder::open_time
    Duration stays_open{0};             ///< as far as is known, for the confirmation
    std::string owner;                  ///< of the decision to confirm; empty: of none
    std::function<bool()> wanted{};  ///< asked to the last moment; false: `not_sent`, "renewed"; may be empty
    std::set<SiteId> sites;          ///< whose lockdown stops it, to the last moment; empty: none stops it
  };

  DoorMoves(boost::asio::any_io_executor executor, Clock& clock, DoorYard& yard, const AccessRules& rules,
            DoorWatch& watch, Errands& calls, Tallies* tallies = nullptr)
      : executor_(std::move(executor)),
        clock_(clock),
        yard_(yard),
        rules_(rules),
        watch_(watch),
        calls_(calls),
        tallies_(tallies) {}

  /// The next place in the line. nullptr where the door is to be spared: it is momentary, and has been
  /// commanded less than 10 s ago, or is about to be.
  std::shared_ptr<Turn> take_turn(const DoorId& door, bool spare_momentary);
  /// A process before this one may have commanded it, at `at` at the earliest; now it runs no more.
  void commanded_before(const DoorId& door, Instant at);

  /// From now on no door is asked: `not_sent`, "dropped".
  void close() { closed_ = true; }

  /// All at once, each in its turn. In the order of `asks`; where the coroutine is cancelled no answer is
  /// better than what is true: `not_sent` before the first byte, `unknown` after it.
  Task<std::vector<DoorAnswer>> command(std::vector<Ask> asks, Uptime deadline);

 private:
  struct Round;
  Task<void> call(std::shared_ptr<Round> round, std::size_t at);
  /// What stops it now, as an answer; nothing does: none.
  std::optional<DoorAnswer> stopped(const Ask& ask, Uptime deadline) const;

  boost::asio::any_io_executor executor_;
  Clock& clock_;
  DoorYard& yard_;
  const AccessRules& rules_;
  DoorWatch& watch_;
  Errands& calls_;
  Tallies* tallies_;
  std::map<DoorId, std::shared_ptr<Line>> lines_;
  bool closed_ = false;
};

}  // namespace gatehouse
