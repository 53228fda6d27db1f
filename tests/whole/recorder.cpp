#include "tests/whole/recorder.hpp"

#include <stdexcept>

#include <mosquitto.h>
#include <mqtt_protocol.h>

namespace gatehouse::whole {

struct Recorder::Callbacks {
  static void on_connect(mosquitto* client, void* self, int reason, int, const mosquitto_property*) {
    if (reason != 0) return;
    mosquitto_subscribe(client, nullptr, static_cast<Recorder*>(self)->options_.topic.c_str(), 1);
  }

  static void on_subscribe(mosquitto*, void* self, int, int, const int*, const mosquitto_property*) {
    auto& recorder = *static_cast<Recorder*>(self);
    const std::lock_guard lock(recorder.mutex_);
    recorder.subscribed_ = true;
    recorder.changed_.notify_all();
  }

  static void on_message(mosquitto*, void* self, const mosquitto_message* message,
                         const mosquitto_property*) {
    auto& recorder = *static_cast<Recorder*>(self);
    const std::string topic(message->topic);
    const std::string_view payload(static_cast<const char*>(message->payload),
                                   static_cast<std::size_t>(message->payloadlen));
    if (recorder.options_.told) recorder.options_.told(topic, payload, message->retain);
    const std::lock_guard lock(recorder.mutex_);
    recorder.ledger_.take(topic, payload, message->retain);
    recorder.changed_.notify_all();
  }
};

Recorder::Recorder(Options options) : options_(std::move(options)), client_(nullptr, mosquitto_destroy) {
  static const int library = mosquitto_lib_init();
  (void)library;
  client_.reset(mosquitto_new(options_.client_id.c_str(), false, this));
  if (!client_) throw std::runtime_error("cannot make an MQTT client");
  auto* client = client_.get();
  mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 1000);
  const auto& folder = options_.certificates;
  const auto ca = folder + "/ca.pem", certificate = folder + "/watcher.pem", key = folder + "/watcher.key";
  mosquitto_tls_set(client, ca.c_str(), nullptr, certificate.c_str(), key.c_str(), nullptr);
  mosquitto_connect_v5_callback_set(client, Callbacks::on_connect);
  mosquitto_subscribe_v5_callback_set(client, Callbacks::on_subscribe);
  mosquitto_message_v5_callback_set(client, Callbacks::on_message);
  thread_ = std::thread([this] { run(); });
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline(10s), [this] { return subscribed_; })) {
    stopping_ = true;
    lock.unlock();
    thread_.join();
    throw std::runtime_error("the recorder could not subscribe at port " + std::to_string(options_.port));
  }
}

Recorder::~Recorder() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Recorder::run() {
  mosquitto_property* lasting = nullptr;
  mosquitto_property_add_int32(&lasting, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 3600);
  bool connected = false;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    if (!connected) {
      connected =
          mosquitto_connect_bind_v5(client_.get(), "localhost", options_.port, 60, nullptr, lasting) == 0;
      if (!connected) std::this_thread::sleep_for(50ms);  // the broker is away; nothing announces its return
      continue;
    }
    if (mosquitto_loop(client_.get(), 100, 1) != MOSQ_ERR_SUCCESS) connected = false;
  }
  mosquitto_property_free_all(&lasting);
  if (connected) mosquitto_disconnect(client_.get());
}

bool Recorder::wait(Millis within, const std::function<bool(const Ledger&)>& wanted) {
  // Asked at most every 10 ms: at ten thousand messages a second the question would cost more than they do.
  return eventually(within, [&] { return ask(wanted); });
}

Ledger Recorder::ledger() const {
  const std::lock_guard lock(mutex_);
  return ledger_;
}

}  // namespace gatehouse::whole
