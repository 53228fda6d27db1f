#include "tests/whole/house.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

namespace gatehouse::whole {

const std::string& test_certificates() {
  static const TempDir dir;
  static const std::string path = [] {
    const auto made = run({std::string(GATEHOUSE_SOURCE_DIR) + "/tests/whole/make-certificates", dir.path()});
    if (made.status != 0) throw std::runtime_error("cannot make certificates: " + made.err);
    return dir.path();
  }();
  return path;
}

House::House(const Options& options)
    : bus(dir.path()),
      broker({.certificates = test_certificates(),
              .dir = dir / "broker",
              .inflight = options.inflight,
              .more = options.broker_more}),
      net2({.certificates = test_certificates(),
            .dir = dir.path(),
            .people = options.people,
            .doors = options.doors,
            .seed = options.seed,
            .arguments = options.sim_arguments}),
      recorder({.port = broker.port(), .certificates = test_certificates()}),
      gateway({.site = {.certificates = test_certificates(),
                        .bus = bus.address(),
                        .broker_port = broker.port(),
                        .net2_port = net2.port()},
               .dir = dir / "gateway",
               .state_dir = options.state_dir}) {}

void House::start_and_import() {
  gateway.start();
  const auto imported = [](const Ledger& ledger) {
    for (const auto& fact : ledger.facts()) {
      if (fact.type == "sync" && text_at(fact.data(), "phase") == "done") return true;
    }
    return false;
  };
  eventually(30s, [&] { return !gateway.running() || recorder.ask(imported); });
  if (!gateway.running() || !recorder.ask(imported))
    throw std::runtime_error("no first import:\n" + gateway.log());
}

bool House::all_events_out(Millis within, std::int64_t first) {
  const auto logged = net2.event_ids();
  const auto wanted =
      static_cast<std::size_t>(std::ranges::count_if(logged, [&](std::int64_t id) { return id >= first; }));
  return recorder.wait(within,
                       [&](const Ledger& ledger) { return ledger.event_count("net2-hq", first) >= wanted; });
}

bool House::state_becomes(const std::string& state, Millis within) {
  return eventually(within, [&] { return !gateway.running() || gateway.state() == state; }) &&
         gateway.running();
}

std::string lines(const std::vector<std::string>& sentences) {
  std::string out;
  for (const auto& sentence : sentences) out += sentence + "\n";
  return out;
}

int rounds(int usual) {
  const char* said = std::getenv("GATEHOUSE_TEST_ROUNDS");
  return said ? std::max(1, std::atoi(said)) : usual;
}

std::uint64_t run_seed() {
  static const std::uint64_t seed = [] {
    const char* said = std::getenv("GATEHOUSE_TEST_SEED");
    const std::uint64_t chosen = said ? std::strtoull(said, nullptr, 10) : std::random_device{}();
    std::printf("seed %llu (GATEHOUSE_TEST_SEED repeats this run)\n",
                static_cast<unsigned long long>(chosen));
    std::fflush(stdout);
    return chosen;
  }();
  return seed;
}

}  // namespace gatehouse::whole
