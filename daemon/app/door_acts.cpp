#include "daemon/app/door_acts.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/sign_ins.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t longest_reason = 200;
constexpr Duration shortest_time = std::chrono::seconds(1);
constexpr Duration longest_open = std::chrono::seconds(60);
const std::string break_glass_alert = "break_glass";

Error bad_args(std::string_view why) {
  return {Errc::invalid, "bad_args: " + std::string(why)};
}

Error refused(std::string_view word, std::string_view why) {
  return {Errc::refused, std::string(word) + ": " + std::string(why)};
}

/// Characters of UTF-8.
std::size_t length_of(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

/// What is wrong with the time that was asked for; empty: nothing.
std::string_view wrong_seconds(const ConfiguredDoor& door, DoorAction action,
                               const std::optional<Duration>& time) {
  const bool momentary = door.kind == DoorKind::momentary;
  switch (action) {
    case DoorAction::open:
      if (momentary && time) return "a momentary door takes no seconds";
      if (time && (*time < shortest_time || *time > longest_open))
        return "a door is opened for 1 to 60 seconds";
      return {};
    case DoorAction::hold:
      if (momentary) return "a momentary door cannot be held open";
      if (!time || *time < shortest_time || *time > longest_hold)
        return "a door is held open for 1 second to 12 hours";
      return {};
    case DoorAction::close:
      if (momentary) return "a momentary door cannot be closed";
      if (time) return "closing takes no seconds";
      return {};
  }
  return "unknown action";
}

std::string action_word(DoorAction action) {
  return "door." + std::string(to_string(action));
}

}  // namespace

std::string door_report_json(const DoorReport& report) {
  JsonWriter json;
  json.begin_object();
  json.member("door", to_string(report.door)).member("action", to_string(report.action));
  json.member("command", to_string(report.answer.state));
  json.key("why");
  report.answer.why.empty() ? json.null() : json.value(report.answer.why);
  json.end_object();
  return json.take();
}

std::string_view wrong_door_args(const ConfiguredDoor& door, DoorAction action,
                                 const std::optional<Duration>& seconds, std::string_view reason) {
  const bool blank = reason.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (blank || length_of(reason) > longest_reason) return "a reason of 1 to 200 characters is needed";
  return wrong_seconds(door, action, seconds);
}

std::optional<Error> DoorActs::refusal(const DoorRequest& request) const {
  const auto* configured = parts_.rules.door(request.door);
  const auto* door = parts_.rules.policy().door(request.door);
  if (configured == nullptr || door == nullptr)
    return refused("not_configured", "the configuration has no door " + to_string(request.door));
  const auto wrong = wrong_door_args(*configured, request.action, request.seconds, request.reason);
  if (!wrong.empty()) return bad_args(wrong);
  if (!door->available) return refused("door_unavailable", "its integration is disabled or staging");
  if (request.action == DoorAction::close) return std::nullopt;
  if (request.action == DoorAction::hold && !configured->allow_hold)
    return refused("hold_not_allowed", "the configuration does not let this door be held open");
  if (request.break_glass) return std::nullopt;
  const auto lockdown = parts_.rules.lockdown();
  const auto sites = parts_.rules.sites_of(request.door);
  const bool locked = lockdown.unreadable || lockdown.net2.contains(request.door.integration) ||
                      std::ranges::any_of(sites, [&](const SiteId& site) { return lockdown.at(site); });
  if (locked) return refused("lockdown", "the door's site is locked down");
  if (door->mode == DoorMode::blocked) return refused("door_blocked", "the door's mode is blocked");
  if (door->mode == DoorMode::force_closed)
    return refused("door_force_closed", "the door's mode is force_closed");
  return std::nullopt;
}

AccessBegin DoorActs::begin_of(const DoorRequest& request, const std::string& act) const {
  const auto seconds = request.seconds ? std::to_string(request.seconds->count() / 1000) : std::string();
  AccessBegin begin;
  begin.command = request.asker.command;
  begin.audit.push_back({.actor = request.asker.actor,
                         .action = action_word(request.action),
                         .target = to_string(request.door),
                         .outcome = "begun",
                         .detail = audit_detail({{"act", act},
                                                 {"reason", request.reason},
                                                 {"seconds", seconds},
                                                 {"break_glass", request.break_glass ? "yes" : ""}}),
                         .person = std::nullopt});
  return begin;
}

DoorMoves::Ask DoorActs::ask_of(const DoorRequest& request) const {
  DoorMoves::Ask ask;
  ask.door = request.door;
  ask.action = request.action;
  const auto* configured = parts_.rules.door(request.door);
  if (configured == nullptr) return ask;
  const auto opening = opening_of(*configured);
  ask.turn = parts_.moves.take_turn(request.door, opening.momentary);
  ask.stays_open = request.seconds.value_or(opening.stays_open);
  if (request.action == DoorAction::open) {
    ask.open_time = opening.open_time;
    if (request.seconds) ask.open_time = request.seconds;
  }
  const bool heeds_lockdown = request.action != DoorAction::close && !request.break_glass;
  if (heeds_lockdown) ask.sites = parts_.rules.sites_of(request.door);
  return ask;
}

