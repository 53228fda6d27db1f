#pragma once
// Outboxes full of events that could not be sent: made once, by the real way, and used again.

#include <memory>

#include "tests/bench/proc.hpp"
#include "tests/bench/rig.hpp"

namespace gatehouse::bench {

struct Backlog {
  std::unique_ptr<Rig> rig;  ///< the daemon is stopped, the broker is away, the simulator runs
  int rows = 0;
  double rate = 0;            ///< events a second, from before the first was seen durable until the last was
  double slowest_answer = 0;  ///< seconds that a question for the outbox took meanwhile
  double whole_s = 0;         ///< from exec to the last
  double daemon_cpu = 0;
  double simulator_cpu = 0;
  Memory memory{};  ///< of the daemon at the end
};

/// That many events of history, read by polling into a store whose broker is away, beside the people of that
/// site.
Backlog make_backlog(int rows, whole::Millis within, int people = 20);

}  // namespace gatehouse::bench
