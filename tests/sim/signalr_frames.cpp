#include "tests/sim/signalr_frames.hpp"

#include <charconv>

#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {

Result<HubCall> parse_hub_call(std::string_view frame) {
  auto parsed = parse_json(frame);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return Error{Errc::malformed, "a call is an object"};
  const auto& in = parsed->get_object();
  HubCall call;
  call.hub = text_of(in, "H").value_or("");
  call.method = text_of(in, "M").value_or("");
  call.id = text_of(in, "I").value_or("0");
  if (call.hub.empty() || call.method.empty())
    return Error{Errc::malformed, "a call names its hub (H) and method (M)"};
  if (const auto* arguments = find(in, "A"); arguments && arguments->is_array())
    call.arguments = arguments->get_array();
  return call;
}

std::string message_cursor(std::string_view connection_mark, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  return "d-" + std::string(connection_mark) + ",0|" + std::string(digits, end);
}

std::optional<std::uint64_t> parse_cursor(std::string_view cursor, std::string_view connection_mark) {
  const auto prefix = "d-" + std::string(connection_mark) + ",0|";
  if (!cursor.starts_with(prefix)) return std::nullopt;
  cursor.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number, 16);
  if (fault != std::errc() || end != cursor.data() + cursor.size()) return std::nullopt;
  return number;
}

std::string init_frame(std::string_view cursor) {
  std::string out;
  JsonText(out)
      .open_object()
      .member("C", cursor)
      .member("S", 1)
      .key("M")
      .open_array()
      .close_array()
      .close_object();
  return out;
}

std::string message_frame(std::string_view cursor, const std::vector<std::string>& messages) {
  std::string out;
  JsonText text(out);
  text.open_object().member("C", cursor).key("M").open_array();
  for (const auto& message : messages) text.raw(message);
  text.close_array().close_object();
  return out;
}

std::string result_frame(std::string_view call_id) {
  std::string out;
  JsonText(out).open_object().member("I", call_id).close_object();
  return out;
}

std::string error_frame(std::string_view call_id, std::string_view why) {
  std::string out;
  JsonText(out).open_object().member("I", call_id).member("E", why).close_object();
  return out;
}

std::string hub_message(std::string_view method, std::string_view argument, bool nested) {
  std::string out;
  JsonText text(out);
  text.open_object().member("H", "EventHubLocal").member("M", method).key("A").open_array();
  if (nested) text.open_array();
  text.raw(argument);
  if (nested) text.close_array();
  text.close_array().close_object();
  return out;
}

}  // namespace gatehouse::sim