Task<Result<DoorReport>> DoorActs::move(DoorRequest request, Uptime received) {
  if (auto no = refusal(request)) co_return std::move(*no);
  const auto act = parts_.clock.new_id();
  auto begin = begin_of(request, act);
  const auto before = parts_.holds.find(request.door);
  auto ask = ask_of(request);
  if (!ask.turn) {
    auto spared = spare(std::move(request), std::move(begin), act);
    co_return co_await std::move(spared);
  }
  const auto now = parts_.clock.now();
  begin.intents.push_back({.owner = act, .door = request.door, .action = request.action, .at = now});
  if (request.action == DoorAction::hold) {
    begin.hold = Hold{.door = request.door,
                      .until = now + *request.seconds,
                      .due = parts_.clock.uptime() + *request.seconds};
  }
  const auto hold = begin.hold;
  const auto begun = co_await parts_.store.begin_access(std::move(begin));
  if (!begun) {
    if (begun.error().code == Errc::refused) co_return begun.error();
    co_return Error{Errc::storage, "store_unwritable: " + begun.error().detail};
  }
  if (request.break_glass) break_glass(request);
  if (hold) parts_.holds.begin(*hold);
  auto deadline = received + command_time;
  if (request.asker.expires) deadline = std::min(deadline, *request.asker.expires);
  std::vector<DoorMoves::Ask> asks;
  asks.push_back(std::move(ask));
  const auto answers = co_await parts_.moves.command(std::move(asks), deadline);
  DoorReport report{.door = request.door, .action = request.action, .answer = answers.front()};
  AccessEnd end;
  end.owner = act;
  end.doors.push_back(request.door);
  end.answer = report.answer;
  end.audit.push_back({.actor = request.asker.actor,
                       .action = action_word(request.action),
                       .target = to_string(request.door),
                       .outcome = std::string(to_string(report.answer.state)),
                       .detail = audit_detail({{"act", act}, {"why", report.answer.why}}),
                       .person = std::nullopt});
  co_await settle_hold(request, report.answer, before, hold, end);
  if (request.asker.finish) request.asker.finish(end);
  co_await parts_.writer.write(std::move(end));
  co_return report;
}

/// Momentary, and commanded less than 10 s ago: one transaction says so.
Task<Result<DoorReport>> DoorActs::spare(DoorRequest request, AccessBegin begin, std::string act) {
  DoorReport report{.door = request.door,
                    .action = request.action,
                    .answer = {DoorCommandState::not_sent, "already_commanded"}};
  begin.audit.back().outcome = "not_sent";
  AccessEnd end;
  end.owner = std::move(act);
  end.answer = report.answer;
  finish_at_once(begin, request.asker.finish, std::move(end));
  const bool told = !begin.messages.empty();
  const auto begun = co_await parts_.store.begin_access(std::move(begin));
  if (!begun) {
    if (begun.error().code == Errc::refused) co_return begun.error();
    co_return Error{Errc::storage, "store_unwritable: " + begun.error().detail};
  }
  if (told) parts_.news();
  co_return report;
}

Task<void> DoorActs::settle_hold(const DoorRequest& request, const DoorAnswer& answer,
                                 std::optional<Hold> before, std::optional<Hold> mine, AccessEnd& end) {
  const bool done = answer.state == DoorCommandState::sent || answer.state == DoorCommandState::confirmed;
  // A hold that began meanwhile is somebody else's, and ends by itself.
  const auto now = parts_.holds.find(request.door);
  if (request.action == DoorAction::close && done && now && now == before) {
    end.hold_over = now;
    parts_.holds.over(request.door);
  }
  const bool nothing = answer.state == DoorCommandState::failed || answer.state == DoorCommandState::not_sent;
  if (request.action != DoorAction::hold || !nothing || now != mine) co_return;
  if (!before) {
    end.hold_over = now;
    parts_.holds.over(request.door);
    co_return;
  }
  // The hold that there was goes on as if nobody had asked for another.
  parts_.holds.begin(*before);
  AccessBegin again;
  again.hold = before;
  // Where this fails a crash would let it last as long as was asked for just now, and no longer.
  [[maybe_unused]] const auto kept = co_await parts_.store.begin_access(std::move(again));
}

void DoorActs::break_glass(const DoorRequest& request) {
  const auto door = to_string(request.door);
  parts_.alerts.raise(
      {.kind = break_glass_alert,
       .subject = door,
       .detail = request.asker.actor + ": " + action_word(request.action) + ", " + request.reason,
       .hint = "an operator went past lockdown and modes; see that this was right",
       .since = {}},
      true);
  const auto* configured = parts_.rules.door(request.door);
  const auto open = configured != nullptr ? configured->open : Duration{0};
  auto& until = glass_[request.door];
  until = std::max(until, parts_.clock.uptime() + request.seconds.value_or(open) + confirmed_within);
  parts_.alert_raised();
}

void DoorActs::mend_glass() {
  const auto now = parts_.clock.uptime();
  std::erase_if(glass_, [&](const auto& broken) {
    if (broken.second > now) return false;
    parts_.alerts.over(break_glass_alert, to_string(broken.first));
    return true;
  });
}

void DoorActs::glass_is_whole() {
  std::vector<std::string> broken;
  for (const auto& [door, until] : glass_) broken.push_back(to_string(door));
  parts_.alerts.over_but_for(break_glass_alert, broken);
}

}  // namespace gatehouse
