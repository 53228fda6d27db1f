#include "daemon/core/refusals.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace gatehouse {
namespace {

constexpr std::size_t brokers_fault = 3;
constexpr Duration hold = std::chrono::seconds(10);
constexpr Duration first_wait = std::chrono::seconds(5);
constexpr Duration longest_wait = std::chrono::minutes(5);

}  // namespace

Refusal refusal_of(std::uint8_t reason_code) {
  if (reason_code < 0x80) return Refusal::none;
  const bool final = reason_code == 0x90 || reason_code == 0x95 || reason_code == 0x99;
  return final ? Refusal::for_good : Refusal::try_alone;
}

std::string refusal_words(std::uint8_t reason_code) {
  std::string_view words = "refused";
  switch (reason_code) {
    case 0x80:
      words = "unspecified error";
      break;
    case 0x83:
      words = "implementation specific error";
      break;
    case 0x87:
      words = "not authorized";
      break;
    case 0x90:
      words = "topic name invalid";
      break;
    case 0x91:
      words = "packet identifier in use";
      break;
    case 0x95:
      words = "packet too large";
      break;
    case 0x97:
      words = "quota exceeded";
      break;
    case 0x99:
      words = "payload format invalid";
      break;
    default:
      break;
  }
  std::array<char, 16> code{};
  std::snprintf(code.data(), code.size(), " (0x%02x)", static_cast<unsigned>(reason_code));
  return std::string(words) + code.data();
}

Refusals::Orders Refusals::on_success(std::int64_t row) {
  Orders orders;
  orders.mended = blocked_;
  blocked_ = false;
  blocked_until_.reset();
  wait_ = Duration{0};
  streak_.clear();
  strikes_.erase(row);
  for (const auto& [held_row, since] : held_) {
    if (held_row != row) orders.park.push_back(held_row);
    strikes_.erase(held_row);
  }
  held_.clear();
  orders.rewind = !strikes_.empty();
  return orders;
}

Refusals::Orders Refusals::on_refusal(std::int64_t row, Uptime now) {
  Orders orders;
  orders.rewind = true;
  streak_.insert(row);
  const int strikes = ++strikes_[row];
  if (blocked_until_ || streak_.size() >= brokers_fault) {
    orders.block = !blocked_;
    wait_on(now);
    return orders;
  }
  if (strikes >= 2) held_.emplace(row, now);
  return orders;
}

void Refusals::wait_on(Uptime now) {
  blocked_ = true;
  if (!blocked_until_) {
    wait_ = std::clamp(wait_ * 2, first_wait, longest_wait);
    blocked_until_ = now + wait_;
  }
  held_.clear();
  strikes_.clear();
}

void Refusals::try_again() {
  blocked_until_.reset();
  streak_.clear();
}

Refusals::Orders Refusals::on_idle(Uptime now) {
  Orders orders;
  if (blocked_) {
    if (!held_.empty()) wait_on(now);
    return orders;
  }
  for (auto at = held_.begin(); at != held_.end();) {
    if (now - at->second < hold) {
      ++at;
      continue;
    }
    orders.park.push_back(at->first);
    strikes_.erase(at->first);
    at = held_.erase(at);
  }
  return orders;
}

}  // namespace gatehouse
