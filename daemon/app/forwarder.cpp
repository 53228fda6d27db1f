#include "daemon/app/forwarder.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/crash_point.hpp"

namespace gatehouse {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t page_rows = 500;
constexpr std::size_t page_bytes = 1024 * 1024;
constexpr std::size_t ahead = 600;  ///< handed over beyond the window, so that the link never waits for us
constexpr std::size_t ahead_bytes = 4 * 1024 * 1024;  ///< handed over at a time: rows may be large
constexpr Duration settle_after = milliseconds(40);
constexpr std::size_t settle_at = 500;
constexpr Duration puback_limit = seconds(30);
constexpr Duration short_session = seconds(60);

/// Ascending rows as ranges without holes, so that one statement settles many.
std::vector<RowRange> ranges_of(std::vector<std::int64_t> rows) {
  std::ranges::sort(rows);
  std::vector<RowRange> ranges;
  for (const auto row : rows) {
    if (!ranges.empty() && ranges.back().last + 1 == row) {
      ranges.back().last = row;
    } else {
      ranges.push_back({.first = row, .last = row});
    }
  }
  return ranges;
}

}  // namespace

Forwarder::Forwarder(std::size_t window, Parts parts)
    : window_(window), parts_(std::move(parts)), send_bell_(parts_.executor), settle_bell_(parts_.executor) {}

void Forwarder::start(TaskGroup& loops) {
  loops.start("forwarder", [this](Pulse& pulse) { return send_loop(pulse); });
  loops.start("settler", [this](Pulse& pulse) { return settle_loop(pulse); });
}

Task<void> Forwarder::flush() {
  auto ranges = ranges_of(std::exchange(acked_, {}));
  if (ranges.empty()) co_return;
  auto settled = co_await parts_.store.settle(std::move(ranges));
  if (!settled) {
    parts_.log.write(Level::warning,
                     "what the broker acknowledged last could not be noted, and will be sent again: " +
                         settled.error().detail);
  }
}

void Forwarder::on_news() {
  for (auto& lane : lanes_) lane.exhausted = false;
  if (up_) send_bell_.ring();
}

void Forwarder::on_up() {
  up_ = true;
  reset_ = true;
  up_since_ = parts_.clock.uptime();
  send_bell_.ring();
}

void Forwarder::on_down() {
  if (!up_) return;
  up_ = false;
  judge_drop();
  send_bell_.ring();
  settle_bell_.ring();
}

void Forwarder::judge_drop() {
  if (std::exchange(dropping_ourselves_, false) || reset_) return;  // reset_: nothing was sent on this link
  Suspicion::Rows in_flight;
  for (const auto& lane : lanes_) {
    for (const auto& [row, sent] : lane.out) in_flight.push_back(row);
  }
  const bool soon = parts_.clock.uptime() - up_since_ < short_session;
  if (const auto guilty = suspicion_.on_drop(in_flight, soon)) {
    park(*guilty, "link_dropped", "the connection to the broker broke each time this message was sent alone");
  }
}

void Forwarder::send_again(const Suspicion::Rows& rows) {
  for (const auto row : rows) lanes_[index_of(lane_of(row))].rewinding = true;
}

Task<void> Forwarder::send_loop(Pulse& pulse) {
  for (;;) {
    watch_time();
    if (!up_) {
      co_await send_bell_.wait(seconds(10));
      continue;
    }
    if (reset_) {
      // Nothing of the former link is known any more: wait until what was acknowledged is settled, then begin
      // with what is left.
      if (settling_ || !acked_.empty() || !parking_.empty()) {
        settle_bell_.ring();
        co_await send_bell_.wait(milliseconds(200));
        continue;
      }
      for (auto& lane : lanes_) {
        forget_ready(lane);
        lane.out.clear();
        lane.out_bytes = 0;
        lane.read_after = 0;
        lane.exhausted = false;
        lane.rewinding = false;
      }
      reset_ = false;
    }
    rewind_where_due();
    bool read_any = false;
    for (const auto lane : all_lanes) {
      const bool read = co_await refill(lane);
      read_any = read_any || read;
      if (!up_ || reset_) break;
    }
    if (!up_ || reset_) continue;
    watch_idle();
    const bool sent_any = hand_over();
    if (!read_any && !sent_any) {  // what was sent may have made room for more to be read
      co_await send_bell_.wait(quiet() ? Duration(seconds(30)) : Duration(seconds(1)));
    }
  }
}

