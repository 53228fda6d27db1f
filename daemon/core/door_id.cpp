#include "daemon/core/door_id.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse {
namespace {

bool is_key(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 32 && plain(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return plain(c) || c == '-'; });
}

}  // namespace

std::string to_string(const DoorId& door) {
  return door.integration.value() + "/" + std::to_string(door.number.value());
}

std::optional<DoorId> parse_door_id(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || !is_key(text.substr(0, slash))) return std::nullopt;
  const auto digits = text.substr(slash + 1);
  if (digits.empty() || digits.front() < '1' || digits.front() > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return DoorId{IntegrationId{std::string(text.substr(0, slash))}, Net2DoorId{number}};
}

}  // namespace gatehouse
