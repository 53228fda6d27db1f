#include <algorithm>
#include <utility>
#include <vector>

#include "tests/bench/measurements.hpp"
#include "tests/bench/transfer.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::bench {
namespace {

using namespace whole;

constexpr int everybody = 100'000;
constexpr int changed = everybody / 100;

/// The run that the daemon tells as its last one; empty: none.
std::string last_run(const Rig& rig) {
  const auto entry = rig.gateway.integration();
  const auto* run = entry.if_contains("last_run");
  return run && run->is_object() ? text_at(run->as_object(), "run") : std::string();
}

struct Pass {
  double cpu = 0;
  std::int64_t people_rows = 0;  ///< that came into the outbox
  std::int64_t health_rows = 0;
  std::uint64_t written = 0;  ///< bytes
};

void let_pass_end(Rig& rig) {
  const auto run = last_run(rig);
  rig.need("no re-read ended", 120s, [&] { return last_run(rig) != run; }, 200ms);
}

/// From the end of one pass, which has just been, to the end of the next; in between the daemon has nothing
/// else to do, and is not asked anything before the pass has begun.
Pass watch_pass(Rig& rig) {
  const auto run = last_run(rig);
  Pass pass;
  pass.people_rows = rig.waiting("people");
  pass.health_rows = rig.waiting("telemetry");
  pass.written = written_bytes(rig.daemon());
  const auto asked = rig.net2.asked("querydb");
  const double before = cpu_seconds(rig.daemon());
  rig.need(
      "the people were not read again", 120s,
      [&] {
        return rig.net2.asked("querydb") >= asked + 2;  // the count, and the list
      },
      100ms);
  rig.need("a re-read did not end", 60s, [&] { return last_run(rig) != run; }, 200ms);
  pass.cpu = cpu_seconds(rig.daemon()) - before;
  pass.people_rows = rig.waiting("people") - pass.people_rows;
  pass.health_rows = rig.waiting("telemetry") - pass.health_rows;
  pass.written = written_bytes(rig.daemon()) - pass.written;
  return pass;
}

/// Three of a kind: what one of them costs moves with the pages that the one before gave back.
struct Passes {
  void add(const Pass& pass) {
    cpu.push_back(pass.cpu);
    people_rows += pass.people_rows;
    health_rows += pass.health_rows;
    written += pass.written;
  }
  double middle_cpu() const {
    auto sorted = cpu;
    std::ranges::sort(sorted);
    return sorted.at(sorted.size() / 2);
  }
  std::string span() const {
    const auto [least, most] = std::ranges::minmax(cpu);
    return number(least, "s") + " to " + number(most, "s");
  }

  std::vector<double> cpu;
  std::int64_t people_rows = 0;
  std::int64_t health_rows = 0;
  std::uint64_t written = 0;
};

/// Whom to invite is told after a pass, a hundred at a time.
void let_invitations_end(Rig& rig) {
  std::int64_t before = -1;
  rig.need(
      "the invitations did not end", 240s,
      [&] {
        const auto now = rig.waiting("people");
        return now >= 0 && std::exchange(before, now) == now;
      },
      1s);
}

void import_first(Report& report, Rig& rig) {
  const auto began = Clock::now();
  rig.gateway.launch();
  rig.need(
      "the first import did not end", 240s,
      [&] { return !last_run(rig).empty() && rig.gateway.state() == "active"; }, 200ms);
  report.told("first import, from exec", std::chrono::duration<double>(Clock::now() - began).count(), "s",
              "processor " + number(cpu_seconds(rig.daemon()), "s"));
  report.told("peak memory during the first import", memory_of(rig.daemon()).peak, "MB");
  let_invitations_end(rig);
  report.told("and the invitations, from exec", std::chrono::duration<double>(Clock::now() - began).count(),
              "s", "processor " + number(cpu_seconds(rig.daemon()), "s"));
  if (!rig.gateway.stop()) throw std::runtime_error("the daemon did not stop");
}

}  // namespace

void measure_people(Report& report) {
  report.begin("100 000 people, by querydb, broker away");
  Rig rig({.people = everybody, .poll = "{people: 1s, events: 1h, doors: 1d, live: false}", .broker = false});
  import_first(report, rig);

  // A new process: its first pass comes at once, the others ten times as long after the last as that took.
  rig.gateway.start();
  const auto stored = last_run(rig);
  rig.need(
      "the first re-read did not end", 120s,
      [&] { return last_run(rig) != stored && rig.gateway.state() == "active"; }, 200ms);
  let_invitations_end(rig);
  report.told("the first re-read of a new process, which looks at everybody: peak memory",
              memory_of(rig.daemon()).peak, "MB", "processor " + number(cpu_seconds(rig.daemon()), "s"));
  let_pass_end(rig);
  watch_pass(rig);  // what the look at everybody has left to do ends beside this one
  Passes unchanged, edited;
  for (int i = 0; i < 3; ++i) unchanged.add(watch_pass(rig));
  const auto transfer = fetch_people(rig.net2.port(), test_certificates());
  const auto again = fetch_people(rig.net2.port(), test_certificates());
  const double bare = (transfer.cpu + again.cpu) / 2;
  report.told("the same " + number(static_cast<double>(transfer.bytes) / 1e6, "MB") +
                  " over TLS into nothing, processor time",
              bare, "s");
  const double usual = unchanged.middle_cpu();
  report.at_most("unchanged re-read, processor time beyond that, the middle of three", usual - bare, 2, "s",
                 unchanged.span() + ", ratio " + number(usual / bare));
  report.at_most("rows written by them", static_cast<double>(unchanged.people_rows), 0, "");
  report.told("bytes written meanwhile", static_cast<double>(unchanged.written), "bytes",
              std::to_string(unchanged.health_rows) + " health messages");

  let_pass_end(rig);
  for (int i = 0; i < 3; ++i) {
    rig.net2.act("people", R"({"edit":{"count":)" + std::to_string(changed) + "}}");
    edited.add(watch_pass(rig));
  }
  report.at_most("1 % changed, processor time beyond the unchanged one, the middle of three",
                 (edited.middle_cpu() - usual) * 1e3, 300, "ms", edited.span());
  report.at_least("messages that came of the three", static_cast<double>(edited.people_rows), 3 * changed, "",
                  number(static_cast<double>(edited.written) / 1e3, "kB") + " written");
  const auto memory = memory_of(rig.daemon());
  report.at_most("peak memory, these re-reads included", memory.peak, 60, "MB");
  report.told("resident after them", memory.rss, "MB",
              "anonymous " + number(memory.anonymous) + ", pss " + number(memory.pss));
}

}  // namespace gatehouse::bench
