#include "daemon/core/suspicion.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

constexpr int sessions_to_suspect = 2;
constexpr int drops_to_hold = 2;
constexpr int stuck_to_hold = 3;
constexpr std::size_t links_fault = 3;

}  // namespace

std::optional<std::int64_t> Suspicion::on_drop(const Rows& in_flight, bool soon) {
  short_sessions_ = soon && !in_flight.empty() ? short_sessions_ + 1 : 0;
  if (one_at_a_time() && in_flight.size() == 1) {
    const auto row = in_flight.front();
    if (last_chance_.erase(row) != 0) {
      short_sessions_ = 0;
      drops_.erase(row);
      stuck_.erase(row);
      return row;
    }
    if (soon) {
      suspects_.insert(row);
      if (++drops_[row] >= drops_to_hold) hold(row, Charge::kills_link);
    }
  } else if (short_sessions_ >= sessions_to_suspect) {
    suspects_.insert(in_flight.begin(), in_flight.end());
  }
  return std::nullopt;
}

bool Suspicion::on_stuck(std::int64_t row) {
  if (last_chance_.erase(row) != 0) {
    suspects_.erase(row);
    return true;
  }
  if (++stuck_[row] >= stuck_to_hold) hold(row, Charge::no_puback);
  return false;
}

Suspicion::Rows Suspicion::on_answer(std::int64_t row) {
  auto again = give_last_chance();
  last_chance_.erase(row);
  suspects_.erase(row);
  drops_.erase(row);
  stuck_.erase(row);
  return again;
}

Suspicion::Rows Suspicion::on_lasting(bool idle) {
  suspects_.clear();
  drops_.clear();
  short_sessions_ = 0;
  return idle ? give_last_chance() : Rows{};
}

void Suspicion::forget(const std::function<bool(std::int64_t)>& gone) {
  std::erase_if(last_chance_, [&](const auto& entry) { return gone(entry.first); });
}

bool Suspicion::one_at_a_time() const {
  const auto kills = [](const auto& entry) { return entry.second == Charge::kills_link; };
  return !suspects_.empty() || std::ranges::any_of(held_, kills) || std::ranges::any_of(last_chance_, kills);
}

void Suspicion::hold(std::int64_t row, Charge charge) {
  suspects_.erase(row);
  drops_.erase(row);
  stuck_.erase(row);
  short_sessions_ = 0;
  held_.emplace(row, charge);
  if (held_.size() < links_fault) return;
  held_.clear();
  suspects_.clear();
  drops_.clear();
  stuck_.clear();
}

Suspicion::Rows Suspicion::give_last_chance() {
  Rows again;
  for (const auto& [row, charge] : std::exchange(held_, {})) {
    last_chance_.emplace(row, charge);
    again.push_back(row);
  }
  return again;
}

}  // namespace gatehouse
