#include "daemon/host/system_clock.hpp"

#include <chrono>

#include <stdlib.h>
#include <sys/timex.h>

#include "daemon/core/ulid.hpp"

namespace gatehouse {

using std::chrono::floor;
using std::chrono::milliseconds;

Instant SystemClock::now() const {
  return floor<milliseconds>(std::chrono::system_clock::now());
}

Uptime SystemClock::uptime() const {
  return floor<milliseconds>(std::chrono::steady_clock::now());
}

ClockQuality SystemClock::quality() const {
  using namespace std::chrono;
  constexpr sys_days released = year(2026) / January / 1;
  if (only_ntp_) {
    timex state{};
    if (adjtimex(&state) == TIME_ERROR) return ClockQuality::unsynced;
  }
  return now() < released ? ClockQuality::unsynced : ClockQuality::ok;
}

std::string SystemClock::new_id() {
  // From the kernel, and it cannot fail. std::random_device asks the processor, which takes 20 µs a byte in
  // some virtual machines: a third of a second for the ids of 1,000 changed people.
  UlidChance chance{};
  arc4random_buf(chance.data(), chance.size());
  return make_ulid(now(), chance);
}

}  // namespace gatehouse
