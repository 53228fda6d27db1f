#include "tests/bench/bare_publisher.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/tap.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::bench {
namespace {

using namespace whole;

constexpr int rows = 200'000;
constexpr std::size_t window = 100;

}  // namespace

Backlog measure_ingest(Report& report) {
  report.begin("ingest: 200 000 events of history by polling, broker away");
  auto backlog = make_backlog(rows, 180s);
  report.at_least("events read and durable, a second", backlog.rate, 5000, "/s");
  report.told("from exec to the last, sign-in included", backlog.whole_s, "s");
  report.told("slowest answer to \"gatehouse status\" meanwhile", backlog.slowest_answer, "s");
  report.told("processor time of the daemon", backlog.daemon_cpu, "s",
              "simulator " + number(backlog.simulator_cpu, "s"));
  report.told("peak memory of the daemon meanwhile", backlog.memory.peak, "MB");
  return backlog;
}

void measure_drain(Report& report, Backlog& backlog) {
  report.begin("drain: those rows over TLS with QoS 1 to a fresh mosquitto, one subscriber");
  auto& rig = *backlog.rig;
  rig.broker.start();
  Tap tap({.port = rig.broker.port(), .certificates = test_certificates(), .keep = true});
  const pid_t broker = child_with(rig.dir / "broker");
  const double broker_before = cpu_seconds(broker);
  rig.gateway.launch();
  const auto wanted = static_cast<std::uint64_t>(backlog.rows);
  if (!tap.wait_for(wanted, 120s))
    rig.need(std::to_string(tap.count().messages) + " messages came", 0ms, [] { return false; });
  rig.need("the outbox did not become empty", 10s, [&] { return rig.waiting("pending") == 0; });
  const double cpu = cpu_seconds(rig.daemon());
  const double broker_cpu = cpu_seconds(broker) - broker_before;
  const auto drained = tap.count();
  const auto memory = memory_of(rig.daemon());
  rig.gateway.stop();

  const auto parcels = tap.take();
  tap.start_anew();
  const double bare_cpu = publish_all(parcels, rig.broker.port(), test_certificates(), window);
  if (!tap.wait_for(parcels.size(), 60s))
    throw std::runtime_error("the bare publisher's messages did not come");
  const auto bare = tap.count();
  if (bare.bytes != drained.bytes) throw std::runtime_error("the baseline did not send the same bytes");

  const double ratio = drained.rate() / bare.rate();
  report.told(
      "messages a second, first to last (" +
          number(static_cast<double>(drained.bytes) / static_cast<double>(drained.messages), "bytes") +
          " each)",
      drained.rate(), "/s", "bare " + number(bare.rate(), "/s"));
  report.at_least("of a bare libmosquitto publisher, window 100, same bytes", ratio, 0.6, "");
  report.told("processor time of the daemon", cpu, "s",
              "bare " + number(bare_cpu, "s") + ", ratio " + number(cpu / bare_cpu));
  report.told("processor time of mosquitto", broker_cpu, "s");
  report.told("peak memory of the daemon meanwhile", memory.peak, "MB");
}

}  // namespace gatehouse::bench
