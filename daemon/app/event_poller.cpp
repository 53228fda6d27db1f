#include "daemon/app/event_poller.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/core/crash_point.hpp"
#include "daemon/core/event_signs.hpp"
#include "daemon/core/event_types.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t page_size = 1000;
constexpr Duration numbering_every = std::chrono::seconds(5);  ///< where the last event cannot be read again

/// For the people of what may be another database; alarms wait no longer.
constexpr Duration people_patience = std::chrono::seconds(10);

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
  const auto began = parts_.clock.uptime();
  auto report = co_await read_and_keep();
  if (!report) {
    if (!failing_since_) failing_since_ = began;
  } else if (!report->more && !report->held) {
    failing_since_.reset();
    behind_ = false;
  }
  co_return report;
}

Task<Result<PollReport>> EventPoller::read_and_keep() {
  auto same = co_await parts_.identity.confirm();
  if (!same) co_return same.error();
  if (!cursor_) {
    auto loaded = co_await load();
    if (!loaded) co_return loaded.error();
  }
  if (people_awaited()) co_return PollReport{.held = true, .last_at = cursor_->last_at};
  // The last known event is read again with those after it: it tells whether the ids still mean the same.
  EventQuery query{.after = window_.low(), .since = last_time(), .limit = page_size};
  if (last_readable_ && window_.high().value() > 0)
    query.after = std::min(query.after, Net2EventId(window_.high().value() - 1));
  crash_point("poll.read.before");
  auto page = co_await parts_.source.read_events(query);
  crash_point("poll.read.after");
  if (!page) co_return within("read events", page.error());
  const auto last = look_for_last(*page);
  if (page->full && query.after != window_.low() && !brings_news(*page)) {
    query.after = window_.low();  // the server, or a row that is no JSON, leaves no room behind that event
    auto next = co_await parts_.source.read_events(query);
    if (!next) co_return within("read events", next.error());
    page = std::move(next);
  }
  if (!parts_.identity.still_confirmed()) {
    auto again = co_await parts_.identity.confirm();
    if (!again) co_return again.error();
  }
  auto stands = co_await numbering_stands(last);
  if (!stands) co_return stands.error();
  const auto takeovers = parts_.identity.takeovers();
  const bool taken_over = takeovers_ != takeovers;
  if (!*stands || taken_over) {
    auto begun = co_await begin_generation();
    if (!begun) co_return begun.error();
    takeovers_ = takeovers;
    if (!taken_over) parts_.identity.doubt_people();  // perhaps it is another database
    co_return PollReport{.fresh = 0, .more = true, .last_at = cursor_->last_at};
  }
  auto committed = co_await commit(std::move(*page));
  co_return committed;
}

Task<Result<void>> EventPoller::load() {
  auto cursor = co_await parts_.store.event_cursor(id_);
  if (!cursor) co_return within("load the event cursor", cursor.error());
  cursor_ = *cursor;
  cursor_kept_ = false;
  window_ = EventWindow(cursor_->low, cursor_->high);
  read_last_time_anew();
  if (cursor_->started) co_return Result<void>{};
  auto begun = co_await begin();
  if (!begun) cursor_.reset();
  co_return begun;
}

/// Where the zone is set otherwise since: Net2 says the same wall time of its last event, whatever we took it
/// for. If it says an offset with it, no zone was ever asked. Which of the two it is, that event tells.
void EventPoller::read_last_time_anew() {
  last_in_our_zone_.reset();
  if (!cursor_->last_at || cursor_->zone.empty() || cursor_->zone == parts_.zone || !parts_.zones) return;
  const auto was = parts_.zones(cursor_->zone);
  const auto is = parts_.zones(parts_.zone);
  if (was && is) last_in_our_zone_ = is->first_instant_of(was->local(*cursor_->last_at));
}

/// Nothing that came since can have been before it.
std::optional<Instant> EventPoller::last_time() const {
  return last_in_our_zone_ ? std::min(*last_in_our_zone_, *cursor_->last_at) : cursor_->last_at;
}

