#include "daemon/app/door_moves.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/crash_point.hpp"

namespace gatehouse {

struct DoorMoves::Line {
  std::deque<Turn*> waiting;  ///< the first one may ask Net2
  std::optional<Uptime> spared_until;
};

/// Commands that were asked for together.
struct DoorMoves::Round {
  Round(std::vector<Ask> wanted, Uptime latest, const boost::asio::any_io_executor& executor)
      : asks(std::move(wanted)),
        answers(asks.size(), DoorAnswer{DoorCommandState::not_sent, "dropped"}),
        left(asks.size()),
        deadline(latest),
        done(executor) {}

  std::vector<Ask> asks;
  std::vector<DoorAnswer> answers;
  std::size_t left;
  Uptime deadline;
  Wakeup done;

  /// However a call ends.
  struct Ended {
    Round& round;
    ~Ended() {
      if (--round.left == 0) round.done.ring();
    }
  };
};

DoorMoves::Turn::Turn(std::shared_ptr<Line> line, const boost::asio::any_io_executor& executor)
    : line_(std::move(line)), first_(executor) {
  line_->waiting.push_back(this);
}

DoorMoves::Turn::~Turn() {
  auto& waiting = line_->waiting;
  const bool was_first = waiting.front() == this;
  std::erase(waiting, this);
  if (was_first && !waiting.empty()) waiting.front()->first_.ring();
}

std::shared_ptr<DoorMoves::Turn> DoorMoves::take_turn(const DoorId& door, bool spare_momentary) {
  auto& line = lines_[door];
  if (!line) line = std::make_shared<Line>();
  const bool moved = line->spared_until && clock_.uptime() < *line->spared_until;
  if (spare_momentary && (moved || !line->waiting.empty())) return nullptr;
  return std::make_shared<Turn>(line, executor_);
}

void DoorMoves::commanded_before(const DoorId& door, Instant at) {
  // Its last byte may have left until that process ended, and at its deadline at the latest. A clock that has
  // gone backwards says nothing: then as if it was just now.
  const auto now = clock_.now();
  const auto latest = at > now ? now : std::min(at + command_time, now);
  const auto left = latest + momentary_pause - now;
  if (left <= Duration{0}) return;
  auto& line = lines_[door];
  if (!line) line = std::make_shared<Line>();
  line->spared_until = clock_.uptime() + left;
}

Task<std::vector<DoorAnswer>> DoorMoves::command(std::vector<Ask> asks, Uptime deadline) {
  const auto round = std::make_shared<Round>(std::move(asks), deadline, executor_);
  for (std::size_t at = 0; at < round->answers.size(); ++at) {
    calls_.start("command of door " + to_string(round->asks[at].door), call(round, at));
  }
  while (round->left > 0) {
    co_await round->done.wait();
  }
  for (std::size_t at = 0; at < round->answers.size(); ++at) {
    count(tallies_, &Tallies::door_commands, to_string(round->asks[at].action),
          to_string(round->answers[at].state));
  }
  co_return round->answers;
}

std::optional<DoorAnswer> DoorMoves::stopped(const Ask& ask, Uptime deadline) const {
  if (closed_) return DoorAnswer{DoorCommandState::not_sent, "dropped"};
  if (clock_.uptime() >= deadline) return DoorAnswer{DoorCommandState::not_sent, "late"};
  if (ask.wanted && !ask.wanted()) return DoorAnswer{DoorCommandState::not_sent, "renewed"};
  if (ask.sites.empty()) return std::nullopt;
  const auto lockdown = rules_.lockdown();
  const bool locked = std::ranges::any_of(ask.sites, [&](const SiteId& site) { return lockdown.at(site); });
  if (locked || lockdown.net2.contains(ask.door.integration))
    return DoorAnswer{DoorCommandState::not_sent, "lockdown"};
  return std::nullopt;
}

Task<void> DoorMoves::call(std::shared_ptr<Round> round, std::size_t at) {
  const Round::Ended ended{*round};
  const auto ask = std::move(round->asks[at]);
  const auto deadline = round->deadline;
  while (ask.turn->line_->waiting.front() != ask.turn.get()) {
    const auto left = deadline - clock_.uptime();
    if (left <= Duration{0}) break;
    co_await ask.turn->first_.wait(left);
  }
  if (auto stop = stopped(ask, deadline)) {
    round->answers[at] = std::move(*stop);
    co_return;
  }
  const auto control = yard_.control_of(ask.door.integration);
  if (control == nullptr) {
    round->answers[at] = {DoorCommandState::failed, "the integration is not running"};
    co_return;
  }
  round->answers[at] = {DoorCommandState::unknown, "the gateway stopped before Net2 had answered"};
  const auto watch = watch_.asked(ask.door, ask.owner);
  DoorOrder order{.door = ask.door.number,
                  .action = ask.action,
                  .open_time = ask.open_time,
                  .deadline = deadline,
                  .stop = [this, &ask, deadline]() -> std::optional<std::string> {
                    const auto now = stopped(ask, deadline);
                    return now ? std::optional(now->why) : std::nullopt;
                  }};
  crash_point("door.asking");
  auto answer = co_await control->command(std::move(order));
  crash_point("door.answered");
  const bool asked = answer.state != DoorCommandState::failed && answer.state != DoorCommandState::not_sent;
  if (asked) ask.turn->line_->spared_until = clock_.uptime() + momentary_pause;
  const bool confirmed = watch_.answered(watch, answer.state, ask.stays_open + confirmed_within);
  if (confirmed) answer.state = DoorCommandState::confirmed;
  round->answers[at] = std::move(answer);
}

}  // namespace gatehouse
