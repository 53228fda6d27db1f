#pragma once
// The doors (ACUs) of the simulated site and what each of them shows (net2-api.md §3.8).

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/event_log.hpp"

namespace gatehouse::sim {

class JsonText;

struct Door {
  int address = 0;  ///< serial number of the ACU: the door's id
  std::string name;
  std::int64_t open_time = 5000;  ///< milliseconds
  bool contact = true;            ///< a leaf contact is fitted
  bool momentary = false;         ///< each command toggles (a garage opener)
  int group = 0;

  bool online = true;
  bool relay_open = false;
  bool leaf_open = false;
  bool hold = false;
  bool intruder_armed = false;
  bool alarm_tripped = false;
  bool mains_ok = true;
  bool tamper_ok = true;
  bool lockdown = false;

  std::uint64_t opens = 0;        ///< how often the relay was released
  std::uint64_t commands = 0;     ///< commands that came through the API
  std::int64_t commanded_us = 0;  ///< when the last of them came: microseconds of the host's own clock, Unix
  std::vector<EventRow> stored;   ///< events kept by an ACU that is off line

  void write_status(JsonText& out) const;  ///< the six flags, as one object
  int status_bits() const;                 ///< devices.statusFlag
};

struct Doors {
  std::vector<Door> all;
  Door* find(std::int64_t address);
  const Door* find(std::int64_t address) const;
};

}  // namespace gatehouse::sim
