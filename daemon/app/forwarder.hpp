#pragma once
// Brings the outbox to the cloud: in order within a lane, a bounded number at a time, and a row leaves the
// outbox only after the broker has said that it has it.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "daemon/app/alerts.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/lane_share.hpp"
#include "daemon/core/refusals.hpp"
#include "daemon/core/suspicion.hpp"
#include "daemon/core/tallies.hpp"

namespace gatehouse {

class Forwarder {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    OutboxStore& store;
    Uplink& uplink;
    Clock& clock;
    Log& log;
    Alerts& alerts;
    Tallies* tallies = nullptr;
  };

  /// `window`: messages without a PUBACK at a time (cloud.outbox.inflight).
  Forwarder(std::size_t window, Parts parts);

  void start(TaskGroup& loops);
  /// After the loops have been stopped: tells the store what the broker has acknowledged since.
  Task<void> flush();

  /// The outbox has something new in some lane.
  void on_news();
  void on_up();
  void on_down();
  void on_outcomes(const std::vector<PublishOutcome>& outcomes);

 private:
  struct Sent {
    Uptime at;
    std::size_t bytes;
  };
  struct LaneState {
    std::deque<OutboxRow> ready;  ///< read, not handed over
    std::size_t ready_bytes = 0;
    std::map<std::int64_t, Sent> out;  ///< handed over, no outcome yet
    std::size_t out_bytes = 0;
    std::int64_t read_after = 0;
    bool exhausted = false;  ///< nothing more to read until news
    bool rewinding = false;  ///< read again from the start once nothing is out
    Refusals refusals;
    bool taken = false;  ///< the broker has taken a row of it in this run
  };
  struct Parking {
    std::int64_t row;
    std::string cause;
    std::string detail;
  };

  Task<void> send_loop(Pulse& pulse);
  Task<void> settle_loop(Pulse& pulse);

  Task<bool> refill(Lane lane);
  /// True where something was handed over.
  bool hand_over();
  bool may_send(const LaneState& lane) const;
  std::size_t outstanding() const;
  std::size_t outstanding_bytes() const;
  bool quiet() const;
  /// Takes a row out of those in flight; false where it is not among them.
  static bool take_back(LaneState& lane, std::int64_t row);
  static void forget_ready(LaneState& lane);
  void on_outcome(const PublishOutcome& outcome);
  void follow(Lane lane, const Refusals::Orders& orders, const std::string& cause, const std::string& detail);
  void park(std::int64_t row, std::string cause, std::string detail);
  void rewind_where_due();
  void watch_time();
  void watch_idle();
  void unblock(LaneState& lane, Uptime now);
  void watch_stuck(LaneState& lane, Uptime now);
  void judge_drop();
  void send_again(const Suspicion::Rows& rows);
  static Lane lane_of(std::int64_t row) { return static_cast<Lane>(row >> 52); }

  const std::size_t window_;
  Parts parts_;
  Wakeup send_bell_;
  Wakeup settle_bell_;
  std::array<LaneState, lane_count> lanes_;
  LaneShare share_;
  bool up_ = false;
  bool reset_ = true;                ///< everything is read anew before the next row is sent
  std::vector<std::int64_t> acked_;  ///< the broker has them; the store does not know yet
  bool settling_ = false;
  bool settler_idle_ = false;
  std::vector<Parking> parking_;
  std::string last_refusal_;

  Uptime up_since_{};
  bool dropping_ourselves_ = false;
  Suspicion suspicion_;
};

}  // namespace gatehouse
