#include "tests/unit/scripted_broker.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

#include "tests/unit/mqtt_packets.hpp"

namespace gatehouse::test {
namespace {

using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
using boost::system::error_code;
using TlsStream = boost::asio::ssl::stream<tcp::socket>;

}  // namespace

/// Coroutines and handlers hold plain pointers: the context that owns them is a member, and goes first.
struct ScriptedBroker::Engine {
  struct Link {
    Link(tcp::socket socket, boost::asio::ssl::context& tls) : stream(std::move(socket), tls) {}
    TlsStream stream;
    std::size_t number = 0;
    std::deque<std::string> out;
    bool writing = false;
    std::set<std::uint16_t> unacknowledged;
    std::string in;
  };
  using LinkPtr = std::shared_ptr<Link>;

  Engine(TestAuthority& authority, BrokerScript first, const CertificateFiles& identity)
      : script(std::move(first)), tls(boost::asio::ssl::context::tls_server), acceptor(context) {
    tls.use_certificate_chain_file(identity.cert.string());
    tls.use_private_key_file(identity.key.string(), boost::asio::ssl::context::pem);
    tls.load_verify_file(authority.ca().string());
    SSL_CTX_set_alpn_select_cb(tls.native_handle(), choose_alpn, this);
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    acceptor.listen();
    port = acceptor.local_endpoint().port();
  }

