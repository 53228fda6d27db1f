#include "daemon/core/door_command.hpp"

#include <array>
#include <utility>

namespace gatehouse {
namespace {

constexpr auto action_words = std::to_array<std::pair<DoorAction, std::string_view>>(
    {{DoorAction::open, "open"}, {DoorAction::hold, "hold"}, {DoorAction::close, "close"}});

constexpr auto state_words = std::to_array<std::pair<DoorCommandState, std::string_view>>({
    {DoorCommandState::sent, "sent"},
    {DoorCommandState::confirmed, "confirmed"},
    {DoorCommandState::failed, "failed"},
    {DoorCommandState::unknown, "unknown"},
    {DoorCommandState::scheduled, "scheduled"},
    {DoorCommandState::not_sent, "not_sent"},
});

template <typename Words, typename E>
std::string_view word_of(const Words& words, E value) {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  return "unknown";
}

template <typename E, typename Words>
std::optional<E> value_of(const Words& words, std::string_view text) {
  for (const auto& [known, word] : words) {
    if (word == text) return known;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(DoorAction action) {
  return word_of(action_words, action);
}

std::optional<DoorAction> parse_door_action(std::string_view text) {
  return value_of<DoorAction>(action_words, text);
}

std::string_view to_string(DoorCommandState state) {
  return word_of(state_words, state);
}

std::optional<DoorCommandState> parse_door_command_state(std::string_view text) {
  return value_of<DoorCommandState>(state_words, text);
}

}  // namespace gatehouse
