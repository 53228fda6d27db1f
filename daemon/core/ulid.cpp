#include "daemon/core/ulid.hpp"

#include <string_view>

namespace gatehouse {

std::string make_ulid(Instant at, const UlidChance& chance) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::array<std::uint8_t, 16> bytes{};
  const auto ms = static_cast<std::uint64_t>(at.time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  for (std::size_t i = 0; i < chance.size(); ++i) bytes[6 + i] = chance[i];

  // 128 bits in 26 groups of five: the first group holds the top three.
  std::string text;
  text.reserve(26);
  unsigned held = 0;
  int bits = 2;  // two leading zero bits make 130
  for (auto byte : bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >> bits) & 31U];
    }
  }
  return text;
}

}  // namespace gatehouse
