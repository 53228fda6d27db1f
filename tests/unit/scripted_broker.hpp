#pragma once
// An MQTT 5 broker over TLS that does what a test says, and remembers what it was sent. It runs on a thread
// of its own, on a free loopback port. It is for one client at a time; a new one takes the place of the old.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/test_certificates.hpp"

namespace gatehouse::test {

/// MQTT 5 properties by identifier (§2.2.2.2): numbers, and strings or binaries. User properties are left
/// out.
struct PacketProperties {
  std::map<int, std::uint32_t> numbers;
  std::map<int, std::string> texts;
};

struct SeenConnect {
  std::string client_id;
  bool clean_start = false;
  std::uint16_t keepalive = 0;  ///< seconds
  PacketProperties properties;
  bool has_will = false;
  int will_qos = 0;
  bool will_retain = false;
  PacketProperties will_properties;
  std::string will_topic;
  std::string will_payload;
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::string alpn;         ///< as negotiated
  std::string server_name;  ///< SNI, as asked for
  std::string tls_version;  ///< "TLSv1.3"
  std::string peer_name;    ///< common name of the client's certificate
};

struct SeenSubscription {
  std::string topic;
  int options = 0;  ///< the byte of MQTT 5 §3.8.3.1
};

struct SeenPublish {
  std::size_t connection = 0;  ///< counts from 1
  std::uint16_t id = 0;
  int qos = 0;
  bool retain = false;
  bool dup = false;
  std::string topic;
  std::string payload;
  PacketProperties properties;
};

struct Seen {
  std::size_t connections = 0;  ///< with a CONNECT
  std::vector<SeenConnect> connects;
  std::vector<SeenSubscription> subscriptions;
  std::vector<SeenPublish> publishes;
  std::vector<int> disconnects;    ///< reasons of the client's DISCONNECTs
  std::size_t unacknowledged = 0;  ///< now, of this connection
  std::size_t most_unacknowledged = 0;
  std::size_t id_clashes = 0;  ///< publishes whose identifier was in use
  std::size_t largest_packet = 0;
};

struct PublishAnswer {
  enum class Act { acknowledge, withhold, drop_link };
  Act act = Act::acknowledge;
  std::uint8_t reason = 0;
};

struct BrokerScript {
  std::uint8_t connack = 0;
  std::optional<std::uint16_t> receive_maximum{};
  std::optional<std::uint32_t> maximum_packet{};
  std::optional<std::uint8_t> maximum_qos{};
  std::uint8_t suback = 1;  ///< for each topic
  bool silent = false;      ///< takes everything and answers nothing, from the TCP connection on
  bool answer_pings = true;
  bool want_client_certificate = true;
  std::string alpn = "mqtt";
  /// Called on the broker's thread for each PUBLISH. Empty: all are acknowledged.
  std::function<PublishAnswer(const SeenPublish&)> on_publish{};
};

class ScriptedBroker {
 public:
  /// Trusts `authority`, which also issues its certificate unless `identity` is one.
  ScriptedBroker(TestAuthority& authority, BrokerScript script = {},
                 std::optional<CertificateFiles> identity = std::nullopt);
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;
  ~ScriptedBroker();

  std::uint16_t port() const;

  /// From now on, for connections and messages to come.
  void script(BrokerScript script);

  Seen seen() const;

  /// Waits until `holds` of what was seen; false after `limit`. For tests without an event loop.
  bool wait_for(const std::function<bool(const Seen&)>& holds,
                std::chrono::milliseconds limit = std::chrono::seconds{10}) const;

  /// To the client, QoS 1.
  void publish(std::string topic, std::string payload, bool retain = false);
  void acknowledge_withheld(std::uint8_t reason = 0);
  void drop_link();
  void send_disconnect(std::uint8_t reason);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace gatehouse::test
