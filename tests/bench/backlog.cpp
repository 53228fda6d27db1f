#include "tests/bench/backlog.hpp"

#include <algorithm>

namespace gatehouse::bench {

using namespace whole;

Backlog make_backlog(int rows, Millis within, int people) {
  Backlog made{.rig = std::make_unique<Rig>(RigOptions{
                   .people = people, .sim_arguments = {"--history", std::to_string(rows)}, .broker = false}),
               .rows = rows};
  auto& rig = *made.rig;
  const double simulator_before = cpu_seconds(rig.simulator());
  const auto began = Clock::now();
  rig.gateway.launch();
  std::int64_t first = 0, last = 0;
  Clock::time_point first_at{}, last_at{};
  const auto all_came = [&] {
    const auto asked_at = Clock::now();
    last = rig.waiting("access");  // the simulator's everyday events are of no other lane
    last_at = Clock::now();
    // The number is of a moment between the two, and the answer may be slow: the longer span counts.
    if (first <= 0 && last > 0) {
      first = last;
      first_at = asked_at;
    }
    made.slowest_answer =
        std::max(made.slowest_answer, std::chrono::duration<double>(last_at - asked_at).count());
    return last >= rows;
  };
  rig.need("not all of the events came", within, all_came, 100ms);  // asking is work for the daemon, too
  made.whole_s = std::chrono::duration<double>(last_at - began).count();
  const double took = std::chrono::duration<double>(last_at - first_at).count();
  made.rate = took > 0 ? static_cast<double>(last - first) / took : static_cast<double>(last) / made.whole_s;
  made.daemon_cpu = cpu_seconds(rig.daemon());
  made.simulator_cpu = cpu_seconds(rig.simulator()) - simulator_before;
  made.memory = memory_of(rig.daemon());
  if (!rig.gateway.stop()) rig.need("the daemon did not stop", 0ms, [] { return false; });
  return made;
}

}  // namespace gatehouse::bench
