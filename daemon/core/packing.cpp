#include "daemon/core/packing.hpp"

namespace gatehouse {

Packer& Packer::number(std::uint64_t value) {
  while (value >= 0x80) {
    out_ += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out_ += static_cast<char>(value);
  return *this;
}

Packer& Packer::signed_number(std::int64_t value) {
  // The sign goes to the lowest bit, so that small numbers of either sign are short.
  const auto bits = static_cast<std::uint64_t>(value);
  return number((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

Packer& Packer::text(std::string_view value) {
  number(value.size());
  out_ += value;
  return *this;
}

std::uint64_t Unpacker::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; good_ && shift < 64; shift += 7) {
    if (left_.empty()) break;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    const std::uint64_t seven = byte & 0x7FU;
    if (shift == 63 && seven > 1) break;  // more than 64 bits
    value |= seven << shift;
    if ((byte & 0x80U) == 0) {
      if (byte == 0 && shift > 0) break;  // not the shortest form, so not ours
      return value;
    }
  }
  good_ = false;
  return 0;
}

std::int64_t Unpacker::signed_number() {
  const auto bits = number();
  return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
}

std::uint64_t Unpacker::below(std::uint64_t limit) {
  const auto value = number();
  if (value < limit) return value;
  good_ = false;
  return 0;
}

std::string Unpacker::text() {
  const auto size = below(left_.size() + 1);
  // The length itself has been read by now: what is left may be shorter than it was.
  if (!good_ || size > left_.size()) {
    good_ = false;
    return {};
  }
  std::string value(left_.substr(0, size));
  left_.remove_prefix(size);
  return value;
}

}  // namespace gatehouse
