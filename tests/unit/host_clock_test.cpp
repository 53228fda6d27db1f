// What the host's clock is worth (contract.md §4, "Clock"): a floor, steps, and the kernel's word.

#include <chrono>

#include <catch2/catch.hpp>

#include "daemon/core/known_past.hpp"
#include "daemon/host/system_clock.hpp"

using namespace gatehouse;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr Instant noon = sys_days(year(2026) / November / 22) + 12h;

struct StagedTime final : HostTime {
  Instant wall_clock = noon;
  Uptime up{5min};
  bool disciplined = true;
  mutable int asked = 0;

  Instant wall() const override { return wall_clock; }
  Uptime monotonic() const override { return up; }
  bool synchronised() const override {
    ++asked;
    return disciplined;
  }

  void pass(Duration time) {
    wall_clock += time;
    up += time;
  }
};

bool trusted(const SystemClock& clock) {
  return clock.quality() == ClockQuality::ok;
}

}  // namespace

TEST_CASE("A clock that goes as it should is trusted, and says what the wall clock says", "[host][clock]") {
  StagedTime host;
  const SystemClock clock(host);
  for (int i = 0; i < 100; ++i) {
    host.pass(i % 2 == 0 ? Duration(1ms) : Duration(1h));
    CHECK(clock.now() == host.wall_clock);
    CHECK(clock.uptime() == host.up);
    CHECK(clock.floor() == host.wall_clock);
    CHECK(trusted(clock));
  }
  CHECK(host.asked == 0);  // the kernel is asked where the file says ntp
}

TEST_CASE("A board without a battery comes up in 1970: time goes on from the floor, and nobody trusts it",
          "[host][clock]") {
  StagedTime host;
  host.wall_clock = Instant{};
  SystemClock clock(host);
  CHECK_FALSE(trusted(clock));
  CHECK(clock.now() >= sys_days(year(2026) / January / 1));  // the release
  clock.never_before(noon);
  CHECK(clock.now() == noon);
  host.pass(2h);
  CHECK(clock.now() == noon + 1h);  // nothing that waits for a moment waits for ever
  CHECK_FALSE(trusted(clock));
  host.wall_clock = noon + 3h;  // somebody has told it the time
  CHECK(clock.now() == noon + 3h);
  CHECK_FALSE(trusted(clock));
  host.pass(10min - 1ms);
  CHECK_FALSE(trusted(clock));
  host.pass(1ms);
  CHECK(trusted(clock));
}

TEST_CASE("An hour back: time does not, it is not trusted, and it is again when the wall clock has caught up",
          "[host][clock]") {
  StagedTime host;
  const SystemClock clock(host);
  CHECK(clock.now() == noon);
  host.wall_clock -= 1h;
  CHECK(clock.now() == noon);
  auto before = clock.now();
  for (int i = 0; i < 118; ++i) {
    CHECK_FALSE(trusted(clock));
    host.pass(1min);
    CHECK(clock.now() > before);
    before = clock.now();
  }
  host.pass(1min);
  CHECK(trusted(clock));
  CHECK(clock.now() == noon + 59min);
}

TEST_CASE("A year ahead for a while leaves no trace", "[host][clock]") {
  StagedTime host;
  const SystemClock clock(host);
  CHECK(trusted(clock));
  host.wall_clock += days(365);
  CHECK(clock.now() == noon + days(365));
  CHECK_FALSE(trusted(clock));
  host.pass(9min);
  CHECK_FALSE(trusted(clock));
  CHECK(clock.floor() == noon);  // nor would it be there after a restart
  host.wall_clock -= days(365);
  CHECK(clock.now() == noon + 9min);
  host.pass(9min);
  CHECK_FALSE(trusted(clock));
  host.pass(1min);
  CHECK(trusted(clock));
  CHECK(clock.floor() == host.wall_clock);
}

