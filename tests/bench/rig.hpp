#pragma once
// A simulated Net2 server, a broker, a bus and the daemon's configuration, as the measurements need them.

#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "tests/whole/broker.hpp"
#include "tests/whole/bus.hpp"
#include "tests/whole/gateway.hpp"
#include "tests/whole/simulator.hpp"
#include "tests/whole/temp_dir.hpp"

namespace gatehouse::bench {

struct RigOptions {
  int people = 20;
  whole::Argv sim_arguments{};
  std::string poll = "{people: 30s, events: 2s, doors: 30s, live: true, events_from: 3650d}";
  bool broker = true;  ///< false: it has a port, and nobody is there
};

class Rig {
 public:
  explicit Rig(const RigOptions& options);

  whole::TempDir dir;
  whole::Bus bus;
  whole::Broker broker;
  whole::Simulator net2;
  whole::Gateway gateway;  ///< not started

  pid_t daemon() { return gateway.process().pid(); }
  pid_t simulator() const;
  /// Rows that wait in a lane, or in "pending" all; -1: the daemon did not answer.
  std::int64_t waiting(const std::string& lane) const;
  /// Throws with `what` and the end of the daemon's log where `holds` does not come true in time.
  template <typename Holds>
  void need(const std::string& what, whole::Millis within, Holds&& holds,
            whole::Millis between = whole::Millis(10)) {
    if (!whole::eventually(within, holds, between)) give_up(what);
  }

 private:
  [[noreturn]] void give_up(const std::string& what) const;
};

}  // namespace gatehouse::bench
