#include "daemon/app/event_poller.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/core/crash_point.hpp"
#include "daemon/core/event_types.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t page_size = 1000;
constexpr Duration numbering_every = std::chrono::seconds(60);
constexpr Duration late = std::chrono::minutes(2);  ///< older than this when read: it came late

/// All ids that a page settles, ascending: a row that cannot be read is done with, too, and must not be read
/// again and again in front of those behind it.
std::vector<Net2EventId> ids_of(const EventPage& page) {
  std::vector<Net2EventId> ids;
  ids.reserve(page.events.size() + page.unreadable.size());
  for (const auto& event : page.events) ids.push_back(event.id);
  for (const auto& row : page.unreadable) {
    if (row.id) ids.push_back(*row.id);
  }
  std::ranges::sort(ids);
  return ids;
}

/// Of the rows whose id cannot be made out; 0: there are none.
std::uint64_t hash_nameless(const EventPage& page) {
  std::uint64_t hash = 0;
  for (const auto& row : page.unreadable) {
    if (!row.id) hash = hash_text(row.why, hash);
  }
  return hash;
}

}  // namespace

EventPoller::EventPoller(IntegrationId integration, std::optional<Duration> events_from, Parts parts)
    : id_(std::move(integration)), events_from_(events_from), parts_(std::move(parts)) {}

Task<Result<PollReport>> EventPoller::poll() {
  const bool was_catching_up = std::exchange(catching_up_, true);  // until this poll has come through
  auto same = co_await parts_.identity.confirm();
  if (!same) co_return same.error();
  if (!cursor_) {
    auto loaded = co_await load();
    if (!loaded) co_return loaded.error();
  }
  const auto generation = cursor_->generation;
  auto stands = co_await check_numbering();
  if (!stands) co_return stands.error();
  const bool anew = cursor_->generation != generation;

  EventQuery query{.after = window_.low(), .since = cursor_->last_at, .limit = page_size};
  crash_point("poll.read.before");
  auto page = co_await parts_.source.read_events(query);
  crash_point("poll.read.after");
  if (!page) co_return within("read events", page.error());
  if (!parts_.identity.still_confirmed()) {
    auto again = co_await parts_.identity.confirm();
    if (!again) co_return again.error();
  }
  if (numbered_on_ != parts_.source.connections()) {
    // Over a new connection the ids may mean other events: a restored or replaced database.
    const auto read_under = cursor_->generation;
    auto still = co_await check_numbering();
    if (!still) co_return still.error();
    if (cursor_->generation != read_under)
      co_return PollReport{.fresh = 0, .more = true, .last_at = cursor_->last_at};
  }
  catching_up_ = was_catching_up || anew;
  auto committed = co_await commit(std::move(*page));
  catching_up_ = !committed || (catching_up_ && committed->more);
  co_return committed;
}

Task<Result<void>> EventPoller::load() {
  auto cursor = co_await parts_.store.event_cursor(id_);
  if (!cursor) co_return within("load the event cursor", cursor.error());
  cursor_ = *cursor;
  window_ = EventWindow(cursor_->low, cursor_->high);
  if (cursor_->started) co_return Result<void>{};
  auto begun = co_await begin();
  if (!begun) cursor_.reset();
  co_return begun;
}

/// The first start of all: from now, or from the first event of the time that was asked for.
Task<Result<void>> EventPoller::begin() {
  auto newest = co_await parts_.source.read_newest_event();
  if (!newest) co_return within("find the newest event", newest.error());
  Net2EventId start((*newest) ? (*newest)->id.value() : 0);
  if (events_from_ && *newest) {
    auto first = co_await parts_.source.read_first_event_since(parts_.clock.now() - *events_from_);
    if (!first) co_return within("find the first event", first.error());
    if (*first) start = Net2EventId((*first)->id.value() - 1);
  }
  EventCommit commit;
  commit.integration = id_;
  commit.after =
      EventCursor{.started = true,
                  .generation = cursor_->generation,
                  .low = start,
                  .high = start,
                  .last_at = *newest && !events_from_ ? std::optional((*newest)->at) : std::nullopt};
  const EventCursor begun = commit.after;
  auto saved = co_await parts_.store.commit_events(std::move(commit));
  if (!saved) co_return within("keep the event cursor", saved.error());
  cursor_ = begun;
  window_ = EventWindow(start, start);
  co_return Result<void>{};
}

