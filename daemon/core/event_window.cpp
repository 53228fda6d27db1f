#include "daemon/core/event_window.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

constexpr Duration patience = std::chrono::seconds(30);
constexpr std::int64_t widest_hole = 100;     ///< wider: archived, purged or never given out, not late rows
constexpr std::int64_t longest_reread = 400;  ///< rows read again for a hole's sake; below a page's size
constexpr std::int64_t not_known = -1;

}  // namespace

EventWindow::EventWindow(Net2EventId low, Net2EventId high)
    : low_(low), high_(high), reopened_(low < high), begins_(low.value() == 0 ? not_known : 0) {
  if (reopened_) holes_.push_back({.first = low.value() + 1, .last = high.value(), .seen = Uptime{}});
}

bool EventWindow::awaits(Net2EventId id) const {
  if (id > high_) return true;
  return std::ranges::any_of(
      holes_, [&](const Hole& hole) { return hole.first <= id.value() && id.value() <= hole.last; });
}

std::vector<EventIds> EventWindow::take(std::span<const Net2EventId> page, Uptime now) {
  if (begins_ == not_known && !page.empty()) begins_ = page.front().value();
  if (std::exchange(reopened_, false)) holes_.front().seen = now;
  for (const auto number : page) {
    const auto id = number.value();
    if (id <= high_.value()) {
      fill(id);
      continue;
    }
    if (id > high_.value() + 1) holes_.push_back({.first = high_.value() + 1, .last = id - 1, .seen = now});
    high_ = number;
  }
  return settle(now);
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

std::vector<EventIds> EventWindow::settle(Uptime now) {
  std::vector<EventIds> given_up;
  std::erase_if(holes_, [&](const Hole& hole) {
    const bool wide = hole.last - hole.first >= widest_hole;
    const bool over = wide || now - hole.seen > patience || high_.value() - hole.first > longest_reread;
    if (over && hole.last >= begins_) given_up.push_back({.first = hole.first, .last = hole.last});
    return over;
  });
  low_ = holes_.empty() ? high_ : Net2EventId(holes_.front().first - 1);
  return given_up;
}

}  // namespace gatehouse
