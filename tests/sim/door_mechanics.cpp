#include "tests/sim/door_mechanics.hpp"

#include <algorithm>
#include <chrono>

#include "tests/sim/event_types.hpp"

namespace gatehouse::sim {

DoorMechanics::Timers& DoorMechanics::timers(const Door& door) {
  return timers_.try_emplace(door.address, executor_).first->second;
}

template <typename Step>
void DoorMechanics::after(boost::asio::steady_timer& timer, std::int64_t delay, int address, Step step) {
  timer.expires_after(std::chrono::milliseconds(delay));
  timer.async_wait([this, address, step](boost::system::error_code cancelled) {
    // The door may be gone by then: the simulator can become another server.
    auto* door = cancelled ? nullptr : world_.doors.find(address);
    if (door) step(*door);
  });
}

void DoorMechanics::set_leaf(Door& door, bool open) {
  if (door.leaf_open == open) return;
  door.leaf_open = open;
  world_.log({.type = open ? 46 : 47, .door = door.address});
  world_.door_changed(door);
}

void DoorMechanics::relock(Door& door, int sub_type) {
  if (!door.relay_open) return;
  door.relay_open = false;
  world_.log({.type = 29, .sub_type = sub_type, .door = door.address});
  world_.door_changed(door);
}

void DoorMechanics::release(Door& door, int sub_type, std::optional<std::int64_t> open_time) {
  const auto span = std::max<std::int64_t>(1, open_time.value_or(door.momentary ? 500 : door.open_time));
  ++door.opens;
  door.relay_open = true;
  world_.log({.type = 28, .sub_type = sub_type, .door = door.address});
  world_.door_changed(door);
  auto& timer = timers(door);
  if (!door.hold) after(timer.relock, span, door.address, [this](Door& it) { relock(it, 0); });
  if (!door.contact || !world_.switches.walk_through) return;
  if (door.momentary) {
    after(timer.leaf, span / 2, door.address, [this](Door& it) { set_leaf(it, !it.leaf_open); });
    return;
  }
  after(timer.leaf, std::min<std::int64_t>(800, span / 5), door.address, [this, span](Door& it) {
    set_leaf(it, true);
    after(timers(it).leaf, std::min<std::int64_t>(2500, span / 2), it.address,
          [this](Door& again) { set_leaf(again, false); });
  });
}

void DoorMechanics::hold(Door& door, int sub_type) {
  ++door.opens;
  door.hold = true;
  door.relay_open = true;
  timers(door).relock.cancel();
  world_.log({.type = 28, .sub_type = sub_type, .door = door.address});
  world_.door_changed(door);
}

void DoorMechanics::close(Door& door, int sub_type) {
  auto& timer = timers(door);
  timer.relock.cancel();
  timer.leaf.cancel();
  timer.alarm.cancel();
  door.hold = false;
  set_leaf(door, false);
  relock(door, sub_type);
}

void DoorMechanics::force(Door& door) {
  world_.log({.type = 92, .door = door.address});
  door.alarm_tripped = true;
  set_leaf(door, true);
}

void DoorMechanics::leave_open(Door& door, std::int64_t until_alarm) {
  release(door, 62, std::nullopt);
  auto& timer = timers(door);
  timer.leaf.cancel();
  set_leaf(door, true);
  after(timer.alarm, until_alarm, door.address, [this](Door& it) {
    if (it.leaf_open) world_.log({.type = 93, .door = it.address});
  });
}

std::int64_t DoorMechanics::swipe(const Swipe& swipe, bool moves) {
  auto* door = world_.doors.find(swipe.door);
  if (!door) return 0;
  const auto* person = swipe.user ? world_.people.find(swipe.user) : world_.people.holder(swipe.card);
  const Card* card = nullptr;
  if (person) {
    for (const auto& held : person->cards) {
      if (swipe.card.empty() ? !card : card_key(held.value) == card_key(swipe.card)) card = &held;
    }
  }
  auto verdict = decide_at_reader(world_, *door, person, card, swipe.in);
  if (swipe.type) verdict = {*swipe.type, 0};
  const auto number = to_integer(card ? card->value : swipe.card).value_or(0);
  const auto text = std::string(sub_type_text(verdict.sub_type));
  const int person_id = person ? person->id : 0;
  const auto id = world_.log({.type = verdict.type,
                              .sub_type = verdict.sub_type,
                              .door = door->address,
                              .user = person_id,
                              .card = number,
                              .in = swipe.in,
                              .details = text});
  if (!person && number != 0) {
    world_.unknown_tokens.push_front(
        {world_.now_local(), door->name + (swipe.in ? " (In)" : " (Out)"), number});
    if (world_.unknown_tokens.size() > 50) world_.unknown_tokens.pop_back();
  }
  const auto* known = find_event_type(verdict.type);
  if (!known || known->group != "granted") return id;
  world_.people.note_access(person_id, world_.now_local(), world_.directory.area_of(door->address, swipe.in));
  if (moves) release(*door, 0, std::nullopt);
  return id;
}

ReaderVerdict decide_at_reader(const World& world, const Door& door, const Person* person, const Card* card,
                               bool in) {
  if (!person || !card) return {23, 22};
  if (card->lost) return {23, 72};
  const auto now = world.now_local();
  if ((person->activates && now < *person->activates) || (person->expires && now >= *person->expires))
    return {23, 70};
  if (door.lockdown || world.lockdown)
    return person->lockdown_exempt ? ReaderVerdict{113, 0} : ReaderVerdict{112, 0};
  const int area = world.directory.area_of(door.address, in);
  constexpr std::int64_t day = 86'400'000;
  const auto days = now / day;
  const int weekday = static_cast<int>((days + 3) % 7) + 1;  // 1970-01-01 was a Thursday
  const int minute = static_cast<int>(now % day / 60'000);
  const auto within = [&](int timezone) {
    const auto* zone = world.directory.timezone(timezone);
    return zone && std::any_of(zone->slots.begin(), zone->slots.end(), [&](const TimeSlot& slot) {
             return slot.day == weekday && minute >= slot.begin && minute < slot.end;
           });
  };
  for (const int id : person->levels) {
    const auto* level = world.directory.level(id);
    if (!level) continue;
    for (const auto& row : level->rows) {
      if (row.area == area && within(row.timezone)) return {card->type == 7 ? 30 : 20, 0};
    }
  }
  for (const auto& own : person->individual) {
    if (own.area == area && within(own.timezone)) return {20, 0};
  }
  return {23, person->individual.empty() ? 20 : 21};
}

}  // namespace gatehouse::sim