TEST_CASE("A year ahead that nobody takes back is trusted after ten minutes", "[host][clock]") {
  StagedTime host;
  const SystemClock clock(host);
  (void)clock.now();
  host.wall_clock += days(365);
  CHECK_FALSE(trusted(clock));
  host.pass(10min);
  CHECK(trusted(clock));
}

TEST_CASE("A minute is slewing, more is a step", "[host][clock]") {
  StagedTime host;
  const SystemClock clock(host);
  (void)clock.now();
  host.wall_clock += 60s;
  CHECK(trusted(clock));
  host.wall_clock += 60s + 1ms;
  CHECK_FALSE(trusted(clock));
  host.pass(5min);
  host.wall_clock -= 61s;  // each step begins the wait anew
  CHECK_FALSE(trusted(clock));
  host.pass(10min - 1ms);
  CHECK_FALSE(trusted(clock));
  host.pass(1ms);
  CHECK(trusted(clock));
}

TEST_CASE("After a restart the wall clock has to have passed what was committed", "[host][clock]") {
  StagedTime host;
  SystemClock clock(host);
  SECTION("as it has") {
    clock.never_before(noon - 1ms);
    CHECK(trusted(clock));
    CHECK(clock.now() == noon);
  }
  SECTION("a commit of the same moment makes nobody doubt") {
    clock.never_before(noon + 900ms);
    CHECK(trusted(clock));
    CHECK(clock.now() == noon + 900ms);
  }
  SECTION("as it has not") {
    clock.never_before(noon + 1001ms);
    CHECK_FALSE(trusted(clock));
    CHECK(clock.now() == noon + 1001ms);
    host.pass(3s);  // the store was right, and so is the clock now
    CHECK(trusted(clock));
  }
}

TEST_CASE("With clock: ntp the kernel has to say that something disciplines the clock", "[host][clock]") {
  StagedTime host;
  host.disciplined = false;
  SystemClock clock(host);
  CHECK(trusted(clock));
  clock.trust_only_ntp(true);
  for (int i = 0; i < 50; ++i) CHECK_FALSE(trusted(clock));
  CHECK(host.asked == 1);
  host.disciplined = true;
  host.pass(1s);
  CHECK(trusted(clock));
  host.disciplined = false;
  host.pass(1s);
  CHECK_FALSE(trusted(clock));
  clock.trust_only_ntp(false);
  CHECK(trusted(clock));
}

TEST_CASE("The host itself gives a time, and ids that differ", "[host][clock]") {
  SystemClock clock;
  CHECK(clock.now() > sys_days(year(2026) / January / 1));
  CHECK(clock.uptime().time_since_epoch() > Duration::zero());
  CHECK(clock.new_id() != clock.new_id());
}

TEST_CASE("A floor of a wrong clock is lowered by a person, and only then", "[host][clock]") {
  StagedTime host;
  host.wall_clock = noon + 24h * 365;  // believed: nobody knows better
  SystemClock clock(host);
  CHECK(trusted(clock));
  host.wall_clock = noon;  // set right
  host.pass(1h);
  CHECK_FALSE(trusted(clock));
  CHECK(clock.now() > noon + 24h * 364);
  clock.believe_wall();
  CHECK(trusted(clock));
  CHECK(clock.now() == host.wall_clock);
  CHECK(clock.floor() == host.wall_clock);
  // And it is a floor again.
  host.wall_clock -= 1h;
  host.pass(11min);
  CHECK_FALSE(trusted(clock));
}

TEST_CASE("Certificates are looked at no earlier than what is known to be past", "[host][clock]") {
  note_past(Instant{});  // a new store
  CHECK(certificate_time(noon) == noon);
  CHECK(certificate_time(Instant{}) == released);
  note_past(noon);
  CHECK(certificate_time(Instant{} + 100s) == noon);
  CHECK(certificate_time(noon - 1h) == noon - 1h);  // it could be so: the host is believed
  CHECK(certificate_time(noon + 24h * 365) == noon + 24h * 365);
}
