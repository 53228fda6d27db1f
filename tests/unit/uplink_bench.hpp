#pragma once
// An MqttUplink on a test's own event loop, and everything that it told its listener.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "connectors/mqtt/mqtt_uplink.hpp"
#include "tests/unit/test_certificates.hpp"

namespace gatehouse::test {

class UplinkBench : public UplinkListener {
 public:
  /// To a broker on 127.0.0.1, as client "acme.hq-01" with a certificate of `authority`; retries are quick.
  UplinkBench(TestAuthority& authority, std::uint16_t port);
  ~UplinkBench() override;

  MqttOptions options;  ///< to be changed before start()

  void start();
  /// Runs the loop until `holds`; false when ten seconds have gone by.
  bool run_until(const std::function<bool()>& holds);
  bool come_up() {
    return run_until([&] { return ups > 0; });
  }
  void publish(std::vector<Outgoing> news) { uplink_->publish(std::move(news)); }
  Uplink& uplink() { return *uplink_; }
  /// True if it came back before the limit (and a little).
  bool stop(Outgoing farewell, std::chrono::milliseconds limit = std::chrono::seconds{5});

  int ups = 0;
  LinkTerms terms;
  std::vector<Error> downs;
  std::vector<PublishOutcome> outcomes;
  std::vector<Incoming> messages;
  std::function<void()> when_up;

  void on_up(LinkTerms given) override;
  void on_down(Error why) override { downs.push_back(std::move(why)); }
  void on_outcomes(std::vector<PublishOutcome> given) override;
  void on_message(Incoming message) override { messages.push_back(std::move(message)); }

 private:
  boost::asio::io_context io_;
  std::unique_ptr<MqttUplink> uplink_;
};

/// Message number `token` for ROOT/up/access.
Outgoing numbered(std::int64_t token, std::string payload = "{}");

}  // namespace gatehouse::test
