#include "daemon/app/door_holds.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/sign_ins.hpp"

namespace gatehouse {
namespace {

const std::string hold_not_closed = "hold_not_closed";

}  // namespace

void DoorHolds::load(const std::vector<Hold>& holds) {
  const bool trusted = parts_.clock.quality() == ClockQuality::ok;
  std::vector<std::string> doors;
  for (auto hold : holds) {
    // None can have more time left than the longest has: such an end was made by a clock that was ahead.
    auto left = trusted ? std::max(hold.until - parts_.clock.now(), Duration{0}) : Duration{0};
    if (left > longest_hold) left = Duration{0};
    hold.due = parts_.clock.uptime() + left;
    doors.push_back(to_string(hold.door));
    if (!held_.contains(hold.door)) begin(std::move(hold));
  }
  parts_.alerts.over_but_for(hold_not_closed, doors);
}

void DoorHolds::begin(Hold hold) {
  Held held;
  held.number = ++last_;
  held.next = hold.due.value_or(parts_.clock.uptime());
  held.hold = std::move(hold);
  auto door = held.hold.door;
  held_.insert_or_assign(std::move(door), std::move(held));
  parts_.bell.ring();
}

void DoorHolds::over(const DoorId& door) {
  held_.erase(door);
  parts_.alerts.over(hold_not_closed, to_string(door));
}

std::optional<Hold> DoorHolds::find(const DoorId& door) const {
  const auto found = held_.find(door);
  if (found == held_.end()) return std::nullopt;
  return found->second.hold;
}

std::optional<Uptime> DoorHolds::next_due() const {
  std::optional<Uptime> next;
  for (const auto& [door, held] : held_) {
    if (!held.closing && (!next || held.next < *next)) next = held.next;
  }
  return next;
}

void DoorHolds::close_due() {
  const auto now = parts_.clock.uptime();
  std::vector<std::pair<DoorId, std::uint64_t>> due;
  for (auto& [door, held] : held_) {
    if (held.closing || held.next > now) continue;
    // What has failed is written down again only where there is hope.
    const bool hopeless = held.failed && !parts_.yard.connected(door.integration);
    if (hopeless) {
      held.next = now + held.retry.next({Errc::unreachable, ""});
      continue;
    }
    held.closing = true;
    due.emplace_back(door, held.number);
  }
  // An errand may run to its end at once.
  for (const auto& [door, number] : due) {
    parts_.errands.start("end of the hold of " + to_string(door), close(door, number));
  }
}

Task<void> DoorHolds::close(DoorId door, std::uint64_t number) {
  const auto act = parts_.clock.new_id();
  DoorMoves::Ask ask;
  ask.turn = parts_.moves.take_turn(door, false);
  ask.door = door;
  ask.action = DoorAction::close;
  // A hold that was asked for meanwhile is in the line before this, or comes after it: it is not closed.
  ask.wanted = [this, door, number] {
    const auto held = held_.find(door);
    return held != held_.end() && held->second.number == number;
  };
  AuditEntry audit{.actor = "gateway",
                   .action = "door.close",
                   .target = to_string(door),
                   .outcome = "begun",
                   .detail = audit_detail({{"act", act}, {"reason", "the hold is over"}}),
                   .person = std::nullopt};
  AccessBegin begin;
  begin.intents.push_back(
      {.owner = act, .door = door, .action = DoorAction::close, .at = parts_.clock.now()});
  begin.audit.push_back(audit);
  // A store that cannot be written keeps no door from being closed.
  const auto begun = co_await parts_.store.begin_access(std::move(begin));
  std::vector<DoorMoves::Ask> asks;
  asks.push_back(std::move(ask));
  const auto deadline = parts_.clock.uptime() + command_time;
  const auto answers = co_await parts_.moves.command(std::move(asks), deadline);
  const auto& answer = answers.front();
  const bool closed = answer.state == DoorCommandState::sent || answer.state == DoorCommandState::confirmed;
  const auto held = held_.find(door);
  const bool same = held != held_.end() && held->second.number == number;
  AccessEnd end;
  end.owner = act;
  if (begun) end.doors.push_back(door);
  if (closed && same) end.hold_over = held->second.hold;
  audit.outcome = to_string(answer.state);
  audit.detail = audit_detail({{"act", act}, {"why", answer.why}});
  end.audit.push_back(std::move(audit));
  if (closed && same) {
    over(door);
  } else if (!closed) {
    not_closed(door, number, answer.why);
  }
  co_await parts_.writer.write(std::move(end));
}

void DoorHolds::not_closed(const DoorId& door, std::uint64_t number, const std::string& why) {
  const auto held = held_.find(door);
  if (held == held_.end() || held->second.number != number) return;
  auto& one = held->second;
  one.closing = false;
  one.failed = true;
  one.next = parts_.clock.uptime() + one.retry.next({Errc::unreachable, ""});
  parts_.alerts.raise({.kind = hold_not_closed,
                       .subject = to_string(door),
                       .detail = "the door was held open, and closing it has failed: " + why,
                       .hint = "see that the door is closed; the gateway goes on trying",
                       .since = {}});
  parts_.bell.ring();
}

}  // namespace gatehouse
