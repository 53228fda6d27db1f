#pragma once
// Frames of classic SignalR 2 as text (net2-api.md §5.3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/json_input.hpp"

namespace gatehouse::sim {

/// One call of a hub method by the client.
struct HubCall {
  std::string hub;
  std::string method;
  std::string id;  ///< as text, whatever the client sent
  json::array arguments;
};
/// Malformed: not a call.
Result<HubCall> parse_hub_call(std::string_view frame);

/// The cursor a client keeps and gives back: "d-1A2B3C4D,0|7".
std::string message_cursor(std::string_view connection_mark, std::uint64_t number);
/// The number in such a cursor; nullopt where it belongs to another connection or is damaged.
std::optional<std::uint64_t> parse_cursor(std::string_view cursor, std::string_view connection_mark);

std::string init_frame(std::string_view cursor);
std::string message_frame(std::string_view cursor, const std::vector<std::string>& messages);
std::string result_frame(std::string_view call_id);
std::string error_frame(std::string_view call_id, std::string_view why);
inline constexpr std::string_view keep_alive_frame = "{}";
inline constexpr std::string_view please_reconnect_frame = R"({"T":1,"M":[]})";

/// One message of a frame; `argument` is JSON.
std::string hub_message(std::string_view method, std::string_view argument, bool nested);

}  // namespace gatehouse::sim
