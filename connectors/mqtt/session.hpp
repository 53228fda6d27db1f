#pragma once
// One connection to the broker, from dialling to its end. The only user of libmosquitto's link: a new
// instance for each connection, so that nothing the library queued can ever be sent again behind our back.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mqtt/message_properties.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/core/settings.hpp"

struct mosquitto;
extern "C" {
struct ssl_st;
}

namespace gatehouse {

class TlsContext;

struct SessionPlan {
  const Cloud* cloud = nullptr;
  std::string root;
  std::string address;  ///< literal address of the broker, or of the proxy where there is one
  std::optional<std::string> password;
  std::string will;
};

/// Called from inside Session's on_readable(), on_writable() and on_tick(); the session must outlive the
/// call.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  virtual void on_connected(LinkTerms terms) = 0;
  virtual void on_subscribed() = 0;
  virtual void on_puback(std::uint16_t id, std::uint8_t reason) = 0;
  virtual void on_arrival(Incoming message) = 0;
};

/// For one thread. A Result that is an error means: the connection is over.
class Session {
 public:
  static Result<std::unique_ptr<Session>> dial(const SessionPlan& plan, std::unique_ptr<TlsContext> tls,
                                               SessionListener& listener);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  int socket() const;
  bool dialled() const { return dialled_; }  ///< TCP is there; until then wait for writability only
  bool wants_write() const;

  Result<void> on_readable();
  Result<void> on_writable();
  Result<void> on_tick();  ///< about once a second: keep-alive
  Result<void> flush();    ///< at the end of each turn: what was published leaves now

  enum class Publish { sent, too_large, refused };
  struct Published {
    Publish how;
    std::uint16_t id;
  };
  /// QoS 1. `refused`: MQTT cannot carry it (a topic with a wildcard, or correlation data above 64 KiB).
  Result<Published> publish(const Outgoing& message);

  /// DISCONNECT, as far as the socket takes it.
  void disconnect();

  bool taken_over() const { return ended_by_ == 0x8E; }

 private:
  struct Callbacks;
  Session(const SessionPlan& plan, std::unique_ptr<TlsContext> tls, SessionListener& listener);
  std::optional<Error> prepare();
  std::optional<Error> ask_for_terms();
  std::optional<Error> leave_will();
  Result<void> after(int code, int system_error);
  Error why(int code, int system_error) const;
  Error proxy_error(int code) const;
  ssl_st* tls() const;
  bool has_peer() const;
  bool in_handshake() const;
  bool cut_in_handshake() const;
  void gather_writes();
  std::string where() const;
  std::uint64_t packet_size(const Outgoing& message) const;

  SessionPlan plan_;
  std::unique_ptr<TlsContext> tls_;
  SessionListener& listener_;
  mosquitto* link_ = nullptr;
  PropertyList publish_properties_;  ///< of each message that is no reply
  std::string topic_;                ///< scratch: ROOT and the message's own
  std::uint32_t maximum_packet_ = 0;
  bool dialled_ = false;
  bool gathering_ = false;
  bool welcomed_ = false;
  std::optional<Error> refusal_;  ///< CONNACK or SUBACK said no
  std::uint8_t ended_by_ = 0;     ///< reason of the broker's DISCONNECT
  int ended_code_ = 0;            ///< libmosquitto's own code for the end
};

}  // namespace gatehouse
