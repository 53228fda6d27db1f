#pragma once
// Everything at once: simulated Net2, broker, bus, a subscriber to what comes out, and the daemon's
// configuration.

#include <memory>
#include <string>
#include <vector>

#include "tests/whole/broker.hpp"
#include "tests/whole/bus.hpp"
#include "tests/whole/gateway.hpp"
#include "tests/whole/recorder.hpp"
#include "tests/whole/simulator.hpp"
#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {

/// Made once for a run of the tests.
const std::string& test_certificates();

class House {
 public:
  struct Options {
    int people = 20;
    int doors = 4;
    int seed = 1;
    Argv sim_arguments{};
    int inflight = 1000;        ///< of the broker
    std::string broker_more{};  ///< lines of mosquitto.conf
    std::string state_dir{};    ///< of the daemon; empty: in the test's folder
  };
  House() : House(Options{}) {}
  explicit House(const Options& options);

  TempDir dir;
  Bus bus;
  Broker broker;
  Simulator net2;
  Recorder recorder;
  Gateway gateway;  ///< not started

  /// gateway.start(), and the first import has come out at the other end.
  void start_and_import();
  /// Every event that Net2 logged since `first` has come out.
  bool all_events_out(Millis within, std::int64_t first = 1);
  bool state_becomes(const std::string& state, Millis within = 20s);
};

/// For INFO and failing checks: sentences, a line each.
std::string lines(const std::vector<std::string>& sentences);

/// How many times a test of chance repeats itself: `usual`, or what GATEHOUSE_TEST_ROUNDS says.
int rounds(int usual);
/// The seed of this run: GATEHOUSE_TEST_SEED, or a new one; printed once.
std::uint64_t run_seed();

}  // namespace gatehouse::whole
