#pragma once
// The port Uplink over libmosquitto: MQTT 5, TLS, a thread of its own.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/ports.hpp"
#include "daemon/core/backoff.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// What the link needs of secrets, in clear.
struct MqttSecrets {
  std::optional<std::string> key_pem;     ///< private key of cloud.tls.cert
  std::optional<std::string> password;    ///< of cloud.username
  std::optional<std::string> cert_pem{};  ///< in place of what is in the file cloud.tls.cert
};

/// Other values than these are for tests.
struct MqttTiming {
  BackoffLimits backoff;
  Duration connect = std::chrono::seconds{20};  ///< from the dialling of one address to its SUBACK
  Duration puback = std::chrono::seconds{30};   ///< then a message holds up nobody else
  std::optional<Duration> silence;  ///< nullopt: 1.5 × cloud.keepalive, then the link counts as dead
  Duration tick = std::chrono::seconds{1};
};

struct MqttOptions {
  Cloud cloud;
  std::string root;  ///< `{topic_root}/{tenant}/{gateway}`, without a slash at its end
  /// Payload of the last will on ROOT/up/state. Called on io before each attempt.
  std::function<std::string()> last_will;
  /// Called on io before each attempt, so that rotated secrets are taken up. Empty: none are needed.
  std::function<Result<MqttSecrets>()> secrets;
  MqttTiming timing;
};

class LinkEngine;
class Mailbox;

/// All members are for the io thread. The link itself lives on a thread "mqtt"; what it has to tell comes to
/// the listener through `io`, in order, batched.
///
/// on_down() is also called for each attempt that fails, with words that name what to do about it. After
/// stop() has returned the listener is not called any more.
class MqttUplink final : public Uplink {
 public:
  MqttUplink(const boost::asio::any_io_executor& io, MqttOptions options);
  MqttUplink(const MqttUplink&) = delete;
  MqttUplink& operator=(const MqttUplink&) = delete;
  /// Without a stop() before: cuts the link, no farewell (the broker sends the last will).
  ~MqttUplink() override;

  void start(UplinkListener& listener) override;
  /// Has it run on the thread "mqtt", in its turn; never where that has ended. Any number of times.
  void post(std::function<void()> word);
  /// The thread looks up a name, which nobody can hurry.
  bool looks_up() const;
  void publish(std::vector<Outgoing> messages) override;
  void reconnect(std::string why) override;
  /// The wait for the next attempt is over; nothing where one is under way, or the link is up.
  void hurry();
  /// While it is expected, another client that takes our session over is ourselves: no reason to be slow.
  void expect_takeover(bool expected);
  Task<void> stop(Outgoing farewell, Duration limit) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gatehouse
