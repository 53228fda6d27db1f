#include "daemon/core/guard.hpp"

namespace gatehouse {

bool guard_trips(const RemovalAsk& ask, const RemovalGuard& guard) {
  if (ask.wanted == 0) return false;
  const std::uint64_t total = ask.wanted + ask.already;
  if (total > guard.count) return true;
  constexpr std::uint64_t always_small = 5;
  return total > always_small &&
         static_cast<double>(total) * 100.0 > guard.percent * static_cast<double>(ask.present_at_begin);
}

}  // namespace gatehouse