  static int choose_alpn(SSL*, const unsigned char** chosen, unsigned char* length,
                         const unsigned char* offered, unsigned offered_length, void* self) {
    const Engine& engine = *static_cast<Engine*>(self);
    const std::lock_guard lock(engine.mutex);
    for (unsigned at = 0; at < offered_length; at += 1u + offered[at]) {
      const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
      if (name != engine.script.alpn) continue;
      *chosen = offered + at + 1;
      *length = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  BrokerScript current() const {
    const std::lock_guard lock(mutex);
    return script;
  }

  template <typename Change>
  void note(Change change) {
    {
      const std::lock_guard lock(mutex);
      change(seen);
    }
    changed.notify_all();
  }

  awaitable<void> accept();
  awaitable<void> serve(LinkPtr link);
  awaitable<bool> read_packet(LinkPtr link, RawPacket& packet);
  awaitable<void> write(LinkPtr link);
  void send(const LinkPtr& link, std::string bytes);
  void drop(const LinkPtr& link);
  bool handle(const LinkPtr& link, const RawPacket& packet);
  bool handle_connect(const LinkPtr& link, const RawPacket& packet);
  bool handle_publish(const LinkPtr& link, const RawPacket& packet);
  void handle_subscribe(const LinkPtr& link, const RawPacket& packet);

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  BrokerScript script;
  Seen seen;

  boost::asio::io_context context{1};
  boost::asio::ssl::context tls;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  LinkPtr link;
  std::vector<std::uint16_t> withheld;
  std::uint16_t next_id = 1;
  std::thread thread;
};

awaitable<void> ScriptedBroker::Engine::accept() {
  while (acceptor.is_open()) {
    error_code failed;
    tcp::socket socket = co_await acceptor.async_accept(redirect_error(use_awaitable, failed));
    if (failed) co_return;
    socket.set_option(tcp::no_delay(true));
    auto accepted = std::make_shared<Link>(std::move(socket), tls);
    boost::asio::co_spawn(context, serve(accepted), boost::asio::detached);
  }
}

awaitable<void> ScriptedBroker::Engine::serve(LinkPtr mine) {
  const BrokerScript now = current();
  if (link) drop(link);
  link = mine;
  withheld.clear();
  error_code failed;
  if (now.silent) {
    // A peer that is there and says nothing: until the client goes away.
    co_await mine->stream.next_layer().async_wait(tcp::socket::wait_error,
                                                  redirect_error(use_awaitable, failed));
    co_return;
  }
  mine->stream.set_verify_mode(now.want_client_certificate ? boost::asio::ssl::verify_peer |
                                                                 boost::asio::ssl::verify_fail_if_no_peer_cert
                                                           : boost::asio::ssl::verify_none);
  co_await mine->stream.async_handshake(TlsStream::server, redirect_error(use_awaitable, failed));
  while (!failed) {
    RawPacket packet;
    const bool there = co_await read_packet(mine, packet);
    if (!there || !handle(mine, packet)) break;
  }
  drop(mine);
}

awaitable<bool> ScriptedBroker::Engine::read_packet(LinkPtr mine, RawPacket& packet) {
  while (!take_packet(mine->in, packet)) {
    std::array<char, 16384> chunk;
    error_code failed;
    const std::size_t count = co_await mine->stream.async_read_some(boost::asio::buffer(chunk),
                                                                    redirect_error(use_awaitable, failed));
    if (failed) co_return false;
    mine->in.append(chunk.data(), count);
  }
  co_return true;
}

void ScriptedBroker::Engine::send(const LinkPtr& to, std::string bytes) {
  to->out.push_back(std::move(bytes));
  if (to->writing) return;
  to->writing = true;
  boost::asio::co_spawn(context, write(to), boost::asio::detached);
}

awaitable<void> ScriptedBroker::Engine::write(LinkPtr mine) {
  error_code failed;
  while (!mine->out.empty() && !failed) {
    std::string bytes;
    for (const std::string& one : mine->out) bytes += one;
    mine->out.clear();
    co_await boost::asio::async_write(mine->stream, boost::asio::buffer(bytes),
                                      redirect_error(use_awaitable, failed));
  }
  mine->writing = false;
}

void ScriptedBroker::Engine::drop(const LinkPtr& which) {
  error_code ignored;  // it may be gone already
  which->stream.next_layer().close(ignored);
  if (link == which) {
    link.reset();
    note([](Seen& s) { s.unacknowledged = 0; });
  }
}

bool ScriptedBroker::Engine::handle(const LinkPtr& mine, const RawPacket& packet) {
  note([&](Seen& s) { s.largest_packet = std::max(s.largest_packet, packet.whole_size); });
  switch (packet.type()) {
    case PacketType::connect:
      return handle_connect(mine, packet);
    case PacketType::publish:
      return handle_publish(mine, packet);
    case PacketType::subscribe:
      handle_subscribe(mine, packet);
      return true;
    case PacketType::pingreq:
      if (current().answer_pings) send(mine, pingresp_packet());
      return true;
    case PacketType::disconnect:
      note([&](Seen& s) {
        s.disconnects.push_back(packet.body.empty() ? 0 : static_cast<unsigned char>(packet.body[0]));
      });
      return false;
    default:
      return true;
  }
}

bool ScriptedBroker::Engine::handle_connect(const LinkPtr& mine, const RawPacket& packet) {
  SeenConnect connect = parse_connect(packet);
  SSL* ssl = mine->stream.native_handle();
  const unsigned char* alpn = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &length);
  if (alpn) connect.alpn.assign(reinterpret_cast<const char*>(alpn), length);
  if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) connect.server_name = name;
  connect.tls_version = SSL_get_version(ssl);
  if (X509* peer = SSL_get0_peer_certificate(ssl)) {
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name.data(), name.size());
    connect.peer_name = name.data();
  }
  note([&](Seen& s) {
    mine->number = ++s.connections;
    s.connects.push_back(std::move(connect));
  });
  const BrokerScript now = current();
  PacketProperties terms;
  if (now.receive_maximum) terms.numbers[0x21] = *now.receive_maximum;
  if (now.maximum_qos) terms.numbers[0x24] = *now.maximum_qos;
  if (now.maximum_packet) terms.numbers[0x27] = *now.maximum_packet;
  send(mine, connack_packet(now.connack, terms));
  return true;
}

void ScriptedBroker::Engine::handle_subscribe(const LinkPtr& mine, const RawPacket& packet) {
  std::uint16_t id = 0;
  const std::vector<SeenSubscription> topics = parse_subscribe(packet, id);
  note([&](Seen& s) { s.subscriptions.insert(s.subscriptions.end(), topics.begin(), topics.end()); });
  send(mine, suback_packet(id, std::vector<std::uint8_t>(topics.size(), current().suback)));
}

