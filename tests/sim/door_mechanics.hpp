#pragma once
// Doors that move: released, opened, closed, relocked, each step in its time and with its event
// (net2-api.md §3.9, §4.1).

#include <map>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/world.hpp"

namespace gatehouse::sim {

class DoorMechanics {
 public:
  DoorMechanics(boost::asio::any_io_executor executor, World& world) : executor_(executor), world_(world) {}

  /// Released for `open_time` milliseconds (none: the door's own), logged as 28 with that sub-type; then,
  /// where a contact is fitted, 46 and 47 as somebody walks through, and 29.
  void release(Door& door, int sub_type, std::optional<std::int64_t> open_time);
  void hold(Door& door, int sub_type);
  void close(Door& door, int sub_type);
  void force(Door& door);                                 ///< 92, leaf open without release
  void leave_open(Door& door, std::int64_t until_alarm);  ///< 28, 46, then 93 when it stays open so long

  struct Swipe {
    int door = 0;
    int user = 0;               ///< 0: found by the card
    std::string card{};         ///< empty: the user's first
    std::optional<int> type{};  ///< decided by the person's permissions where it is not given
    bool in = true;
  };
  /// A card at a reader: 20 or 23 (or what `type` says), and the door moves if it was granted.
  /// Returns the event's id (0: kept by an off-line ACU).
  std::int64_t swipe(const Swipe& swipe, bool moves);

  void cancel_all() { timers_.clear(); }

 private:
  struct Timers {
    explicit Timers(const boost::asio::any_io_executor& executor)
        : relock(executor), leaf(executor), alarm(executor) {}
    boost::asio::steady_timer relock, leaf, alarm;
  };
  Timers& timers(const Door& door);
  /// Runs `step` on the door after so many milliseconds, unless that timer is set anew.
  template <typename Step>
  void after(boost::asio::steady_timer& timer, std::int64_t delay, int address, Step step);
  void set_leaf(Door& door, bool open);
  void relock(Door& door, int sub_type);

  boost::asio::any_io_executor executor_;
  World& world_;
  std::map<int, Timers> timers_;
};

/// What a reader decides for this person at this door now: type and sub-type of the event.
struct ReaderVerdict {
  int type;
  int sub_type;
};
ReaderVerdict decide_at_reader(const World& world, const Door& door, const Person* person, const Card* card,
                               bool in);

}  // namespace gatehouse::sim
