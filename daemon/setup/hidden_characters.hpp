#pragma once
// Characters of names from elsewhere that a terminal obeys instead of showing them. Inside daemon/setup only.

#include <cstddef>
#include <string_view>

namespace gatehouse::setup {

struct HiddenCharacter {
  std::size_t bytes = 0;  ///< 0: what stands there is seen
  unsigned code = 0;
};

/// A control character (also of the upper half), or one that turns the writing round, at this place of a
/// UTF-8 text.
inline HiddenCharacter hidden_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return {1, byte(0)};
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return {2, byte(1)};
  if (byte(0) != 0xE2 || (byte(1) != 0x80 && byte(1) != 0x81) || byte(2) < 0x80) return {};
  const unsigned code = 0x2000 + (byte(1) - 0x80) * 0x40 + (byte(2) - 0x80);
  const bool turns = code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
                     (code >= 0x2066 && code <= 0x2069);
  if (turns) return {3, code};
  return {};
}

}  // namespace gatehouse::setup
