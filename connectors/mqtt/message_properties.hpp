#pragma once
// What travels beside a message in MQTT 5: the properties that we send and read.

#include <cstddef>
#include <memory>
#include <string>

struct mqtt5__property;

namespace gatehouse {

struct DropProperties {
  void operator()(mqtt5__property* list) const;
};
using PropertyList = std::unique_ptr<mqtt5__property, DropProperties>;

/// Correlation data is a two-byte length and so many bytes.
constexpr std::size_t longest_correlation = 65'535;

/// Content type, payload format, and the correlation data of a reply where there is any. nullptr where the
/// library cannot make it: it is too long, or memory is out.
PropertyList message_properties(const std::string& correlation = {});
/// Their size in a packet, without the length in front.
std::size_t size_of_properties(const std::string& correlation);

/// Of a message that came. Empty where it has none.
std::string response_topic_of(const mqtt5__property* properties);
std::string correlation_of(const mqtt5__property* properties);

}  // namespace gatehouse
