#include "connectors/mqtt/message_properties.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <mosquitto.h>
#include <mqtt_protocol.h>

namespace gatehouse {
namespace {

constexpr const char* content_type = "application/cloudevents+json";

}  // namespace

void DropProperties::operator()(mqtt5__property* list) const {
  mosquitto_property_free_all(&list);
}

PropertyList message_properties(const std::string& correlation) {
  if (correlation.size() > longest_correlation) return nullptr;
  mosquitto_property* list = nullptr;
  bool made = mosquitto_property_add_byte(&list, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1) == MOSQ_ERR_SUCCESS &&
              mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, content_type) == MOSQ_ERR_SUCCESS;
  if (made && !correlation.empty()) {
    made = mosquitto_property_add_binary(&list, MQTT_PROP_CORRELATION_DATA, correlation.data(),
                                         static_cast<std::uint16_t>(correlation.size())) == MOSQ_ERR_SUCCESS;
  }
  PropertyList owned(list);
  if (!made) owned.reset();
  return owned;
}

std::size_t size_of_properties(const std::string& correlation) {
  const std::size_t plain = 2 + 3 + std::string_view(content_type).size();
  return correlation.empty() ? plain : plain + 3 + correlation.size();
}

std::string response_topic_of(const mqtt5__property* properties) {
  char* text = nullptr;
  if (mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &text, false) == nullptr)
    return {};
  const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
  return text != nullptr ? std::string(text) : std::string();
}

std::string correlation_of(const mqtt5__property* properties) {
  void* bytes = nullptr;
  std::uint16_t size = 0;
  if (mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &bytes, &size, false) == nullptr)
    return {};
  const std::unique_ptr<void, decltype(&std::free)> owned(bytes, &std::free);
  return bytes != nullptr ? std::string(static_cast<const char*>(bytes), size) : std::string();
}

}  // namespace gatehouse
