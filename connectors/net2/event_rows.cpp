#include "connectors/net2/event_rows.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse {
namespace {

constexpr std::size_t max_words = 1024;
constexpr std::size_t max_unreadable = 100;  ///< of one page; a log full of rubbish must not fill our memory

enum Column : std::size_t { id, time, type, sub_type, description, details, user, address };

int small(const Cell& cell) {
  const auto value = cell.integer();
  const bool fits =
      value && *value >= std::numeric_limits<int>::min() && *value <= std::numeric_limits<int>::max();
  return fits ? static_cast<int>(*value) : 0;
}

/// Of the same id the row that came first goes first.
bool by_id(const ArrivedRow& a, const ArrivedRow& b) {
  return a.event.id != b.event.id ? a.event.id < b.event.id : a.arrival < b.arrival;
}

}  // namespace

RowShape event_shape() {
  return {.members = {"id", "eventTime", "eventType", "eventSubType", "eventDescription", "eventDetails",
                      "userID", "address"},
          .list = {},
          .list_ids = {},
          .max_text = max_words};
}

void EventRows::take(std::vector<Cell>& row) {
  ++seen_;
  const auto number = row[id].integer();
  if (!number || *number <= 0) {
    if (unreadable_.size() < max_unreadable) {
      unreadable_.push_back(
          {std::nullopt, row[id].present ? "its id is no positive number" : "it has no id"});
    }
    return;
  }
  if (last_ && *number > *last_) falling_ = false;
  if (last_ && *number < *last_) rising_ = false;
  last_ = number;
  newest_ = std::max(newest_, *number);
  if (*number <= after_) {
    has_known_ = true;
    return;
  }
  ArrivedRow kept;
  kept.arrival = seen_;
  kept.event.id = Net2EventId(*number);
  kept.event.type = small(row[type]);
  kept.event.sub_type = small(row[sub_type]);
  kept.event.description = row[description].trimmed();
  kept.event.details = row[details].trimmed();
  kept.time = row[time].trimmed();
  const auto door = row[address].integer();
  if (door && *door > 0) kept.event.door = Net2DoorId(*door);
  const auto person = row[user].integer();
  if (person && *person > 0) kept.event.user = Net2UserId(*person);
  kept_.push_back(std::move(kept));
  if (kept_.size() >= 4 * limit_ + 64) shrink();
}

/// The same id twice: the first row of it stays.
void EventRows::shrink() {
  std::sort(kept_.begin(), kept_.end(), by_id);
  const auto same = [](const ArrivedRow& a, const ArrivedRow& b) { return a.event.id == b.event.id; };
  kept_.erase(std::unique(kept_.begin(), kept_.end(), same), kept_.end());
  if (kept_.size() > limit_) {
    left_out_ = true;
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(limit_), kept_.end());
  }
}

std::uint64_t EventRows::holes() const {
  std::vector<std::int64_t> ids;
  ids.reserve(kept_.size());
  for (const auto& row : kept_) ids.push_back(row.event.id.value());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.empty() || after_ <= 0) return 0;
  return static_cast<std::uint64_t>(ids.back() - after_) - ids.size();
}

EventPage EventRows::page(const ServerZone& zone, std::optional<Instant> previous, Instant now) && {
  shrink();
  EventPage page;
  page.full = left_out_;
  page.unreadable = std::move(unreadable_);
  page.events.reserve(kept_.size());
  for (auto& row : kept_) {
    const auto written = parse_net_time(row.time);
    row.event.at_known = written && !is_no_date(*written);
    row.event.at = row.event.at_known ? zone.resolve_after(*written, previous) : now;
    if (row.event.at_known) previous = row.event.at;
    page.events.push_back(std::move(row.event));
  }
  return page;
}

std::optional<std::int64_t> find_row_id(std::string_view broken) {
  const std::string text = lower_case(broken);
  auto at = text.find("\"id\"");
  if (at == std::string::npos) return std::nullopt;
  at = text.find_first_not_of(" \t:\"", at + 4);
  if (at == std::string::npos) return std::nullopt;
  const auto end = text.find_first_not_of("0123456789", at);
  if (end == std::string::npos || end == at) return std::nullopt;
  const Cell digits{.present = true, .null = false, .text = text.substr(at, end - at)};
  return digits.integer();
}

}  // namespace gatehouse
