#include <algorithm>
#include <ctime>
#include <mutex>
#include <vector>

#include "daemon/core/instant.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/tap.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::bench {
namespace {

using namespace whole;

constexpr int per_second = 200;
constexpr int seconds = 20;

/// Milliseconds from Net2's own time of the event ("at") until now, on the clock that both share.
double age_of(std::string_view payload) {
  constexpr std::string_view member = R"("at":")";
  const auto at = payload.find(member);
  if (at == std::string_view::npos) return -1;
  const auto text = payload.substr(at + member.size());
  const auto time = parse_net_time(text.substr(0, text.find('"')));
  if (!time || !time->offset) return -1;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const double now_ms = static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
  const auto logged = std::chrono::duration_cast<Millis>(time->local.time_since_epoch() - *time->offset);
  return now_ms - static_cast<double>(logged.count());
}

double at_share(const std::vector<double>& ascending, double share) {
  const auto place = static_cast<std::size_t>(share * static_cast<double>(ascending.size()));
  return ascending[std::min(place, ascending.size() - 1)];
}

}  // namespace

void measure_live(Report& report) {
  report.begin("live: 200 events/s for 20 s, live feed on, polls every 2 s");
  Rig rig({.people = 500, .poll = "{people: 30s, events: 2s, doors: 30s, live: true}"});
  std::mutex mutex;
  std::vector<double> ages;
  bool counting = false;
  Tap tap({.port = rig.broker.port(),
           .certificates = test_certificates(),
           .topics = {"gatehouse/v1/+/+/up/access", "gatehouse/v1/+/+/up/alarm"},
           .told = [&](std::string_view payload) {
             const double age = age_of(payload);
             const std::lock_guard lock(mutex);
             if (counting && age >= 0) ages.push_back(age);
           }});
  rig.gateway.start();
  rig.need("the live feed did not come up", 30s, [&] {
    const auto entry = rig.gateway.integration();
    const auto* live = entry.if_contains("live");
    return live && live->is_bool() && live->as_bool() && text_at(entry, "status") == "active" &&
           rig.waiting("pending") == 0;
  });
  rig.net2.act("events", R"({"rate":200,"count":400})");  // to be warm
  if (!tap.wait_for(400, 20s)) throw std::runtime_error("no events came:\n" + rig.gateway.log());
  rig.need("the outbox did not become empty", 10s, [&] { return rig.waiting("pending") == 0; });
  {
    const std::lock_guard lock(mutex);
    counting = true;
  }
  const auto wanted = static_cast<std::size_t>(per_second * seconds);
  rig.net2.act("events",
               R"({"rate":)" + std::to_string(per_second) + R"(,"count":)" + std::to_string(wanted) + "}");
  rig.need("not all events came", 40s, [&] {
    const std::lock_guard lock(mutex);
    return ages.size() >= wanted;
  });
  const std::lock_guard lock(mutex);
  std::ranges::sort(ages);
  report.told("event logged by Net2 to arrival at a subscriber, p50", at_share(ages, 0.5), "ms");
  report.at_most("the same, p99 of " + std::to_string(ages.size()), at_share(ages, 0.99), 50, "ms");
  report.told("the same, longest", ages.back(), "ms");
  report.note("Arrival at the subscriber is later than the PUBACK that the target speaks of.");
}

}  // namespace gatehouse::bench
