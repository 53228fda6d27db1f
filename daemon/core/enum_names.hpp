#pragma once
// Enums and the words that stand for them in files and messages, said once in one table.

#include <optional>
#include <string_view>
#include <utility>

namespace gatehouse {

/// Specialised for an enum: `static constexpr std::pair<E, std::string_view> all[]`, every value once.
template <typename E>
struct EnumNames;

template <typename E>
concept NamedEnum = requires { EnumNames<E>::all; };

template <NamedEnum E>
constexpr std::string_view to_string(E value) {
  for (const auto& [known, name] : EnumNames<E>::all)
    if (known == value) return name;
  return "unknown";
}

/// nullopt for a word that is not in the table.
template <NamedEnum E>
constexpr std::optional<E> parse_name(std::string_view text) {
  for (const auto& [known, name] : EnumNames<E>::all)
    if (name == text) return known;
  return std::nullopt;
}

}  // namespace gatehouse
