#pragma once
// The way to the cloud while a configuration is in force: the uplink, and the forwarder that feeds it.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "connectors/mqtt/mqtt_uplink.hpp"
#include "daemon/app/forwarder.hpp"
#include "daemon/app/state_board.hpp"

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
    std::string gateway;                    ///< "tenant/id"
    std::function<void()> changed;          ///< connected() says something else
    std::function<void(Incoming)> command;  ///< what came down; empty: nobody takes commands
  };

  /// `settings` must have a cloud.
  CloudLink(const Settings& settings, Parts parts);

  void start();
  /// Says good-bye if connected, and returns when nothing of it runs any more.
  Task<void> stop();

  void on_news() { forwarder_.on_news(); }
  /// At once and only if connected: not queued, not numbered (the reply to what nobody has signed).
  void send(const Message& message);
  bool connected() const { return since_.has_value(); }
  std::optional<Instant> since() const { return since_; }
  std::vector<std::string> late() const { return loops_.late(); }

  void on_up(LinkTerms terms) override;
  void on_down(Error why) override;
  void on_outcomes(std::vector<PublishOutcome> outcomes) override { forwarder_.on_outcomes(outcomes); }
  void on_message(Incoming message) override;

 private:
  Parts parts_;
  MqttUplink uplink_;
  Forwarder forwarder_;
  TaskGroup loops_;
  std::optional<Instant> since_;
  Errc told_ = Errc::cancelled;  ///< the kind of failure that the log has last heard of
};

}  // namespace gatehouse
