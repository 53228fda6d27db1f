#include "tests/bench/rig.hpp"

#include <cstdlib>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/bench/proc.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::bench {

using namespace whole;

namespace {

/// The program by which $GATEHOUSE_BENCH_THROUGH wants the daemon run, and its arguments.
Argv through() {
  const char* const words = std::getenv("GATEHOUSE_BENCH_THROUGH");
  std::istringstream in(words == nullptr ? "" : words);
  return {std::istream_iterator<std::string>(in), {}};
}

}  // namespace

Rig::Rig(const RigOptions& options)
    : bus(dir.path()),
      broker({.certificates = test_certificates(), .dir = dir / "broker", .inflight = 100}),
      net2({.certificates = test_certificates(),
            .dir = dir.path(),
            .people = options.people,
            .arguments = options.sim_arguments}),
      gateway({.site = {.certificates = test_certificates(),
                        .bus = bus.address(),
                        .broker_port = broker.port(),
                        .net2_port = net2.port(),
                        .poll = options.poll,
                        .outbox = "{max_bytes: 8GiB, inflight: 100}"},
               .dir = dir / "gateway",
               .through = through()}) {
  if (!options.broker) broker.stop();
}

pid_t Rig::simulator() const {
  return child_with("127.0.0.1:" + std::to_string(net2.control_port()));
}

std::int64_t Rig::waiting(const std::string& lane) const {
  const auto now = gateway.status();
  const auto* outbox = now.if_contains("outbox");
  if (!outbox || !outbox->is_object()) return -1;
  if (lane == "pending") return number_at(outbox->as_object(), lane, -1);
  const auto* lanes = outbox->as_object().if_contains("lanes");
  return lanes && lanes->is_object() ? number_at(lanes->as_object(), lane, -1) : -1;
}

void Rig::give_up(const std::string& what) const {
  auto log = gateway.log();
  constexpr std::size_t enough = 2000;
  if (log.size() > enough) log.erase(0, log.size() - enough);
  throw std::runtime_error(what + "; the daemon's last words:\n" + log);
}

}  // namespace gatehouse::bench
