#pragma once
// The way to the cloud while a configuration is in force: the uplink, and the forwarder that feeds it.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "connectors/mqtt/mqtt_uplink.hpp"
#include "daemon/app/forwarder.hpp"
#include "daemon/app/state_board.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/cloud_identity.hpp"
#include "daemon/host/thread_watch.hpp"

namespace gatehouse {

/// `{topic_root}/{tenant}/{gateway}`.
std::string topic_root(const Settings& settings);

class CloudLink final : public UplinkListener {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    OutboxStore& store;
    StateBoard& board;
    Alerts& alerts;
    Clock& clock;
    Log& log;
    CloudIdentity& identity;
    std::string gateway;                    ///< "tenant/id"
    std::function<void()> changed;          ///< connected() says something else
    std::function<void(Incoming)> command;  ///< what came down; empty: nobody takes commands
    Tallies* tallies = nullptr;
  };

  /// `settings` must have a cloud.
  CloudLink(const Settings& settings, Parts parts);

  void start();
  /// Says good-bye if connected, and returns when nothing of it runs any more.
  Task<void> stop();

  /// A pair in the files that is not in use yet is tried by a connection beside this one, under the same
  /// client id; only where it gets in, this one follows. False: there is none, or this one is not up (its
  /// next attempt takes it). An error says why the new pair does not do; the old one is at work then. `anew`:
  /// also one that was refused before. Takes 20 s at most.
  Task<Result<bool>> renew(bool anew);
  /// The daemon ends: renew() returns soon, with Errc::cancelled where the new pair was still being tried.
  void give_up_renewal();

  void on_news() { forwarder_.on_news(); }
  /// At once and only if connected: not queued, not numbered (the reply to what nobody has signed).
  void send(const Message& message);
  bool connected() const { return since_.has_value(); }
  std::optional<Instant> since() const { return since_; }
  /// Why the last attempt failed, or the connection was lost; none while connected, or before the first.
  struct Failure {
    Error why;
    Uptime at{};
  };
  const std::optional<Failure>& last_failure() const { return last_failure_; }
  /// Looks whether its thread stands still, for late(). Call it every few seconds.
  void look() { thread_.look(); }
  /// Names of what stands still.
  std::vector<std::string> late() const;

  void on_up(LinkTerms terms) override;
  void on_down(Error why) override;
  void on_outcomes(std::vector<PublishOutcome> outcomes) override { forwarder_.on_outcomes(outcomes); }
  void on_message(Incoming message) override;

 private:
  class FirstWord;
  Task<Result<void>> try_beside(ClientIdentity identity);

  Parts parts_;
  const Settings settings_;  ///< of the link
  Wakeup up_bell_;
  bool renewing_ = false;
  bool taken_over_ = false;  ///< by the connection beside it
  bool giving_up_ = false;
  FirstWord* beside_word_ = nullptr;  ///< while a new certificate is tried
  MqttUplink uplink_;
  Forwarder forwarder_;
  ThreadWatch thread_;
  TaskGroup loops_;
  std::optional<Instant> since_;
  std::optional<Failure> last_failure_;
  Errc told_ = Errc::cancelled;  ///< the kind of failure that the log has last heard of
};

}  // namespace gatehouse