Task<Result<void>> EventPoller::check_numbering() {
  const auto now = parts_.clock.uptime();
  const auto connection = parts_.source.connections();
  if (numbered_on_ == connection && now < next_check_) co_return Result<void>{};
  auto stands = co_await numbering_stands();
  if (!stands) co_return stands.error();
  if (!*stands) {
    auto first = co_await parts_.source.read_first_event_since(
        cursor_->last_at ? *cursor_->last_at + Duration{1} : parts_.clock.now());
    if (!first) co_return within("find where the new numbering goes on", first.error());
    auto newest = co_await parts_.source.read_newest_event();
    if (!newest) co_return within("find the newest event", newest.error());
    std::int64_t start = *newest ? (*newest)->id.value() : 0;
    if (*first) start = (*first)->id.value() - 1;
    EventCommit commit;
    commit.integration = id_;
    commit.after = EventCursor{.started = true,
                               .generation = cursor_->generation + 1,
                               .low = Net2EventId(start),
                               .high = Net2EventId(start),
                               .last_at = cursor_->last_at};
    Gap gap;
    gap.cause = "net2_numbering";
    gap.detail = id_.value() + ": Net2's event numbers started over below " +
                 std::to_string(cursor_->high.value()) + "; what it had not given until then is gone";
    commit.gaps.push_back(std::move(gap));
    const EventCursor begun = commit.after;
    auto saved = co_await parts_.store.commit_events(std::move(commit));
    if (!saved) co_return within("keep the new generation of event numbers", saved.error());
    parts_.log.write(Level::warning,
                     "Net2's event numbers started over: generation " + std::to_string(begun.generation) +
                         " begins after " + std::to_string(start),
                     {{"INTEGRATION", id_.value()}});
    cursor_ = begun;
    window_ = EventWindow(begun.low, begun.high);
    parts_.news();
  }
  numbered_on_ = connection;
  next_check_ = now + numbering_every;
  co_return Result<void>{};
}

/// The newest id is no less than ours, and our last event is still the one that we know.
Task<Result<bool>> EventPoller::numbering_stands() {
  if (cursor_->high.value() == 0) co_return true;
  auto newest = co_await parts_.source.read_newest_event();
  if (!newest) co_return within("find the newest event", newest.error());
  if (!*newest) co_return true;  // an empty log: archived; the next event will tell
  const bool below = (*newest)->id < cursor_->high;
  if (!cursor_->last_at) co_return !below;
  if (!below && numbered_on_ == parts_.source.connections()) co_return true;
  EventQuery query{.after = Net2EventId(cursor_->high.value() - 1), .since = cursor_->last_at, .limit = 1};
  auto page = co_await parts_.source.read_events(query);
  if (!page) co_return within("read the last event again", page.error());
  if (page->events.empty() || page->events.front().id != cursor_->high) co_return !below;  // purged by Net2
  const auto& same = page->events.front();
  co_return !same.at_known || same.at == *cursor_->last_at;
}

Task<Result<PollReport>> EventPoller::commit(EventPage page) {
  PollReport report;
  const auto now = parts_.clock.now();
  const auto nameless = hash_nameless(page);
  EventCommit commit;
  commit.integration = id_;
  if (auto gap = unreadable_gap(page, nameless)) commit.gaps.push_back(std::move(*gap));

  const EventWindow before = window_;
  const auto ids = ids_of(page);
  window_.take(ids, parts_.clock.uptime());
  commit.after = EventCursor{.started = true,
                             .generation = cursor_->generation,
                             .low = window_.low(),
                             .high = window_.high(),
                             .last_at = cursor_->last_at};
  commit.events.reserve(page.events.size());
  for (auto& event : page.events) {
    if (event.id == window_.high() && event.at_known) commit.after.last_at = event.at;
    const bool catch_up = catching_up_ || now - event.at > late;
    commit.events.push_back({.event = std::move(event), .catch_up = catch_up});
  }

  if (parts_.witness != nullptr) parts_.witness->name_presence_doors(commit);
  const auto witnessed = for_witness(commit);
  const EventCursor after = commit.after;
  const bool moved = after.low != cursor_->low || after.high != cursor_->high;
  const std::string named = commit.gaps.empty() ? std::string() : commit.gaps.front().detail;
  auto fresh = co_await parts_.store.commit_events(std::move(commit));
  if (!fresh) {
    window_ = before;
    if (fresh.error().code == Errc::storage_full) parts_.news();  // alarms are let in all the same
    co_return within("keep the events", fresh.error());
  }
  cursor_ = after;
  if (nameless != 0) nameless_told_ = nameless;
  if (!named.empty()) {
    parts_.log.write(Level::warning, "Net2 gave event rows that cannot be read: " + named,
                     {{"INTEGRATION", id_.value()}});
  }
  if (!witnessed.empty()) parts_.witness->on_door_events(id_, witnessed);
  if (*fresh != 0 || !named.empty()) parts_.news();
  report.fresh = *fresh;
  report.more = page.full && (*fresh != 0 || moved);
  report.last_at = cursor_->last_at;
  co_return report;
}

std::vector<EventCommit::Item> EventPoller::for_witness(const EventCommit& commit) const {
  std::vector<EventCommit::Item> items;
  if (parts_.witness == nullptr) return items;
  for (const auto& item : commit.events) {
    const auto* type = find_event_type(item.event.type);
    if (!item.catch_up && type != nullptr && type->group == EventGroup::door) items.push_back(item);
  }
  return items;
}

/// Rows that Net2 gave and nobody can read are named once, not at each poll that sees them again.
std::optional<Gap> EventPoller::unreadable_gap(const EventPage& page, std::uint64_t nameless) const {
  Gap gap;
  for (const auto& row : page.unreadable) {
    const bool news = row.id ? window_.awaits(*row.id) : nameless != nameless_told_;
    if (!news) continue;
    if (gap.count++ == 0) gap.detail = id_.value() + ": " + row.why;
  }
  if (gap.count == 0) return std::nullopt;
  gap.cause = "unreadable";
  return gap;
}

}  // namespace gatehouse
