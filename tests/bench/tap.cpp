#include "tests/bench/tap.hpp"

#include <stdexcept>
#include <utility>

#include <mosquitto.h>
#include <mqtt_protocol.h>

namespace gatehouse::bench {

using namespace whole;

std::unique_ptr<mosquitto, void (*)(mosquitto*)> mqtt_client(const std::string& id,
                                                             const std::string& certificates,
                                                             const std::string& name, void* self) {
  static const int library = mosquitto_lib_init();
  (void)library;
  std::unique_ptr<mosquitto, void (*)(mosquitto*)> client(mosquitto_new(id.c_str(), true, self),
                                                          mosquitto_destroy);
  if (!client) throw std::runtime_error("cannot make an MQTT client");
  mosquitto_int_option(client.get(), MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  const auto ca = certificates + "/ca.pem", certificate = certificates + "/" + name + ".pem",
             key = certificates + "/" + name + ".key";
  mosquitto_tls_set(client.get(), ca.c_str(), nullptr, certificate.c_str(), key.c_str(), nullptr);
  return client;
}

struct Tap::Callbacks {
  static void on_connect(mosquitto* client, void* self, int reason, int, const mosquitto_property*) {
    if (reason != 0) return;
    for (const auto& topic : static_cast<Tap*>(self)->options_.topics)
      mosquitto_subscribe(client, nullptr, topic.c_str(), 1);
  }

  static void on_subscribe(mosquitto*, void* self, int, int, const int*, const mosquitto_property*) {
    auto& tap = *static_cast<Tap*>(self);
    const std::lock_guard lock(tap.mutex_);
    ++tap.subscribed_;
  }

  static void on_message(mosquitto*, void* self, const mosquitto_message* message,
                         const mosquitto_property*) {
    auto& tap = *static_cast<Tap*>(self);
    const std::string_view payload(static_cast<const char*>(message->payload),
                                   static_cast<std::size_t>(message->payloadlen));
    if (tap.options_.told) tap.options_.told(payload);
    const auto now = Clock::now();
    const std::lock_guard lock(tap.mutex_);
    if (tap.count_.messages++ == 0) tap.count_.first = now;
    tap.count_.last = now;
    tap.count_.bytes += payload.size();
    if (tap.options_.keep) tap.kept_.push_back({message->topic, std::string(payload)});
  }
};

Tap::Tap(Options options)
    : options_(std::move(options)), client_(mqtt_client("watcher", options_.certificates, "watcher", this)) {
  auto* client = client_.get();
  mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 1000);
  mosquitto_connect_v5_callback_set(client, Callbacks::on_connect);
  mosquitto_subscribe_v5_callback_set(client, Callbacks::on_subscribe);
  mosquitto_message_v5_callback_set(client, Callbacks::on_message);
  if (mosquitto_connect_bind_v5(client, "localhost", options_.port, 60, nullptr, nullptr) != 0)
    throw std::runtime_error("the subscriber cannot reach the broker");
  thread_ = std::thread([this] { run(); });
  const auto subscribed = [this] {
    const std::lock_guard lock(mutex_);
    return subscribed_ == options_.topics.size();
  };
  if (eventually(10s, subscribed)) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
  throw std::runtime_error("the subscriber could not subscribe");
}

Tap::~Tap() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Tap::run() {
  while (mosquitto_loop(client_.get(), 50, 1) == MOSQ_ERR_SUCCESS) {
    const std::lock_guard lock(mutex_);
    if (stopping_) break;
  }
  mosquitto_disconnect(client_.get());
}

double Tap::Count::rate() const {
  const double took = std::chrono::duration<double>(last - first).count();
  return took > 0 ? static_cast<double>(messages) / took : 0;
}

Tap::Count Tap::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Tap::wait_for(std::uint64_t messages, Millis within) const {
  return eventually(within, [&] { return count().messages >= messages; });
}

void Tap::start_anew() {
  const std::lock_guard lock(mutex_);
  count_ = {};
  kept_.clear();
}

std::vector<Parcel> Tap::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(kept_, {});
}

}  // namespace gatehouse::bench