/// True where something was read. Only what is still wanted after the wait is taken over.
Task<bool> Forwarder::refill(Lane lane) {
  auto& state = lanes_[index_of(lane)];
  const bool alone = state.refusals.alone() || suspicion_.one_at_a_time();
  const std::size_t low_water = alone ? 1 : page_rows / 2;
  if (state.exhausted || state.rewinding || !may_send(state)) co_return false;
  if (state.ready.size() >= low_water || state.ready_bytes >= page_bytes) co_return false;
  state.exhausted = true;  // news that comes during the read takes it back
  const auto after = state.read_after;
  auto rows = co_await parts_.store.read_outbox(lane, after, page_rows, page_bytes);
  auto& now = lanes_[index_of(lane)];
  if (!up_ || reset_ || now.rewinding || now.read_after != after) {
    now.exhausted = false;
    co_return false;
  }
  if (!rows) {
    now.exhausted = false;
    parts_.alerts.raise({.kind = "store",
                         .subject = "outbox",
                         .detail = rows.error().detail,
                         .hint = "check the disk of the state directory"});
    co_await pause(seconds(1));
    co_return false;
  }
  parts_.alerts.over("store", "outbox");
  if (rows->empty()) co_return false;
  now.exhausted = false;
  now.read_after = rows->back().row;
  for (auto& row : *rows) {
    if (now.refusals.held(row.row) || suspicion_.held(row.row)) continue;
    now.ready_bytes += row.payload.size();
    now.ready.push_back(std::move(row));
  }
  co_return true;
}

/// Nothing is out or in doubt: only news or the link itself can bring work.
bool Forwarder::quiet() const {
  return !suspicion_.undecided() && std::ranges::all_of(lanes_, [](const LaneState& lane) {
    return lane.out.empty() && lane.ready.empty() && !lane.rewinding && !lane.refusals.watching();
  });
}

std::size_t Forwarder::outstanding() const {
  std::size_t sum = 0;
  for (const auto& lane : lanes_) sum += lane.out.size();
  return sum;
}

std::size_t Forwarder::outstanding_bytes() const {
  std::size_t sum = 0;
  for (const auto& lane : lanes_) sum += lane.out_bytes;
  return sum;
}

bool Forwarder::take_back(LaneState& lane, std::int64_t row) {
  const auto at = lane.out.find(row);
  if (at == lane.out.end()) return false;
  lane.out_bytes -= at->second.bytes;
  lane.out.erase(at);
  return true;
}

void Forwarder::forget_ready(LaneState& lane) {
  lane.ready.clear();
  lane.ready_bytes = 0;
}

bool Forwarder::may_send(const LaneState& lane) const {
  if (lane.rewinding || lane.refusals.blocked_until()) return false;
  if (suspicion_.one_at_a_time()) return outstanding() == 0;
  return !lane.refusals.alone() || lane.out.empty();
}

