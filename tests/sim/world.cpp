#include "tests/sim/world.hpp"

namespace gatehouse::sim {

World::World(SiteSeed seed, SiteClock site_clock, std::int64_t first_event_id)
    : clock(std::move(site_clock)), events(first_event_id), sign_in(seed.seed), seed_(seed) {
  populate();
}

void World::populate() {
  doors = make_doors(seed_);
  directory = make_directory(doors);
  people.clear();
  seeded_ = 0;
  add_seeded(seed_.people);
}

int World::add_seeded(int count) {
  const int first = people.next_id();
  add_people(people, seed_, seeded_, count, directory, now_local());
  seeded_ += count;
  return first;
}

void World::become_another(std::uint64_t seed) {
  seed_.seed = seed;
  populate();
  // Another site's controllers have other serials.
  const int moved = 1'000'000 + static_cast<int>(seed % 1000) * 7;
  for (auto& door : doors.all) door.address += moved;
  for (auto& area : directory.areas) area.door += moved;
  events.restart(1);
  unknown_tokens.clear();
  sign_in.forget_all();
}

EventRow World::row_of(const EventDraft& draft, UtcMs at) {
  EventRow row;
  row.at = at;
  row.offset = static_cast<std::int16_t>(clock.offset_minutes(at));
  row.type = static_cast<std::uint16_t>(draft.type);
  row.sub_type = static_cast<std::uint16_t>(draft.sub_type);
  row.address = draft.door;
  row.user = draft.user;
  row.card = draft.card;
  row.linked = draft.linked;
  row.area =
      draft.door ? static_cast<std::uint16_t>(directory.area_of(draft.door, draft.in)) : std::uint16_t{0};
  row.details = events.keep_text(draft.details);
  return row;
}

std::int64_t World::log(const EventDraft& draft) {
  const UtcMs at = clock.now();
  auto* door = draft.door ? doors.find(draft.door) : nullptr;
  const bool server_says = draft.type >= 500;  // a lost controller cannot keep what the server itself logs
  if (door && !door->online && !server_says) {
    door->stored.push_back(row_of(draft, at));
    return 0;
  }
  return log_at(draft, at, true);
}

std::int64_t World::log_at(const EventDraft& draft, UtcMs at, bool live) {
  const auto id = events.append(row_of(draft, at));
  if (live && listener) listener->event_logged(events.rows().back());
  return id;
}

std::int64_t World::log_odd(const EventDraft& draft, const std::string& text, bool duplicate) {
  auto row = row_of(draft, clock.now());
  row.odd = events.keep_text(text);
  if (duplicate) {
    events.append_duplicate(row);
    return events.last_id();
  }
  return events.append(row);
}

void World::set_online(Door& door, bool online) {
  if (door.online == online) return;
  door.online = online;
  log({.type = online ? 501 : 500, .door = door.address});
  if (!online) return;
  auto stored = std::move(door.stored);
  door.stored.clear();
  for (const auto& row : stored) {
    events.append(row);
    if (listener) listener->event_logged(events.rows().back());
  }
}

void World::door_changed(const Door& door) {
  if (listener && door.online) listener->door_changed(door);
}

}  // namespace gatehouse::sim
