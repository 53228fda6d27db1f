#pragma once
// The whole simulated site in one place: what the routes read, the control interface changes, and live
// subscribers hear of. One thread; nothing is locked.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "tests/sim/directory.hpp"
#include "tests/sim/doors.hpp"
#include "tests/sim/event_log.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/seed.hpp"
#include "tests/sim/sign_in.hpp"
#include "tests/sim/site_clock.hpp"
#include "tests/sim/switches.hpp"

namespace gatehouse::sim {

/// What is to be logged; everything has a sensible "none".
struct EventDraft {
  int type = 0;
  int sub_type = 0;
  int door = 0;  ///< ACU serial; 0: the server itself
  int user = 0;
  std::int64_t card = 0;
  bool in = true;  ///< which side of the door
  std::string details{};
  std::int64_t linked = 0;
};

struct UnknownToken {
  LocalMs at;
  std::string where;
  std::int64_t token;
};

/// Who wants to hear what happens (the SignalR hub).
class WorldListener {
 public:
  virtual ~WorldListener() = default;
  virtual void event_logged(const EventRow& row) = 0;
  virtual void door_changed(const Door& door) = 0;  ///< relay, leaf or flags
  virtual void mustered(int report, int user, int marked_by) = 0;
};

class World {
 public:
  World(SiteSeed seed, SiteClock clock, std::int64_t first_event_id);

  SiteClock clock;
  Switches switches;
  People people;
  Directory directory;
  Doors doors;
  EventLog events;
  SignIn sign_in;
  Faults faults;
  std::deque<UnknownToken> unknown_tokens;  ///< newest first
  WorldListener* listener = nullptr;
  std::map<std::string, std::uint64_t> requests;  ///< by route
  bool lockdown = false;
  /// GET /users rendered once for a state of the people: a poll of 100,000 costs the transfer only.
  std::shared_ptr<const std::string> rendered_users;
  std::uint64_t rendered_revision = 0;
  std::string version = "6.9.11530.3128";

  LocalMs now_local() const { return clock.local(clock.now()); }

  /// Logs now, or keeps it in the ACU where the door is off line. Returns the id, 0 when kept.
  std::int64_t log(const EventDraft& draft);
  /// Logs with that time. `live`: subscribers hear of it.
  std::int64_t log_at(const EventDraft& draft, UtcMs at, bool live);
  /// A row shown as `text`, whatever that is; `duplicate`: with the id of the row before it.
  std::int64_t log_odd(const EventDraft& draft, const std::string& text, bool duplicate);
  /// 500/501 and the flush of what was kept (net2-api.md §4.1).
  void set_online(Door& door, bool online);
  void door_changed(const Door& door);

  /// More people from the seed; returns the first new id.
  int add_seeded(int count);
  /// Another Net2 behind the same name: other people and doors, a new event table.
  void become_another(std::uint64_t seed);

 private:
  void populate();
  EventRow row_of(const EventDraft& draft, UtcMs at);

  SiteSeed seed_;
  int seeded_ = 0;
};

}  // namespace gatehouse::sim
