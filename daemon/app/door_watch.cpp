#include "daemon/app/door_watch.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace gatehouse {
namespace {

constexpr int door_opened = 28;
constexpr int with_network_instruction = 61;
/// How much earlier than our request an event that was read late may say that it happened: two clocks.
constexpr Duration clocks_apart = std::chrono::seconds(2);

}  // namespace

std::uint64_t DoorWatch::asked(const DoorId& door, std::string owner) {
  Watch watch;
  watch.number = ++last_;
  watch.door = door;
  watch.owner = std::move(owner);
  watch.asked = clock_.uptime();
  watch.asked_at = clock_.now();
  watches_.push_back(std::move(watch));
  return last_;
}

bool DoorWatch::answered(std::uint64_t number, DoorCommandState state, Duration window) {
  const auto watch = std::ranges::find(watches_, number, &Watch::number);
  if (watch == watches_.end()) return false;
  if (state == DoorCommandState::failed || state == DoorCommandState::not_sent) {
    watches_.erase(watch);
    return false;
  }
  // One that ended `unknown` may have moved the door: it stays, so that its signs go to nobody else.
  watch->until = clock_.uptime() + window;
  watch->sent = state == DoorCommandState::sent;
  return watch->sent && (watch->by_event || watch->by_relay);
}

void DoorWatch::on_events(const IntegrationId& integration, const std::vector<EventCommit::Item>& events) {
  for (const auto& item : events) {
    const auto& event = item.event;
    if (event.type != door_opened || event.sub_type != with_network_instruction || !event.door) continue;
    take_event(DoorId{integration, *event.door}, item);
  }
}

void DoorWatch::take_event(const DoorId& door, const EventCommit::Item& item) {
  for (auto& watch : watches_) {
    if (watch.door != door || watch.by_event || over(watch)) continue;
    // What is read after an interruption may be of a command long ago.
    const bool old = item.catch_up && (!item.event.at_known || item.event.at < watch.asked_at - clocks_apart);
    if (old) return;
    confirm(watch, &Watch::by_event);
    return;
  }
}

void DoorWatch::on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status) {
  for (const auto& one : status) {
    const DoorId door{integration, one.id};
    const auto before = relays_.find(door);
    if (before != relays_.end() && !before->second.open && one.relay_open)
      take_relay(door, before->second.seen);
    relays_.insert_or_assign(door, Relay{one.relay_open, clock_.uptime()});
  }
}

/// The first that was asked after the relay had been seen closed, else the last one before.
void DoorWatch::take_relay(const DoorId& door, Uptime closed_at) {
  Watch* chosen = nullptr;
  for (auto& watch : watches_) {
    if (watch.door != door || watch.by_relay || over(watch)) continue;
    chosen = &watch;
    if (watch.asked >= closed_at) break;
  }
  if (chosen != nullptr) confirm(*chosen, &Watch::by_relay);
}

void DoorWatch::confirm(Watch& watch, bool Watch::* sign) {
  const bool confirmed_before = watch.by_event || watch.by_relay;
  watch.*sign = true;
  if (confirmed_before || !watch.sent || watch.owner.empty()) return;
  confirmed_(watch.owner, watch.door);
}

bool DoorWatch::over(const Watch& watch) const {
  return watch.until && clock_.uptime() > *watch.until;
}

void DoorWatch::expire() {
  std::erase_if(watches_, [this](const Watch& watch) { return over(watch); });
}

bool DoorWatch::watches(const std::string& owner) const {
  return std::ranges::find(watches_, owner, &Watch::owner) != watches_.end();
}

}  // namespace gatehouse