bool Forwarder::hand_over() {
  std::vector<Outgoing> batch;
  const auto now = parts_.clock.uptime();
  const auto room = window_ + ahead;
  auto sent = outstanding();
  auto bytes = outstanding_bytes();
  while (sent < room && bytes < ahead_bytes) {
    std::array<bool, lane_count> has_rows{};
    for (std::size_t i = 0; i < lane_count; ++i)
      has_rows[i] = !lanes_[i].ready.empty() && may_send(lanes_[i]);
    const auto lane = share_.next(has_rows);
    if (!lane) break;
    auto& state = lanes_[index_of(*lane)];
    auto row = std::move(state.ready.front());
    state.ready.pop_front();
    const auto size = row.payload.size();
    state.ready_bytes -= size;
    state.out.emplace(row.row, Sent{.at = now, .bytes = size});
    state.out_bytes += size;
    bytes += size;
    ++sent;
    batch.push_back({.token = row.row,
                     .topic = std::move(row.topic),
                     .payload = std::move(row.payload),
                     .retain = false,
                     .urgent = *lane == Lane::alarm,
                     .correlation = std::move(row.correlation)});
  }
  if (batch.empty()) return false;
  crash_point("forward.publish.before");
  parts_.uplink.publish(std::move(batch));
  crash_point("forward.publish.after");
  return true;
}

void Forwarder::on_outcomes(const std::vector<PublishOutcome>& outcomes) {
  if (!up_) return;
  crash_point("forward.puback.before");
  for (const auto& outcome : outcomes) {
    if (outcome.token != 0) on_outcome(outcome);
  }
  crash_point("forward.puback.after");
  if (acked_.size() >= settle_at || !parking_.empty() || (settler_idle_ && !acked_.empty()))
    settle_bell_.ring();
  send_bell_.ring();
}

void Forwarder::on_outcome(const PublishOutcome& outcome) {
  const auto lane = lane_of(outcome.token);
  auto& state = lanes_[index_of(lane)];
  if (!take_back(state, outcome.token)) return;
  const bool taken = !outcome.too_large && refusal_of(outcome.reason) == Refusal::none;
  count(parts_.tallies, taken ? &Tallies::published : &Tallies::refused, lane);
  send_again(suspicion_.on_answer(outcome.token));
  if (outcome.too_large) {
    park(outcome.token, "too_large", "larger than the broker's Maximum Packet Size");
    return;
  }
  switch (refusal_of(outcome.reason)) {
    case Refusal::none: {
      acked_.push_back(outcome.token);
      if (!state.refusals.watching()) {
        // Raised, perhaps, by the daemon before this one.
        if (!std::exchange(state.taken, true))
          parts_.alerts.over("broker_refuses", std::string(to_string(lane)));
        return;
      }
      follow(lane, state.refusals.on_success(outcome.token), "refused", last_refusal_);
      return;
    }
    case Refusal::for_good:
      park(outcome.token, "refused", refusal_words(outcome.reason));
      return;
    case Refusal::try_alone:
      last_refusal_ = refusal_words(outcome.reason);
      follow(lane, state.refusals.on_refusal(outcome.token, parts_.clock.uptime()), "refused", last_refusal_);
      return;
  }
}

void Forwarder::follow(Lane lane, const Refusals::Orders& orders, const std::string& cause,
                       const std::string& detail) {
  auto& state = lanes_[index_of(lane)];
  for (const auto row : orders.park) park(row, cause, detail);
  if (orders.rewind) state.rewinding = true;
  const std::string name(to_string(lane));
  if (orders.block) {
    parts_.log.write(Level::error,
                     "the broker refuses every message of the lane " + name + ": " + detail +
                         "; the lane waits, nothing is dropped",
                     {{"LANE", name}});
    parts_.alerts.raise({.kind = "broker_refuses",
                         .subject = name,
                         .detail = detail,
                         .hint = "check the broker's access rules for this gateway's topics"});
  }
  if (orders.mended) {
    parts_.log.write(Level::info, "the broker takes the lane " + name + " again", {{"LANE", name}});
    parts_.alerts.over("broker_refuses", name);
  }
}

void Forwarder::park(std::int64_t row, std::string cause, std::string detail) {
  count(parts_.tallies, &Tallies::parked, lane_of(row));
  parking_.push_back({.row = row, .cause = std::move(cause), .detail = std::move(detail)});
  settle_bell_.ring();
}

