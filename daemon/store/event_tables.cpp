#include "daemon/store/event_tables.hpp"

#include <algorithm>

#include "daemon/core/event_types.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

/// What nobody can wait for, however full the disk is.
bool is_urgent(const Net2Event& event) {
  return !alarm_kind(event.type).empty() || net2_lockdown(event.type).has_value();
}

bool is_granted(const Net2Event& event) {
  const EventType* type = find_event_type(event.type);
  return type != nullptr && type->group == EventGroup::granted;
}

}  // namespace

EventCursor EventTables::cursor(const IntegrationId& integration) {
  const auto key = parts_.keys.find(integration);
  if (!key) return {};
  Statement found = db_.use(
      "SELECT generation, low, high, last_at, zone FROM event_cursor WHERE integration = ?");  // the key
  if (!found.bind(*key).step()) {
    EventCursor fresh;
    // Of an integration that was removed and is back (PlanTables::forget).
    Statement left = db_.use("SELECT value FROM meta WHERE key = 'generation/' || ?");  // the key: one row
    if (left.bind(integration.value()).step()) fresh.generation = std::stoll(left.text(0));
    return fresh;
  }
  return {.started = true,
          .generation = found.integer(0),
          .low = Net2EventId(found.integer(1)),
          .high = Net2EventId(found.integer(2)),
          .last_at = from_ms(found.maybe_integer(3)),
          .zone = found.text(4)};
}

std::size_t EventTables::commit(const EventCommit& commit) {
  const std::int64_t key = parts_.keys.make(commit.integration);
  std::size_t added = 0;
  for (const auto& item : commit.events) added += add(key, commit, item) ? 1 : 0;
  for (const auto& gap : commit.gaps) parts_.outbox.append_gap(gap);
  EventCursor after = commit.after;
  after.started = true;
  if (after != cursor(commit.integration)) {
    db_.use(
           "INSERT OR REPLACE INTO event_cursor (integration, generation, low, high, last_at, zone)"
           " VALUES (?, ?, ?, ?, ?, ?)")
        .bind(key, after.generation, after.low.value(), after.high.value(), to_ms(after.last_at), after.zone)
        .run();
  }
  return added;
}

std::size_t EventTables::commit_urgent(const EventCommit& commit) {
  const std::int64_t key = parts_.keys.make(commit.integration);
  std::size_t added = 0;
  for (const auto& item : commit.events) {
    if (!is_urgent(item.event)) continue;
    added += add(key, commit, item) ? 1 : 0;
  }
  return added;
}

bool EventTables::has_urgent(const EventCommit& commit) {
  return std::ranges::any_of(commit.events,
                             [](const EventCommit::Item& item) { return is_urgent(item.event); });
}

bool EventTables::add(std::int64_t key, const EventCommit& commit, const EventCommit::Item& item) {
  const Net2Event& event = item.event;
  std::optional<std::int64_t> door;
  if (event.door) door = event.door->value();
  std::optional<std::int64_t> user;
  if (event.user) user = event.user->value();
  const auto rows =
      db_.use(
             "INSERT INTO event (integration, generation, id, at, at_known, type, sub_type, door,"
             " user, catch_up, description, details, nameless)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
             " ON CONFLICT (integration, generation, id) DO NOTHING")
          .bind(key, commit.after.generation, event.id.value(), to_ms(event.at), event.at_known, event.type,
                event.sub_type, door, user, item.catch_up, event.description, event.details, commit.nameless)
          .run();
  if (rows == 0) return false;
  const auto person = commit.nameless ? std::nullopt : person_of(key, event);
  parts_.outbox.append(event_message(event, {.integration = commit.integration,
                                             .generation = commit.after.generation,
                                             .person = person,
                                             .catch_up = item.catch_up}));
  if (const auto on = net2_lockdown(event.type)) {
    parts_.presence.set_net2_lockdown(key, commit.after.generation, event.id, *on);
  }
  note_presence(commit, event, person);
  return true;
}

void EventTables::note_presence(const EventCommit& commit, const Net2Event& event,
                                const std::optional<PersonId>& id) {
  if (!id || !event.door || !event.at_known || !is_granted(event)) return;
  const auto says =
      std::ranges::find(commit.presence, *event.door, &std::pair<Net2DoorId, DoorPresence>::first);
  if (says == commit.presence.end() || says->second == DoorPresence::none) return;
  const auto person = parts_.people.load(id->value());
  if (!person) return;
  const auto before = parts_.presence.of(*id);
  // A sign-in that a wrong clock wrote for days to come is no later than this.
  const bool wrong = before && before->access_point && before->at > clock_.now();
  if (before && event.at < before->at && !wrong) return;
  const auto site = commit.presence_sites.find(*event.door);
  const Presence now{.person = *id,
                     .site = site != commit.presence_sites.end() ? site->second : SiteId(person->facts.site),
                     .on_site = says->second == DoorPresence::onsite,
                     .at = event.at,
                     .access_point = std::nullopt,
                     .door = DoorId{commit.integration, *event.door},
                     .evidence = event_name(commit.integration, commit.after.generation, event.id)};
  parts_.presence.save(now);
  parts_.outbox.append(presence_message(now, PresenceOutcome{}, clock_.new_id(), event.at));
}

std::optional<PersonId> EventTables::person_of(std::int64_t key, const Net2Event& event) {
  if (!event.user) return std::nullopt;
  Statement found = db_.use("SELECT person FROM record WHERE integration = ? AND number = ?");  // the key
  if (!found.bind(key, event.user->value()).step() || found.is_null(0)) return std::nullopt;
  return PersonId(found.text(0));
}

std::size_t EventTables::prune(Instant before, std::size_t at_most) {
  return static_cast<std::size_t>(
      db_.use("DELETE FROM event WHERE (integration, generation, id) IN ("
              " SELECT event.integration, event.generation, event.id FROM event"
              " JOIN event_cursor AS cursor ON cursor.integration = event.integration"
              " WHERE event.at < ? AND (event.generation < cursor.generation"
              "  OR (event.generation = cursor.generation AND event.id <= cursor.low))"
              " ORDER BY event.at LIMIT ?)")
          .bind(to_ms(before), at_most)
          .run());
}

}  // namespace gatehouse
