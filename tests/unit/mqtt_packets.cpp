#include "tests/unit/mqtt_packets.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace gatehouse::test {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::uint16_t two() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8 | byte());
  }
  std::uint32_t four() {
    const std::uint32_t high = two();
    return high << 16 | two();
  }
  std::uint32_t varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const std::uint8_t one = byte();
      value |= static_cast<std::uint32_t>(one & 0x7f) << shift;
      if ((one & 0x80) == 0) break;
    }
    return value;
  }
  std::string text() { return std::string(take(two())); }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) throw std::runtime_error("an MQTT packet breaks off");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  bool empty() const { return rest_.empty(); }
  std::string rest() { return std::string(take(rest_.size())); }

  PacketProperties properties() {
    PacketProperties found;
    Reader inner(take(varint()));
    while (!inner.empty()) inner.property(found);
    return found;
  }

 private:
  void property(PacketProperties& found) {
    const int id = static_cast<int>(varint());
    switch (id) {
      case 0x01:
      case 0x17:
      case 0x19:
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2A:
        found.numbers[id] = byte();
        return;
      case 0x13:
      case 0x21:
      case 0x22:
      case 0x23:
        found.numbers[id] = two();
        return;
      case 0x02:
      case 0x11:
      case 0x18:
      case 0x27:
        found.numbers[id] = four();
        return;
      case 0x0B:
        found.numbers[id] = varint();
        return;
      case 0x26:
        text();
        text();
        return;
      default:
        found.texts[id] = text();
        return;
    }
  }

  std::string_view rest_;
};

void put_two(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}

void put_varint(std::string& out, std::size_t value) {
  do {
    const auto low = static_cast<unsigned char>(value & 0x7f);
    value >>= 7;
    out += static_cast<char>(value > 0 ? low | 0x80 : low);
  } while (value > 0);
}

std::string packet_of(unsigned head, const std::string& body) {
  std::string packet(1, static_cast<char>(head));
  put_varint(packet, body.size());
  return packet + body;
}

}  // namespace

bool take_packet(std::string& bytes, RawPacket& packet) {
  std::size_t length = 0;
  std::size_t at = 1;
  for (int shift = 0;; shift += 7, ++at) {
    if (at >= bytes.size()) return false;
    if (shift > 21) throw std::runtime_error("an MQTT length of more than four bytes");
    const auto one = static_cast<unsigned char>(bytes[at]);
    length |= static_cast<std::size_t>(one & 0x7f) << shift;
    if ((one & 0x80) == 0) break;
  }
  ++at;
  if (bytes.size() < at + length) return false;
  packet.head = static_cast<std::uint8_t>(bytes[0]);
  packet.body = bytes.substr(at, length);
  packet.whole_size = at + length;
  bytes.erase(0, at + length);
  return true;
}

SeenConnect parse_connect(const RawPacket& packet) {
  Reader in(packet.body);
  SeenConnect connect;
  if (in.text() != "MQTT" || in.byte() != 5) throw std::runtime_error("no MQTT 5");
  const std::uint8_t flags = in.byte();
  connect.clean_start = flags & 0x02;
  connect.has_will = flags & 0x04;
  connect.will_qos = flags >> 3 & 3;
  connect.will_retain = flags & 0x20;
  connect.keepalive = in.two();
  connect.properties = in.properties();
  connect.client_id = in.text();
  if (connect.has_will) {
    connect.will_properties = in.properties();
    connect.will_topic = in.text();
    connect.will_payload = in.text();
  }
  if (flags & 0x80) connect.username = in.text();
  if (flags & 0x40) connect.password = in.text();
  return connect;
}

SeenPublish parse_publish(const RawPacket& packet) {
  Reader in(packet.body);
  SeenPublish message;
  message.dup = packet.head & 0x08;
  message.qos = packet.head >> 1 & 3;
  message.retain = packet.head & 0x01;
  message.topic = in.text();
  if (message.qos > 0) message.id = in.two();
  message.properties = in.properties();
  message.payload = in.rest();
  return message;
}

std::vector<SeenSubscription> parse_subscribe(const RawPacket& packet, std::uint16_t& id) {
  Reader in(packet.body);
  id = in.two();
  in.properties();
  std::vector<SeenSubscription> topics;
  while (!in.empty()) {
    std::string topic = in.text();
    topics.push_back({std::move(topic), in.byte()});
  }
  return topics;
}

std::string connack_packet(std::uint8_t reason, const PacketProperties& properties) {
  std::string list;
  for (const auto& [id, value] : properties.numbers) {
    list += static_cast<char>(id);
    if (id == 0x24) {
      list += static_cast<char>(value);
    } else {
      if (id == 0x27) put_two(list, value >> 16);
      put_two(list, value);
    }
  }
  std::string body(1, '\0');
  body += static_cast<char>(reason);
  put_varint(body, list.size());
  return packet_of(0x20, body + list);
}

std::string suback_packet(std::uint16_t id, const std::vector<std::uint8_t>& reasons) {
  std::string body;
  put_two(body, id);
  body += '\0';
  body.append(reasons.begin(), reasons.end());
  return packet_of(0x90, body);
}

std::string puback_packet(std::uint16_t id, std::uint8_t reason) {
  std::string body;
  put_two(body, id);
  if (reason != 0) body += static_cast<char>(reason);
  return packet_of(0x40, body);
}

std::string publish_packet(std::uint16_t id, const std::string& topic, const std::string& payload,
                           bool retain) {
  std::string body;
  put_two(body, static_cast<std::uint32_t>(topic.size()));
  body += topic;
  put_two(body, id);
  body += '\0';
  return packet_of(retain ? 0x33 : 0x32, body + payload);
}

std::string pingresp_packet() {
  return packet_of(0xD0, {});
}

std::string disconnect_packet(std::uint8_t reason) {
  return packet_of(0xE0, std::string(1, static_cast<char>(reason)));
}

}  // namespace gatehouse::test
