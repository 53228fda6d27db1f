// gatehouse_bench: the figures of the main job and their baselines, as one table. See scripts/bench.

#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/measurements.hpp"

namespace {

using namespace gatehouse::bench;

struct Named {
  const char* name;
  const char* what;
  std::function<void(Report&)> measure;
};

std::vector<Named> measurements() {
  return {{"live", "Net2 event to the cloud at 200 events/s", measure_live},
          {"drain", "200,000 events in by polling, then out to a broker",
           [](Report& report) {
             auto backlog = measure_ingest(report);
             measure_drain(report, backlog);
           }},
          {"people", "100,000 people: import, re-reads, memory", measure_people},
          {"directory", "100,000 people: plans and matching, without a network", measure_directory},
          {"decide", "one decision among 100,000 people", measure_decide},
          {"signin", "a sign-in to Net2's door, with 100,000 people and 1,000,000 rows", measure_signin},
          {"memory", "idle memory beside mosquitto's", measure_memory},
          {"million", "1,000,000 rows queued: memory, start, first message", measure_million},
          {"idle", "polling every second while nothing happens", measure_idle}};
}

int usage(const std::vector<Named>& all) {
  std::fputs("usage: gatehouse_bench [NAME...]\n", stderr);
  for (const auto& one : all) std::fprintf(stderr, "  %-10s %s\n", one.name, one.what);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto all = measurements();
  std::set<std::string> wanted(argv + 1, argv + argc);
  for (const auto& name : wanted) {
    bool known = false;
    for (const auto& one : all) known = known || name == one.name;
    if (!known) return usage(all);
  }
  Report report;
  for (const auto& one : all) {
    if (!wanted.empty() && !wanted.contains(one.name)) continue;
    try {
      one.measure(report);
    } catch (const std::exception& trouble) {
      report.failed(trouble.what());
    }
  }
  report.summary();
  return 0;
}