bool EventPoller::is_last_event(Instant at) const {
  return is_known_event(*cursor_->last_at, at) ||
         (last_in_our_zone_ && is_known_event(*last_in_our_zone_, at));
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
                  .last_at = *newest && !events_from_ ? std::optional((*newest)->at) : std::nullopt,
                  .zone = parts_.zone};
  const EventCursor begun = commit.after;
  auto saved = co_await parts_.store.commit_events(std::move(commit));
  if (!saved) co_return within("keep the event cursor", saved.error());
  cursor_ = begun;
  window_ = EventWindow(start, start);
  co_return Result<void>{};
}

EventPoller::LastEvent EventPoller::look_for_last(const EventPage& page) {
  const auto event = std::ranges::find(page.events, cursor_->high, &Net2Event::id);
  if (event != page.events.end()) {
    const bool comparable = last_readable_ && event->at_known && cursor_->last_at;
    if (!comparable) return LastEvent::known;
    if (!is_last_event(event->at)) return LastEvent::another;
    if (cursor_->zone != parts_.zone) {
      cursor_->last_at = event->at;
      cursor_->zone = parts_.zone;
      cursor_kept_ = false;
      last_in_our_zone_.reset();
    }
    return LastEvent::known;
  }
  const bool there = std::ranges::find(page.unreadable, std::optional(cursor_->high), &UnreadableEvent::id) !=
                     page.unreadable.end();
  if (there) last_readable_ = false;  // asked for again it would stand in the way of what follows
  return there ? LastEvent::known : LastEvent::gone;
}

Task<Result<bool>> EventPoller::numbering_stands(LastEvent last) {
  if (cursor_->high.value() == 0) co_return true;
  const auto connection = parts_.source.connections();
  if (last != LastEvent::gone) {
    last_there_ = true;
    numbered_on_ = connection;
    co_return last == LastEvent::known;
  }
  // Purged by Net2, or its numbers are below it: the newest one tells. An empty log was archived, and the
  // next event will tell.
  const auto now = parts_.clock.uptime();
  if (!last_there_ && numbered_on_ == connection && now < next_check_) co_return true;
  auto newest = co_await parts_.source.read_newest_event();
  if (!newest) co_return within("find the newest event", newest.error());
  const bool stands = !*newest || (*newest)->id >= cursor_->high;
  if (!stands) co_return false;
  last_there_ = false;
  numbered_on_ = connection;
  next_check_ = now + numbering_every;
  co_return true;
}

/// The numbers have started over: goes on with what Net2 has given since the last known event.
Task<Result<void>> EventPoller::begin_generation() {
  auto first = co_await parts_.source.read_first_event_since(cursor_->last_at ? *last_time() + Duration{1}
                                                                              : parts_.clock.now());
  if (!first) co_return within("find where the new numbering goes on", first.error());
  auto newest = co_await parts_.source.read_newest_event();
  if (!newest) co_return within("find the newest event", newest.error());
  EventCommit commit;
  commit.integration = id_;
  commit.after = EventCursor{.started = true,
                             .generation = cursor_->generation + 1,
                             .low = Net2EventId(0),
                             .high = Net2EventId(0),
                             .last_at = cursor_->last_at,
                             .zone = cursor_->zone};
  if (*first) {
    commit.after.high = Net2EventId((*first)->id.value() - 1);
  } else if (*newest) {
    commit.after.high = (*newest)->id;
    if ((*newest)->at_known) {
      commit.after.last_at = (*newest)->at;
      commit.after.zone = parts_.zone;
    }
  }
  commit.after.low = commit.after.high;
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
                       " begins after " + std::to_string(begun.high.value()),
                   {{"INTEGRATION", id_.value()}});
  if (begun.last_at != cursor_->last_at) last_in_our_zone_.reset();
  cursor_ = begun;
  window_ = EventWindow(begun.low, begun.high);
  last_readable_ = !*first;  // `last_at` is the old numbering's
  behind_ = true;
  parts_.news();
  co_return Result<void>{};
}

bool EventPoller::people_awaited() {
  const auto now = parts_.clock.uptime();
  if (parts_.identity.people() != ServerIdentity::People::unsure) {
    unsure_since_.reset();
    return false;
  }
  if (!unsure_since_) unsure_since_ = now;
  return now - *unsure_since_ < people_patience;
}

