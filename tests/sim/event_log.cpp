#include "tests/sim/event_log.hpp"

#include <algorithm>

namespace gatehouse::sim {

void EventLog::note(const EventRow& row) {
  latest_.push_back(latest_.empty() ? row.local() : std::max(latest_.back(), row.local()));
  rows_.push_back(row);
}

std::int64_t EventLog::append(EventRow row) {
  row.id = next_id_++;
  note(row);
  return row.id;
}

void EventLog::append_duplicate(EventRow row) {
  row.id = last_id();
  note(row);
}

std::size_t EventLog::first_from(std::int64_t id) const {
  const auto at = std::lower_bound(rows_.begin(), rows_.end(), id,
                                   [](const EventRow& row, std::int64_t wanted) { return row.id < wanted; });
  return static_cast<std::size_t>(at - rows_.begin());
}

std::size_t EventLog::first_not_before(LocalMs at) const {
  return static_cast<std::size_t>(std::lower_bound(latest_.begin(), latest_.end(), at) - latest_.begin());
}

std::uint32_t EventLog::keep_text(const std::string& text) {
  if (text.empty()) return 0;
  const auto [at, is_new] = known_texts_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(text);
  return at->second;
}

void EventLog::restart(std::int64_t first_id) {
  rows_.clear();
  latest_.clear();
  next_id_ = first_id;
}

}  // namespace gatehouse::sim
