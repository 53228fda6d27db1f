#pragma once
// The mqtt thread: connects, keeps the window full, and notices when the link is dead.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connectors/mqtt/mailbox.hpp"
#include "connectors/mqtt/mqtt_uplink.hpp"
#include "connectors/mqtt/send_window.hpp"
#include "connectors/mqtt/session.hpp"

namespace gatehouse {

/// What io has to say at the beginning of an attempt.
struct Attempt {
  std::string will;
  MqttSecrets secrets;
};

/// The public members may be called from any thread and return at once; all others run in run().
class LinkEngine : private SessionListener {
 public:
  /// `options` without its functions, which belong to io.
  LinkEngine(MqttOptions options, std::shared_ptr<Mailbox> mailbox, std::uint64_t seed);
  ~LinkEngine() override = default;

  /// The body of the thread. Returns after LinkStopped was pushed. May hang for as long as a name look-up
  /// hangs; whoever cannot wait leaves the thread alone with its shared_ptr.
  void run();

  void proceed(Result<Attempt> attempt);  ///< the answer to AttemptWanted
  void publish(std::vector<Outgoing> messages);
  void reconnect(std::string why);
  void hurry();
  void expect_takeover(bool expected) { takeover_expected_ = expected; }
  /// Has it run in its turn, to see whether the thread does.
  void post(std::function<void()> word);
  /// Without a farewell: at once.
  void stop(std::optional<Outgoing> farewell, Duration limit);
  /// A name look-up is under way, and nobody knows how long it takes.
  bool hangs() const { return looking_up_; }

 private:
  enum class Phase { idle, preparing, connecting, up };

  void want_attempt();
  void attempt(const Attempt& with);
  Result<std::unique_ptr<Session>> dial(const Attempt& with);
  Result<std::vector<std::string>> addresses();
  void adopt(std::unique_ptr<Session> session);
  void drop(Error why);
  void abandon_session();
  void finish();

  void arm();
  void arm_tick();
  void arm_deadline(Duration after);
  void readable(std::uint64_t generation);
  void writable(std::uint64_t generation);
  void tick();
  void end_turn(Result<void> alive);
  void pump();
  void report(std::int64_t token, std::uint8_t reason, bool too_large);

  void on_connected(LinkTerms terms) override;
  void on_subscribed() override;
  void on_puback(std::uint16_t id, std::uint8_t reason) override;
  void on_arrival(Incoming message) override;

  MqttOptions options_;
  std::shared_ptr<Mailbox> mailbox_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::posix::stream_descriptor descriptor_;  ///< a duplicate of the session's socket
  boost::asio::steady_timer retry_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer tick_;

  Phase phase_ = Phase::idle;
  Backoff backoff_;
  std::unique_ptr<Session> session_;
  std::uint64_t generation_ = 0;  ///< of the session; a handler of an older one does nothing
  std::size_t attempts_ = 0;      ///< since the link was last up; names the address to try
  bool reading_ = false;
  bool writing_ = false;
  LinkTerms terms_;
  SendWindow window_;
  std::vector<PublishOutcome> outcomes_;  ///< of this turn
  std::optional<Error> doomed_;           ///< the session ends with this turn
  Uptime last_heard_{};
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> looking_up_ = false;
  std::atomic<bool> takeover_expected_ = false;
  bool said_farewell_ = false;
  bool farewell_arrived_ = false;
};

}  // namespace gatehouse