/// A lane that has to go back does so once nothing of it is out and the store knows what was acknowledged.
void Forwarder::rewind_where_due() {
  for (auto& lane : lanes_) {
    if (!lane.rewinding) continue;
    forget_ready(lane);
    if (!lane.out.empty()) continue;
    if (settling_ || !acked_.empty() || !parking_.empty()) {
      settle_bell_.ring();
      continue;
    }
    lane.rewinding = false;
    lane.read_after = 0;
    lane.exhausted = false;
  }
}

void Forwarder::watch_time() {
  const auto now = parts_.clock.uptime();
  for (const auto lane : all_lanes) {
    auto& state = lanes_[index_of(lane)];
    unblock(state, now);
    if (up_ && !reset_) watch_stuck(state, now);  // before the reset, `out` is of the former link
  }
  if (up_ && now - up_since_ > short_session) {
    send_again(suspicion_.on_lasting(outstanding() == 0));
  }
}

/// A lane that has been read to its end and has nothing out waits for nobody but those that are held.
void Forwarder::watch_idle() {
  const auto now = parts_.clock.uptime();
  for (const auto lane : all_lanes) {
    auto& state = lanes_[index_of(lane)];
    if (!state.exhausted || state.rewinding || !state.ready.empty() || !state.out.empty()) continue;
    follow(lane, state.refusals.on_idle(now), "refused", last_refusal_);
    suspicion_.forget([&](std::int64_t row) { return lane_of(row) == lane; });  // dropped by the quota
  }
}

void Forwarder::unblock(LaneState& lane, Uptime now) {
  const auto until = lane.refusals.blocked_until();
  if (!until || now < *until) return;
  lane.refusals.try_again();
  lane.rewinding = true;
}

/// A PUBACK that never comes: the others have gone on meanwhile, and only a new connection sends it again. A
/// broker that answers nobody is not the row's fault.
void Forwarder::watch_stuck(LaneState& lane, Uptime now) {
  if (dropping_ourselves_) return;  // the link is on its way down
  for (const auto& [row, sent] : lane.out) {
    if (now - sent.at < puback_limit) continue;
    if (suspicion_.on_stuck(row)) {
      park(row, "no_puback", "the broker never acknowledged this message");
      take_back(lane, row);
      return;
    }
    dropping_ourselves_ = true;
    parts_.uplink.reconnect("the broker did not acknowledge a message within 30 s");
    return;
  }
}

Task<void> Forwarder::settle_loop(Pulse& pulse) {
  for (;;) {
    if (acked_.empty() && parking_.empty()) {
      settler_idle_ = true;
      co_await settle_bell_.wait(seconds(30));
      settler_idle_ = false;
      continue;
    }
    if (acked_.size() < settle_at && parking_.empty() && up_) {
      co_await settle_bell_.wait(settle_after);
    }
    settling_ = true;
    auto rows = std::exchange(acked_, {});
    auto parkings = std::exchange(parking_, {});
    auto ranges = ranges_of(rows);
    bool storage_trouble = false;
    if (!ranges.empty()) {
      auto settled = co_await parts_.store.settle(std::move(ranges));
      if (!settled) {
        storage_trouble = true;
        acked_.insert(acked_.begin(), rows.begin(), rows.end());
      }
    }
    for (auto& parking : parkings) {
      auto parked = co_await parts_.store.park(parking.row, parking.cause, parking.detail);
      if (parked) {
        parts_.log.write(
            Level::warning,
            "a message was put aside as a dead letter: " + parking.detail + " (gatehouse outbox list --dead)",
            {{"CAUSE", parking.cause}});
      } else {
        storage_trouble = true;
        parking_.push_back(parking);
      }
    }
    settling_ = false;
    if (!parkings.empty() && !storage_trouble) on_news();  // a gap and an alert have been written
    send_bell_.ring();
    if (storage_trouble) {
      co_await pause(seconds(1));
    }
  }
}

}  // namespace gatehouse
