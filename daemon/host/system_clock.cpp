#include "daemon/host/system_clock.hpp"

#include <algorithm>

#include <stdlib.h>
#include <sys/timex.h>

#include "daemon/core/known_past.hpp"
#include "daemon/core/ulid.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono;

constexpr Duration largest_slew = seconds(60);  ///< between two looks; more is a step
constexpr Duration settling = minutes(10);
/// How far a commit may seem to lie in the future: what was asked and written in the same moment.
constexpr Duration tolerance = seconds(1);
constexpr Duration ask_kernel_every = seconds(1);

const HostTime& this_host() {
  static const HostTime host;
  return host;
}

}  // namespace

Instant HostTime::wall() const {
  return std::chrono::floor<milliseconds>(system_clock::now());
}

Uptime HostTime::monotonic() const {
  return std::chrono::floor<milliseconds>(steady_clock::now());
}

bool HostTime::synchronised() const {
  timex state{};
  const int told = adjtimex(&state);  // -1: a sandbox refuses the question, and nobody knows
  return told >= 0 && told != TIME_ERROR;
}

SystemClock::SystemClock() : SystemClock(this_host()) {}

SystemClock::SystemClock(const HostTime& host) : host_(host), floor_(released) {}

/// Looks at the step that the wall clock made, and moves the floor along; what the time is after all. With
/// the lock held.
Instant SystemClock::reckon(Seen seen) const {
  const auto elapsed = last_ ? std::max(seen.at - last_->at, Duration::zero()) : Duration::zero();
  if (last_) {
    const auto step = (seen.wall - last_->wall) - elapsed;
    if (step > largest_slew || step < -largest_slew) stable_from_ = seen.at + settling;
  }
  if (seen.wall < floor_) {
    floor_ += elapsed / 2;
  } else if (seen.at >= stable_from_) {
    floor_ = seen.wall;
  }
  last_ = seen;
  return std::max(seen.wall, floor_);
}

Instant SystemClock::now() const {
  const std::scoped_lock held(lock_);
  return reckon({host_.wall(), host_.monotonic()});
}

Uptime SystemClock::uptime() const {
  return host_.monotonic();
}

ClockQuality SystemClock::quality() const {
  const std::scoped_lock held(lock_);
  const Seen seen{host_.wall(), host_.monotonic()};
  reckon(seen);
  const bool good =
      seen.wall >= floor_ - tolerance && seen.at >= stable_from_ && (!only_ntp_ || disciplined(seen.at));
  return good ? ClockQuality::ok : ClockQuality::unsynced;
}

/// As it was said a moment ago: each message asks.
bool SystemClock::disciplined(Uptime at) const {
  if (!asked_kernel_ || at - *asked_kernel_ >= ask_kernel_every) {
    kernel_says_ = host_.synchronised();
    asked_kernel_ = at;
  }
  return kernel_says_;
}

Instant SystemClock::floor() const {
  const std::scoped_lock held(lock_);
  reckon({host_.wall(), host_.monotonic()});
  return floor_;
}

std::string SystemClock::new_id() {
  // From the kernel, and it cannot fail. std::random_device asks the processor, which takes 20 µs a byte in
  // some virtual machines: a third of a second for the ids of 1,000 changed people.
  UlidChance chance{};
  arc4random_buf(chance.data(), chance.size());
  return make_ulid(now(), chance);
}

void SystemClock::trust_only_ntp(bool yes) {
  const std::scoped_lock held(lock_);
  only_ntp_ = yes;
  asked_kernel_.reset();
}

void SystemClock::believe_wall() {
  const std::scoped_lock held(lock_);
  const Seen seen{host_.wall(), host_.monotonic()};
  floor_ = seen.wall;
  stable_from_ = seen.at;
  last_ = seen;
}

void SystemClock::never_before(Instant committed) {
  const std::scoped_lock held(lock_);
  floor_ = std::max(floor_, committed);
}

}  // namespace gatehouse