Task<Result<PollReport>> EventPoller::commit(EventPage page) {
  PollReport report;
  const auto now = parts_.clock.now();
  const auto nameless = hash_nameless(page);
  EventCommit commit;
  commit.integration = id_;
  if (auto gap = unreadable_gap(page, nameless)) commit.gaps.push_back(std::move(*gap));

  std::erase_if(page.events, [&](const Net2Event& event) { return !window_.awaits(event.id); });
  const EventWindow before = window_;
  const auto ids = ids_of(page);
  auto given_up = window_.take(ids, parts_.clock.uptime());
  if (auto gap = missing_gap(std::move(given_up))) commit.gaps.push_back(std::move(*gap));
  commit.after = EventCursor{.started = true,
                             .generation = cursor_->generation,
                             .low = window_.low(),
                             .high = window_.high(),
                             .last_at = cursor_->last_at,
                             .zone = cursor_->zone};
  commit.events.reserve(page.events.size());
  const Duration failed_for = failing_since_ ? parts_.clock.uptime() - *failing_since_ : Duration{0};
  for (auto& event : page.events) {
    if (event.id == window_.high() && event.at_known) {
      commit.after.last_at = event.at;
      commit.after.zone = parts_.zone;
    }
    const bool catch_up = behind_ || is_read_late(now - event.at, failed_for);
    commit.events.push_back({.event = std::move(event), .catch_up = catch_up});
  }

  commit.nameless = parts_.identity.people() != ServerIdentity::People::known;
  if (parts_.witness != nullptr) parts_.witness->name_presence_doors(commit);
  const auto witnessed = for_witness(commit);
  const EventCursor after = commit.after;
  const bool moved = after.low != cursor_->low || after.high != cursor_->high;
  if (cursor_kept_ && after == *cursor_ && commit.events.empty() && commit.gaps.empty()) {
    report.last_at = after.last_at;  // the store has nothing to do, and is not woken for it
    co_return report;
  }
  const bool last_is_unreadable = std::ranges::find(page.unreadable, std::optional(after.high),
                                                    &UnreadableEvent::id) != page.unreadable.end();
  std::string named;
  for (const auto& gap : commit.gaps) named += (named.empty() ? "" : "; ") + gap.detail;
  auto fresh = co_await parts_.store.commit_events(std::move(commit));
  if (!fresh) {
    window_ = before;
    if (fresh.error().code == Errc::storage_full) parts_.news();  // alarms are let in all the same
    co_return within("keep the events", fresh.error());
  }
  if (after.high != cursor_->high) last_readable_ = true;
  if (after.last_at != cursor_->last_at) last_in_our_zone_.reset();
  if (last_is_unreadable) last_readable_ = false;
  cursor_ = after;
  cursor_kept_ = true;
  if (nameless != 0) nameless_told_ = nameless;
  if (!named.empty()) {
    parts_.log.write(Level::warning, "events that will not come: " + named, {{"INTEGRATION", id_.value()}});
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
    if (type != nullptr && type->group == EventGroup::door) items.push_back(item);
  }
  return items;
}

/// Rows that nobody can read and whose ids are settled say nothing new; nor does a nameless one that was
/// told.
bool EventPoller::brings_news(const EventPage& page) const {
  const auto awaited = [&](const auto& row) { return window_.awaits(row.id); };
  if (std::ranges::any_of(page.events, awaited)) return true;
  return std::ranges::any_of(page.unreadable,
                             [&](const UnreadableEvent& row) { return !row.id || window_.awaits(*row.id); });
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

std::optional<Gap> EventPoller::missing_gap(std::vector<EventIds> given_up) const {
  if (given_up.empty()) return std::nullopt;
  const auto& run = given_up.front();
  Gap gap;
  gap.cause = "net2_missing";
  gap.count = count_ids(given_up);
  gap.detail = id_.value() + ": Net2 gave no event " + std::to_string(run.first);
  if (run.last != run.first) gap.detail += " to " + std::to_string(run.last);
  if (given_up.size() > 1) gap.detail += " and others";
  gap.detail += ": archived, purged or never made";
  gap.events = MissingEvents{
      .integration = id_.value(), .generation = cursor_->generation, .ids = std::move(given_up)};
  return gap;
}

}  // namespace gatehouse
