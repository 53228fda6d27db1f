#pragma once
// Whether a loop still moves. A loop that waits says for how long where it waits (pause, Wakeup, the store, a
// socket with a time-out: the leaves do it for the loops above them); anything else that takes longer than
// six seconds is standing still.

#include <list>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/ports.hpp"

namespace gatehouse {

/// On the io thread.
class Pulse {
 public:
  /// So long a loop may go without a step, beyond what it said it waits for.
  static constexpr Duration patience = std::chrono::seconds(6);

  /// `clock` must live as long as loops run.
  Pulse(std::string name, const Clock& clock) : name_(std::move(name)), clock_(clock) { heard(); }
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  /// The loop has made a step.
  void heard() { heard_ = clock_.uptime(); }
  /// No step will ever come.
  void ended() { ended_ = true; }
  bool late() const {
    const auto now = clock_.uptime();
    if (ended_) return true;
    if (now - heard_ <= patience) return false;
    for (const auto until : waits_) {
      if (now <= until + patience) return false;
    }
    return true;
  }
  const std::string& name() const { return name_; }

 private:
  friend class LongWait;
  std::string name_;
  const Clock& clock_;
  Uptime heard_{};
  std::list<Uptime> waits_;  ///< until when it may be silent; a loop may wait for several things at once
  bool ended_ = false;
};

/// Another executor, which notes each step of the coroutine that it was made for.
class PulsedExecutor {
 public:
  PulsedExecutor(boost::asio::any_io_executor inner, std::shared_ptr<Pulse> pulse)
      : inner_(std::move(inner)), pulse_(std::move(pulse)) {}

  const std::shared_ptr<Pulse>& pulse() const { return pulse_; }
  const boost::asio::any_io_executor& inner() const { return inner_; }

  template <typename Property>
    requires(boost::asio::can_query_v<const boost::asio::any_io_executor&, Property>)
  decltype(auto) query(const Property& property) const {
    return boost::asio::query(inner_, property);
  }
  template <typename Property>
    requires(boost::asio::can_require_v<const boost::asio::any_io_executor&, Property>)
  PulsedExecutor require(const Property& property) const {
    return {boost::asio::require(inner_, property), pulse_};
  }
  template <typename Property>
    requires(boost::asio::can_prefer_v<const boost::asio::any_io_executor&, Property>)
  PulsedExecutor prefer(const Property& property) const {
    return {boost::asio::prefer(inner_, property), pulse_};
  }
  template <typename Function>
  void execute(Function&& function) const {
    inner_.execute([pulse = pulse_, step = std::forward<Function>(function)]() mutable {
      pulse->heard();
      std::move(step)();
    });
  }
  bool operator==(const PulsedExecutor& other) const noexcept {
    return pulse_ == other.pulse_ && inner_ == other.inner_;
  }

 private:
  boost::asio::any_io_executor inner_;
  std::shared_ptr<Pulse> pulse_;
};

/// While it lives, the loop that awaits may be silent. For whoever awaits something outside of pause() and
/// Wakeup:
///
///     const auto mine = co_await asio::this_coro::executor;
///     const LongWait waiting(mine, limit);
///
/// Nothing where the coroutine is no loop's.
class LongWait {
 public:
  /// For what is ended by somebody else who is watched: another loop, a thread. A backstop, nothing more.
  static constexpr Duration watched_elsewhere = std::chrono::minutes(15);

  LongWait(const boost::asio::any_io_executor& mine, Duration limit);
  ~LongWait();
  LongWait(const LongWait&) = delete;
  LongWait& operator=(const LongWait&) = delete;

 private:
  std::shared_ptr<Pulse> pulse_;
  std::list<Uptime>::iterator place_;
};

/// The executor below: for sockets and timers that outlive the call in which they were made. What others do
/// with them would be taken for steps of this loop.
boost::asio::any_io_executor without_pulse(const boost::asio::any_io_executor& executor);

/// The pulse of the coroutine with that executor; nullptr where it is no loop's.
std::shared_ptr<Pulse> pulse_of(const boost::asio::any_io_executor& executor);

}  // namespace gatehouse
