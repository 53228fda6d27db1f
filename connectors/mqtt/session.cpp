#include "connectors/mqtt/session.hpp"

#include <array>
#include <cerrno>
#include <limits>
#include <mutex>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "connectors/mqtt/message_properties.hpp"
#include "connectors/mqtt/reason_words.hpp"
#include "connectors/mqtt/tls_context.hpp"

// Faults of libmosquitto 2.0.11 that sanitizers find and that do us no harm: it forgets the proxy's name (a
// few bytes for each connection attempt), and unlocks a mutex that is not locked when the broker disconnects
// us.
#if __has_feature(address_sanitizer)
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {
  return "leak:mosquitto_socks5_set\n";
}
#elif __has_feature(thread_sanitizer)
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_suppressions() {
  return "mutex:libmosquitto.so\n";
}
#endif

namespace gatehouse {
namespace {

constexpr std::uint32_t our_maximum_packet = 2u << 20;  // contract §3
constexpr std::uint16_t our_receive_maximum = 20;  // commands at a time; libmosquitto acknowledges at once
constexpr std::array<const char*, 2> down_topics{"down/command", "down/roster"};
constexpr long write_buffer = 64L * 1024;

std::size_t varint_size(std::uint64_t value) {
  return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

Error library_error(std::string_view doing, int code) {
  return Error{Errc::invalid, fmt::format("{}: {}", doing, mosquitto_strerror(code))};
}

}  // namespace

struct Session::Callbacks {
  static Session& of(void* self) { return *static_cast<Session*>(self); }

  static void connected(mosquitto* link, void* self, int reason, int /*flags*/,
                        const mosquitto_property* given) {
    Session& session = of(self);
    if (reason != 0) {
      session.refusal_ = connack_error(static_cast<std::uint8_t>(reason));
      return;
    }
    LinkTerms terms;
    mosquitto_property_read_int16(given, MQTT_PROP_RECEIVE_MAXIMUM, &terms.receive_maximum, false);
    mosquitto_property_read_int32(given, MQTT_PROP_MAXIMUM_PACKET_SIZE, &terms.maximum_packet, false);
    std::uint8_t best_qos = 2;
    mosquitto_property_read_byte(given, MQTT_PROP_MAXIMUM_QOS, &best_qos, false);
    if (best_qos < 1) {
      session.refusal_ = connack_error(0x9B);
      return;
    }
    if (terms.receive_maximum == 0) {  // MQTT 5 §3.2.2.3.3: a protocol error
      session.refusal_ = Error{Errc::malformed, "the broker announced a Receive Maximum of 0"};
      return;
    }
    session.welcomed_ = true;
    session.maximum_packet_ = terms.maximum_packet;
    std::array<std::string, down_topics.size()> names;
    std::array<char*, down_topics.size()> topics{};
    for (std::size_t i = 0; i < topics.size(); ++i) {
      names[i] = session.plan_.root + '/' + down_topics[i];
      topics[i] = names[i].data();
    }
    const int code = mosquitto_subscribe_multiple(
        link, nullptr, static_cast<int>(topics.size()), topics.data(), 1,
        MQTT_SUB_OPT_RETAIN_AS_PUBLISHED | MQTT_SUB_OPT_SEND_RETAIN_ALWAYS, nullptr);
    if (code != MOSQ_ERR_SUCCESS) {
      session.refusal_ = library_error("subscribe", code);
      return;
    }
    session.listener_.on_connected(terms);
  }

  static void subscribed(mosquitto*, void* self, int, int count, const int* granted,
                         const mosquitto_property*) {
    Session& session = of(self);
    if (static_cast<std::size_t>(count) != down_topics.size()) {
      session.refusal_ = Error{Errc::malformed, fmt::format("the broker answered {} topics with {} reasons",
                                                            down_topics.size(), count)};
      return;
    }
    for (std::size_t i = 0; i < down_topics.size(); ++i) {
      if (granted[i] < 0x80) continue;
      session.refusal_ =
          suback_error(static_cast<std::uint8_t>(granted[i]), session.plan_.root + '/' + down_topics[i]);
      return;
    }
    session.listener_.on_subscribed();
  }

