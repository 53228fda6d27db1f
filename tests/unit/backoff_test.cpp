#include "daemon/core/backoff.hpp"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

Uptime at(Duration since_start) {
  return Uptime{since_start};
}

}  // namespace

TEST_CASE("Waits grow with the outage, slowly at first, up to the most", "[backoff]") {
  struct Row {
    Duration outage;
    Duration whole;
  };
  const auto row = GENERATE(Row{0s, 1s}, Row{20s, 1100ms}, Row{60s, 1900ms}, Row{300s, 23500ms},
                            Row{600s, 90s}, Row{86400s, 90s});
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Backoff backoff({}, seed);
    backoff.lost(at(0s));
    const Duration wait = backoff.lost(at(0s) + row.outage);
    CHECK(wait >= row.whole / 2);
    CHECK(wait <= row.whole);
  }
}

TEST_CASE("Only a connection that was stable for 30 s starts afresh", "[backoff][F8]") {
  Backoff backoff({}, 7);
  backoff.lost(at(0s));
  backoff.connected(at(700s));
  CHECK(backoff.lost(at(729s)) >= 45s);
  backoff.connected(at(800s));
  CHECK(backoff.lost(at(830s)) <= 1s);
}

TEST_CASE("Kicked twice within a short time leads to slow mode, which a long quiet connection ends",
          "[backoff][F8]") {
  Backoff backoff({}, 7);
  backoff.connected(at(0s));
  CHECK(backoff.lost(at(60s), Backoff::Loss::kicked) <= 1s);
  CHECK_FALSE(backoff.slow());
  backoff.connected(at(61s));
  CHECK(backoff.lost(at(62s), Backoff::Loss::kicked) >= 150s);
  CHECK(backoff.slow());
  backoff.connected(at(400s));
  CHECK(backoff.lost(at(700s), Backoff::Loss::kicked) >= 150s);  // five minutes up are the other's slow mode
  backoff.connected(at(1000s));
  CHECK(backoff.lost(at(2000s)) <= 1s);
  CHECK_FALSE(backoff.slow());
}

TEST_CASE("Two kicks that are far apart are no fight", "[backoff][F8]") {
  Backoff backoff({}, 7);
  backoff.connected(at(0s));
  backoff.lost(at(60s), Backoff::Loss::kicked);
  backoff.connected(at(61s));
  CHECK(backoff.lost(at(300s), Backoff::Loss::kicked) <= 1s);
  CHECK_FALSE(backoff.slow());
}

TEST_CASE("A thousand gateways come back from a ten-minute outage without a rush", "[backoff][F8]") {
  const auto seed = GENERATE(range(0u, 20u));
  std::map<Duration::rep, int> in_second;
  for (std::uint64_t gateway = 0; gateway < 1000; ++gateway) {
    Backoff backoff({}, seed * 1000ull + gateway);
    backoff.connected(at(0s));
    Uptime now = at(1h);  // all lose the link at once
    const Uptime broker_is_back = now + 10min;
    while (now < broker_is_back) now += backoff.lost(now);
    ++in_second[(now - broker_is_back) / 1s];
  }
  const auto busiest = std::max_element(in_second.begin(), in_second.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  CHECK(busiest->second <= 30);
}
