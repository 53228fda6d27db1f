#include "daemon/core/event_window.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

constexpr Duration patience = std::chrono::seconds(30);
constexpr std::int64_t widest_hole = 100;     ///< wider: ids that were never given out, not late rows
constexpr std::int64_t longest_reread = 400;  ///< rows read again for a hole's sake; below a page's size

}  // namespace

EventWindow::EventWindow(Net2EventId low, Net2EventId high) : low_(low), high_(high), reopened_(low < high) {
  if (reopened_) holes_.push_back({.first = low.value() + 1, .last = high.value(), .seen = Uptime{}});
}

bool EventWindow::awaits(Net2EventId id) const {
  if (id > high_) return true;
  return std::ranges::any_of(
      holes_, [&](const Hole& hole) { return hole.first <= id.value() && id.value() <= hole.last; });
}

void EventWindow::take(std::span<const Net2EventId> page, Uptime now) {
  if (std::exchange(reopened_, false)) holes_.front().seen = now;
  for (const auto number : page) {
    const auto id = number.value();
    if (id <= high_.value()) {
      fill(id);
      continue;
    }
    if (id > high_.value() + 1) open(high_.value() + 1, id - 1, now);
    high_ = number;
  }
  settle(now);
}

void EventWindow::open(std::int64_t first, std::int64_t last, Uptime now) {
  if (last - first < widest_hole) holes_.push_back({.first = first, .last = last, .seen = now});
}

void EventWindow::fill(std::int64_t id) {
  const auto hole =
      std::ranges::find_if(holes_, [&](const Hole& h) { return h.first <= id && id <= h.last; });
  if (hole == holes_.end()) return;
  const Hole old = *hole;
  auto at = holes_.erase(hole);
  if (id < old.last) at = holes_.insert(at, {.first = id + 1, .last = old.last, .seen = old.seen});
  if (id > old.first) holes_.insert(at, {.first = old.first, .last = id - 1, .seen = old.seen});
}

void EventWindow::settle(Uptime now) {
  std::erase_if(holes_, [&](const Hole& hole) {
    return now - hole.seen > patience || high_.value() - hole.first > longest_reread;
  });
  low_ = holes_.empty() ? high_ : Net2EventId(holes_.front().first - 1);
}

}  // namespace gatehouse
