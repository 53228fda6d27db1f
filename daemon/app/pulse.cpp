#include "daemon/app/pulse.hpp"

#include <algorithm>

namespace gatehouse {

std::shared_ptr<Pulse> pulse_of(const boost::asio::any_io_executor& executor) {
  const auto* pulsed = executor.target<PulsedExecutor>();
  return pulsed == nullptr ? nullptr : pulsed->pulse();
}

boost::asio::any_io_executor without_pulse(const boost::asio::any_io_executor& executor) {
  const auto* pulsed = executor.target<PulsedExecutor>();
  return pulsed == nullptr ? executor : pulsed->inner();
}

LongWait::LongWait(const boost::asio::any_io_executor& mine, Duration limit) : pulse_(pulse_of(mine)) {
  if (!pulse_) return;
  constexpr Duration longest = std::chrono::hours(24 * 365);  // beyond, sums would overflow
  const auto until = pulse_->clock_.uptime() + std::clamp(limit, Duration{0}, longest);
  place_ = pulse_->waits_.insert(pulse_->waits_.end(), until);
}

LongWait::~LongWait() {
  if (pulse_) pulse_->waits_.erase(place_);
}

}  // namespace gatehouse
