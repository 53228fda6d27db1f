#pragma once
// Just enough of MQTT 5's packets for a broker that a test plays.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/scripted_broker.hpp"

namespace gatehouse::test {

enum class PacketType { connect = 1, publish = 3, puback = 4, subscribe = 8, pingreq = 12, disconnect = 14 };

struct RawPacket {
  std::uint8_t head = 0;  ///< type and flags
  std::string body;       ///< behind the remaining length
  std::size_t whole_size = 0;
  PacketType type() const { return static_cast<PacketType>(head >> 4); }
};

/// Moves the first whole packet out of `bytes`; false while there is none.
bool take_packet(std::string& bytes, RawPacket& packet);

/// These throw std::runtime_error where the packet breaks off.
SeenConnect parse_connect(const RawPacket& packet);
SeenPublish parse_publish(const RawPacket& packet);
std::vector<SeenSubscription> parse_subscribe(const RawPacket& packet, std::uint16_t& id);

std::string connack_packet(std::uint8_t reason, const PacketProperties& properties);
std::string suback_packet(std::uint16_t id, const std::vector<std::uint8_t>& reasons);
std::string puback_packet(std::uint16_t id, std::uint8_t reason);
std::string publish_packet(std::uint16_t id, const std::string& topic, const std::string& payload,
                           bool retain);
std::string pingresp_packet();
std::string disconnect_packet(std::uint8_t reason);

}  // namespace gatehouse::test