bool ScriptedBroker::Engine::handle_publish(const LinkPtr& mine, const RawPacket& packet) {
  SeenPublish message = parse_publish(packet);
  message.connection = mine->number;
  const bool fresh = mine->unacknowledged.insert(message.id).second;
  note([&](Seen& s) {
    s.publishes.push_back(message);
    s.unacknowledged = mine->unacknowledged.size();
    s.most_unacknowledged = std::max(s.most_unacknowledged, s.unacknowledged);
    if (!fresh) ++s.id_clashes;
  });
  const BrokerScript now = current();
  const PublishAnswer answer = now.on_publish ? now.on_publish(message) : PublishAnswer{};
  switch (answer.act) {
    case PublishAnswer::Act::drop_link:
      return false;
    case PublishAnswer::Act::withhold:
      withheld.push_back(message.id);
      return true;
    case PublishAnswer::Act::acknowledge:
      break;
  }
  mine->unacknowledged.erase(message.id);
  note([&](Seen& s) { s.unacknowledged = mine->unacknowledged.size(); });
  send(mine, puback_packet(message.id, answer.reason));
  return true;
}

ScriptedBroker::ScriptedBroker(TestAuthority& authority, BrokerScript script,
                               std::optional<CertificateFiles> identity)
    : engine_(std::make_unique<Engine>(authority, std::move(script),
                                       identity ? *identity : authority.issue_server("scripted-broker"))) {
  boost::asio::co_spawn(engine_->context, engine_->accept(), boost::asio::detached);
  engine_->thread = std::thread([engine = engine_.get()] { engine->context.run(); });
}

ScriptedBroker::~ScriptedBroker() {
  boost::asio::post(engine_->context, [engine = engine_.get()] {
    engine->acceptor.close();
    if (engine->link) engine->drop(engine->link);
    engine->context.stop();
  });
  engine_->thread.join();
}

std::uint16_t ScriptedBroker::port() const {
  return engine_->port;
}

void ScriptedBroker::script(BrokerScript script) {
  const std::lock_guard lock(engine_->mutex);
  engine_->script = std::move(script);
}

Seen ScriptedBroker::seen() const {
  const std::lock_guard lock(engine_->mutex);
  return engine_->seen;
}

bool ScriptedBroker::wait_for(const std::function<bool(const Seen&)>& holds,
                              std::chrono::milliseconds limit) const {
  std::unique_lock lock(engine_->mutex);
  return engine_->changed.wait_for(lock, limit, [&] { return holds(engine_->seen); });
}

void ScriptedBroker::publish(std::string topic, std::string payload, bool retain) {
  boost::asio::post(engine_->context,
                    [engine = engine_.get(), topic = std::move(topic), payload = std::move(payload), retain] {
                      if (!engine->link) return;
                      engine->send(engine->link, publish_packet(engine->next_id, topic, payload, retain));
                      if (++engine->next_id == 0) engine->next_id = 1;
                    });
}

void ScriptedBroker::acknowledge_withheld(std::uint8_t reason) {
  boost::asio::post(engine_->context, [engine = engine_.get(), reason] {
    if (!engine->link) return;
    for (const std::uint16_t id : std::exchange(engine->withheld, {})) {
      engine->link->unacknowledged.erase(id);
      engine->send(engine->link, puback_packet(id, reason));
    }
  });
}

void ScriptedBroker::drop_link() {
  boost::asio::post(engine_->context, [engine = engine_.get()] {
    if (engine->link) engine->drop(engine->link);
  });
}

void ScriptedBroker::send_disconnect(std::uint8_t reason) {
  boost::asio::post(engine_->context, [engine = engine_.get(), reason] {
    if (engine->link) engine->send(engine->link, disconnect_packet(reason));
  });
}

}  // namespace gatehouse::test
