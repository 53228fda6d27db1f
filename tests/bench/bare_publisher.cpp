#include "tests/bench/bare_publisher.hpp"

#include <stdexcept>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "tests/bench/proc.hpp"

namespace gatehouse::bench {
namespace {

using namespace whole;

struct Progress {
  bool up = false;
  std::size_t acknowledged = 0;
};

void on_connect(mosquitto*, void* self, int reason, int, const mosquitto_property*) {
  static_cast<Progress*>(self)->up = reason == 0;
}

void on_publish(mosquitto*, void* self, int, int, const mosquitto_property*) {
  ++static_cast<Progress*>(self)->acknowledged;
}

}  // namespace

double publish_all(const std::vector<Parcel>& parcels, int port, const std::string& certificates,
                   std::size_t window) {
  const double before = thread_cpu_seconds();
  const auto end = deadline(120s);
  Progress progress;
  auto owner = mqtt_client("bare", certificates, "gateway", &progress);
  auto* client = owner.get();
  mosquitto_connect_v5_callback_set(client, on_connect);
  mosquitto_publish_v5_callback_set(client, on_publish);
  mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, static_cast<int>(window));
  if (mosquitto_connect_bind_v5(client, "localhost", port, 60, nullptr, nullptr) != 0)
    throw std::runtime_error("the bare publisher cannot reach the broker");
  mosquitto_property* properties = nullptr;
  mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, "application/cloudevents+json");
  std::size_t sent = 0;
  std::string fault;
  while (progress.acknowledged < parcels.size() && fault.empty()) {
    while (progress.up && sent < parcels.size() && sent < progress.acknowledged + window && fault.empty()) {
      const auto& [topic, payload] = parcels[sent++];
      const int said = mosquitto_publish_v5(client, nullptr, topic.c_str(), static_cast<int>(payload.size()),
                                            payload.data(), 1, false, properties);
      if (said != MOSQ_ERR_SUCCESS) fault = mosquitto_strerror(said);
    }
    const int said = mosquitto_loop(client, 100, 1);
    if (said != MOSQ_ERR_SUCCESS) fault = mosquitto_strerror(said);
    if (Clock::now() > end) fault = "two minutes were not enough";
  }
  mosquitto_property_free_all(&properties);
  mosquitto_disconnect(client);
  if (!fault.empty()) throw std::runtime_error("the bare publisher: " + fault);
  return thread_cpu_seconds() - before;
}

}  // namespace gatehouse::bench