  static void published(mosquitto*, void* self, int id, int reason, const mosquitto_property*) {
    of(self).listener_.on_puback(static_cast<std::uint16_t>(id), static_cast<std::uint8_t>(reason));
  }

  static void arrived(mosquitto*, void* self, const mosquitto_message* message,
                      const mosquitto_property* properties) {
    Session& session = of(self);
    const std::string_view topic = message->topic;
    const std::string& root = session.plan_.root;
    if (!topic.starts_with(root) || topic.size() <= root.size() || topic[root.size()] != '/') return;
    const auto* bytes = static_cast<const char*>(message->payload);
    session.listener_.on_arrival(
        {.topic = std::string(topic.substr(root.size() + 1)),
         .payload = bytes ? std::string(bytes, static_cast<std::size_t>(message->payloadlen)) : std::string(),
         .retained = message->retain,
         .response_topic = response_topic_of(properties),
         .correlation = correlation_of(properties)});
  }

  static void ended(mosquitto*, void* self, int code, const mosquitto_property*) {
    Session& session = of(self);
    // It comes a second time when the library notices that it has closed its own socket.
    if (session.ended_by_ != 0 || session.ended_code_ != 0) return;
    if (code >= 0x80) session.ended_by_ = static_cast<std::uint8_t>(code);
    if (code < 0x80) session.ended_code_ = code;
  }
};

Result<std::unique_ptr<Session>> Session::dial(const SessionPlan& plan, std::unique_ptr<TlsContext> tls,
                                               SessionListener& listener) {
  // Never undone: mosquitto_lib_cleanup() unloads OpenSSL's modules, which are not ours alone.
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
  std::unique_ptr<Session> session(new Session(plan, std::move(tls), listener));
  if (auto error = session->prepare()) return *error;
  const Cloud& cloud = *plan.cloud;
  const auto keepalive = std::chrono::duration_cast<std::chrono::seconds>(cloud.keepalive).count();
  const std::string& target = cloud.proxy ? cloud.host : plan.address;
  const int code = mosquitto_connect_bind_async(session->link_, target.c_str(), cloud.port,
                                                static_cast<int>(keepalive), nullptr);
  const int system_error = errno;
  if (code != MOSQ_ERR_SUCCESS) {
    if (code == MOSQ_ERR_ERRNO) return dial_error(system_error, session->where());
    return session->why(code, system_error);
  }
  session->tls_->let_handshake_go_on(session->tls());
  session->dialled_ = session->has_peer();  // at once, on loopback
  return session;
}

Session::Session(const SessionPlan& plan, std::unique_ptr<TlsContext> tls, SessionListener& listener)
    : plan_(plan), tls_(std::move(tls)), listener_(listener), publish_properties_(message_properties()) {}

Session::~Session() {
  mosquitto_destroy(link_);
}

std::optional<Error> Session::prepare() {
  const Cloud& cloud = *plan_.cloud;
  link_ = mosquitto_new(cloud.client_id.c_str(), true, this);
  if (link_ == nullptr)
    return Error{Errc::invalid, fmt::format("cloud.client_id '{}' is no MQTT id", cloud.client_id)};
  mosquitto_int_option(link_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(
      link_, MOSQ_OPT_SEND_MAXIMUM,
      static_cast<int>(std::numeric_limits<std::uint16_t>::max()));  // SendWindow keeps the count
  mosquitto_int_option(link_, MOSQ_OPT_RECEIVE_MAXIMUM, our_receive_maximum);
  mosquitto_int_option(link_, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(link_, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
  mosquitto_void_option(link_, MOSQ_OPT_SSL_CTX, tls_->native());
  mosquitto_connect_v5_callback_set(link_, Callbacks::connected);
  mosquitto_subscribe_v5_callback_set(link_, Callbacks::subscribed);
  mosquitto_publish_v5_callback_set(link_, Callbacks::published);
  mosquitto_message_v5_callback_set(link_, Callbacks::arrived);
  mosquitto_disconnect_v5_callback_set(link_, Callbacks::ended);
  if (cloud.username) {
    const int code = mosquitto_username_pw_set(link_, cloud.username->c_str(),
                                               plan_.password ? plan_.password->c_str() : nullptr);
    if (code != MOSQ_ERR_SUCCESS) return library_error("cloud.username", code);
  }
  if (auto error = leave_will()) return error;
  if (auto error = ask_for_terms()) return error;
  if (cloud.proxy) {
    const int code = mosquitto_socks5_set(link_, plan_.address.c_str(), cloud.proxy->port, nullptr, nullptr);
    if (code != MOSQ_ERR_SUCCESS) return library_error("cloud.proxy", code);
  }
  return std::nullopt;
}

std::optional<Error> Session::leave_will() {
  PropertyList properties = message_properties();
  const int code =
      mosquitto_will_set_v5(link_, (plan_.root + "/up/state").c_str(), static_cast<int>(plan_.will.size()),
                            plan_.will.data(), 1, true, properties.get());
  if (code != MOSQ_ERR_SUCCESS) return library_error("last will", code);
  static_cast<void>(properties.release());  // the library's now
  return std::nullopt;
}

std::optional<Error> Session::ask_for_terms() {
  mosquitto_property* properties = nullptr;
  mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 0);
  mosquitto_property_add_int16(&properties, MQTT_PROP_RECEIVE_MAXIMUM, our_receive_maximum);
  mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, our_maximum_packet);
  // The call that takes CONNECT properties blocks, and the one that does not block takes none. The first
  // keeps them for the second, also when it fails, which it does here before any system call: a local socket
  // without a name (2.0.11, lib/connect.c, lib/net_mosq.c). mqtt_uplink_test.cpp sees them arrive at a
  // broker.
  mosquitto_connect_bind_v5(link_, "", 0, 60, nullptr, properties);
  mosquitto_property_free_all(&properties);
  return std::nullopt;
}

int Session::socket() const {
  return mosquitto_socket(link_);
}

ssl_st* Session::tls() const {
  return static_cast<SSL*>(mosquitto_ssl_get(link_));
}

bool Session::in_handshake() const {
  return tls() == nullptr || SSL_in_init(tls()) != 0;
}

bool Session::wants_write() const {
  if (!dialled_ || mosquitto_want_write(link_)) return true;
  return gathering_ && tls() != nullptr && BIO_wpending(SSL_get_wbio(tls())) > 0;
}

Result<void> Session::on_readable() {
  while (true) {
    errno = 0;
    const int code = mosquitto_loop_read(link_, 1);
    const int system_error = errno;
    if (auto alive = after(code, system_error); !alive) return alive;
    // The library stops early when a write met a full socket; what OpenSSL has already read would then wait
    // for the next byte from the broker.
    const ssl_st* ssl = tls();
    if (ssl == nullptr || SSL_has_pending(ssl) == 0 || SSL_want_read(ssl)) return {};
  }
}

bool Session::has_peer() const {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return getpeername(socket(), reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

Result<void> Session::on_writable() {
  if (!dialled_) {
    int failed = 0;
    socklen_t size = sizeof failed;
    getsockopt(socket(), SOL_SOCKET, SO_ERROR, &failed, &size);
    // libmosquitto would take a refused connection for a handshake that goes on, and spin; or its first write
    // has already fetched the error.
    if (failed != 0 || !has_peer()) return dial_error(failed != 0 ? failed : ECONNREFUSED, where());
    dialled_ = true;
  }
  // The library's loop drives the handshake from its read side alone.
  if (tls() != nullptr && in_handshake()) return on_readable();
  return flush();
}

Result<void> Session::on_tick() {
  errno = 0;
  const int code = mosquitto_loop_misc(link_);
  return after(code, errno);
}

Result<void> Session::flush() {
  if (!dialled_ || socket() < 0) return after(MOSQ_ERR_SUCCESS, 0);
  if (mosquitto_want_write(link_)) {
    errno = 0;
    const int code = mosquitto_loop_write(link_, 1);
    const int system_error = errno;
    if (auto alive = after(code, system_error); !alive) return alive;
  }
  if (!gathering_ || tls() == nullptr) return {};
  BIO* out = SSL_get_wbio(tls());
  if (BIO_wpending(out) == 0) return {};
  errno = 0;
  if (BIO_flush(out) <= 0 && !BIO_should_retry(out)) {
    const int system_error = errno;
    mosquitto_loop_read(link_,
                        1);  // the broker's last words (an alert, a DISCONNECT) say more than a broken pipe
    return why(MOSQ_ERR_ERRNO, system_error);
  }
  // The buffer was full when the library last wrote: there is room now.
  if (BIO_wpending(out) == 0 && mosquitto_want_write(link_)) return flush();
  return {};
}

Result<Session::Published> Session::publish(const Outgoing& message) {
  topic_.assign(plan_.root).append(1, '/').append(message.topic);
  // The library's own check of the broker's limit is two bytes short (2.0.11, lib/actions.c,
  // lib/packet_mosq.c).
  if (maximum_packet_ != 0 && packet_size(message) > maximum_packet_) {
    return Published{Publish::too_large, 0};
  }
  PropertyList own;  // a reply has correlation data, and properties of its own with it
  if (!message.correlation.empty()) {
    own = message_properties(message.correlation);
    if (!own) return Published{Publish::refused, 0};
  }
  int id = 0;
  errno = 0;
  const int code = mosquitto_publish_v5(link_, &id, topic_.c_str(), static_cast<int>(message.payload.size()),
                                        message.payload.data(), 1, message.retain,
                                        own ? own.get() : publish_properties_.get());
  switch (code) {
    case MOSQ_ERR_SUCCESS:
      return Published{Publish::sent, static_cast<std::uint16_t>(id)};
    case MOSQ_ERR_OVERSIZE_PACKET:
    case MOSQ_ERR_PAYLOAD_SIZE:
      return Published{Publish::too_large, 0};
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
      return Published{Publish::refused, 0};
    default:
      return why(code, errno);
  }
}

std::uint64_t Session::packet_size(const Outgoing& message) const {
  const std::size_t properties = size_of_properties(message.correlation);
  const std::uint64_t remaining =
      2 + topic_.size() + 2 + varint_size(properties) + properties + message.payload.size();
  return 1 + varint_size(remaining) + remaining;
}

void Session::disconnect() {
  mosquitto_disconnect_v5(link_, 0, nullptr);  // closes the socket behind it, unless the packet has to wait
  if (socket() >= 0) {
    mosquitto_loop_write(link_, 1);
    if (gathering_ && tls() != nullptr) BIO_flush(SSL_get_wbio(tls()));
  }
}

/// Is the connection still there after a call into the library?
Result<void> Session::after(int code, int system_error) {
  if (refusal_) return *refusal_;
  if (code != MOSQ_ERR_SUCCESS || socket() < 0) return why(code, system_error);
  if (dialled_ && tls() != nullptr) {
    tls_->let_handshake_go_on(tls());  // behind a proxy it begins only here
    if (in_handshake() && cut_in_handshake()) {
      if (tls_->failure()) return *tls_->failure();
      return Error{Errc::tls,
                   fmt::format("{} closed the connection during the TLS handshake: is it an MQTT port with "
                               "TLS?",
                               where())};
    }
    if (!in_handshake() && !gathering_) gather_writes();
  }
  return {};
}

/// libmosquitto takes the end of the stream for a handshake that goes on (SSL_ERROR_SYSCALL).
bool Session::cut_in_handshake() const {
  char byte = 0;
  const ssize_t there = recv(socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return there == 0 || (there < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/// TLS records gather in a buffer and leave together, at the end of a turn: one system call for a burst of
/// messages in place of one for each. OpenSSL flushes it by itself for alerts (close_notify too).
void Session::gather_writes() {
  gathering_ = true;
  BIO* plain = SSL_get_wbio(tls());
  BIO* buffer = BIO_new(BIO_f_buffer());
  if (buffer == nullptr) return;
  BIO_set_write_buffer_size(buffer, write_buffer);
  BIO_up_ref(plain);  // it is the read side as well, and SSL_set0_wbio() lets go of it once
  SSL_set0_wbio(tls(), BIO_push(buffer, plain));
}

std::string Session::where() const {
  const Cloud& cloud = *plan_.cloud;
  if (cloud.proxy)
    return fmt::format("the proxy {}:{} ({})", cloud.proxy->host, cloud.proxy->port, plan_.address);
  if (plan_.address == cloud.host) return fmt::format("{}:{}", cloud.host, cloud.port);
  return fmt::format("{}:{} ({})", cloud.host, cloud.port, plan_.address);
}

Error Session::why(int code, int system_error) const {
  if (refusal_) return *refusal_;
  if (tls_->failure()) return *tls_->failure();
  if (ended_by_ != 0) return disconnect_error(ended_by_, plan_.cloud->client_id);
  if (code == MOSQ_ERR_SUCCESS) code = ended_code_;
  if (plan_.cloud->proxy && tls() == nullptr) return proxy_error(code);
  switch (code) {
    case MOSQ_ERR_KEEPALIVE:
      return Error{Errc::timeout, "the broker did not answer a PINGREQ: the link is dead"};
    case MOSQ_ERR_TLS:
      return Error{Errc::tls,
                   fmt::format("the TLS handshake with {} failed: is it an MQTT port with TLS?", where())};
    case MOSQ_ERR_PROTOCOL:
    case MOSQ_ERR_MALFORMED_PACKET:
      return Error{Errc::malformed, fmt::format("{} sent what is no MQTT 5: is it an MQTT broker?", where())};
    case MOSQ_ERR_EAI:
      return Error{Errc::unreachable, fmt::format("'{}' is no address", plan_.address)};
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
      return connack_error(0x9B);
    case MOSQ_ERR_NOMEM:
      return Error{Errc::busy, "out of memory"};
    default:
      break;
  }
  const std::string cause = system_error == 0 || system_error == EPROTO || system_error == EAGAIN
                                ? std::string("cut by the other side")
                                : dial_error(system_error, where()).detail;
  if (!welcomed_) {
    return Error{Errc::unreachable,
                 fmt::format("the broker closed the connection before it welcomed us ({}): does it "
                             "let this client id and certificate in?",
                             cause)};
  }
  return Error{Errc::unreachable, fmt::format("the connection to the broker was lost: {}", cause)};
}

Error Session::proxy_error(int code) const {
  switch (code) {
    case MOSQ_ERR_AUTH:
      return Error{Errc::forbidden, fmt::format("{} does not let us through: allow {}:{} there", where(),
                                                plan_.cloud->host, plan_.cloud->port)};
    case MOSQ_ERR_NO_CONN:
      return Error{Errc::unreachable,
                   fmt::format("{} cannot reach {}:{}", where(), plan_.cloud->host, plan_.cloud->port)};
    default:
      return Error{Errc::unreachable,
                   fmt::format("{} does not serve us as a SOCKS5 proxy: check cloud.proxy", where())};
  }
}

}  // namespace gatehouse
