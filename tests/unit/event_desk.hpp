#pragma once
// A poller over an event log and a store that are made up, and time set by hand.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/app/event_poller.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/unit/fakes.hpp"

namespace gatehouse::test {

inline const IntegrationId event_source{"net2-hq"};

class EventDesk {
 public:
  explicit EventDesk(std::optional<Duration> events_from = std::nullopt) : events_from_(events_from) {
    restart();
  }

  /// As after the daemon was started anew: only the store remembers.
  void restart() {
    identity.emplace(event_source, net2, directory);
    poller.emplace(event_source, events_from_,
                   EventPoller::Parts{.source = net2,
                                      .store = store,
                                      .identity = *identity,
                                      .clock = clock,
                                      .log = log,
                                      .news = [this] { ++news; },
                                      .zone = zone,
                                      .zones =
                                          [](const std::string& iana) {
                                            auto zone = load_zone(iana);
                                            return zone ? *zone : nullptr;
                                          }});
  }
  /// Behind each poll that doubted them, the people are read, and are the known ones.
  Result<PollReport> poll() {
    auto report = bench.get(poller->poll());
    if (identity->people() == ServerIdentity::People::unsure)
      identity->people_are(ServerIdentity::People::known);
    return report;
  }
  void happen(std::int64_t first, std::int64_t last) {
    for (auto id = first; id <= last; ++id) net2.happen(id, clock.now());
  }
  /// Polls until a poll brings nothing; false if one fails.
  bool catch_up() {
    for (;;) {
      const auto report = poll();
      if (!report) return false;
      if (!report->more) return true;
    }
  }
  std::vector<std::int64_t> ids(std::int64_t generation = 1) const {
    std::vector<std::int64_t> ids;
    for (const auto& [key, item] : store.events) {
      if (key.first == generation) ids.push_back(key.second);
    }
    return ids;
  }
  bool catch_up_of(std::int64_t id) const { return store.events.at({1, id}).catch_up; }

  Bench bench;
  ManualClock clock;
  RecordingLog log;
  FakeNet2 net2;
  FakeEvents store;
  KnownDoors directory;
  std::optional<ServerIdentity> identity;
  std::optional<EventPoller> poller;
  std::string zone = "UTC";  ///< counts from the next restart
  int news = 0;

 private:
  std::optional<Duration> events_from_;
};

inline std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> made;
  for (auto id = first; id <= last; ++id) made.push_back(id);
  return made;
}

}  // namespace gatehouse::test
