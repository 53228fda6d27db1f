#include "connectors/signalr/signalr_messages.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "connectors/https/origin.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;
constexpr std::string_view hub = "eventhublocal";
constexpr std::string_view protocol = "1.5";
constexpr std::string_view connection_data = "%5B%7B%22name%22%3A%22eventhublocal%22%7D%5D";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

std::optional<json::object> parse_object(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  json::error_code error;
  json::value document = json::parse({text.data(), text.size()}, error, {}, options);
  if (error || !document.is_object()) return std::nullopt;
  return std::move(document.get_object());
}

const json::value* member(const json::object& object, std::string_view name) {
  for (const auto& [key, value] : object) {
    if (lower({key.data(), key.size()}) == name) return &value;
  }
  return nullptr;
}

std::string text_of(const json::value* value) {
  if (value == nullptr) return {};
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (!value->is_string()) return {};
  const std::string_view text = value->get_string();
  return std::string(text);
}

std::string one_line(std::string text) {
  text.resize(std::min<std::size_t>(text.size(), 256));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

bool is_one(const json::value* value) {
  return value != nullptr &&
         ((value->is_int64() && value->get_int64() == 1) || (value->is_bool() && value->get_bool()));
}

void add_push(const json::value& push, Frame& frame) {
  if (!push.is_object()) return;
  const std::string target = lower(text_of(member(push.get_object(), "h")));
  if (!target.empty() && target != hub) return;
  const std::string name = lower(text_of(member(push.get_object(), "m")));
  if (name.empty()) return;
  // A door that opens is an event as well as a status.
  const bool door = name == "doorstatusevents" || name == "doorevents";
  frame.door_status = frame.door_status || door;
  frame.event = frame.event || !door;
}

std::optional<double> number_of(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_double()) return value->get_double();
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  return std::nullopt;
}

}  // namespace

Result<Negotiation> parse_negotiation(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return Error{Errc::malformed, "negotiate answered something else than a JSON object"};
  Negotiation negotiation;
  negotiation.connection_token = text_of(member(*object, "connectiontoken"));
  if (negotiation.connection_token.empty())
    return Error{Errc::malformed, "negotiate gave no connection token"};
  const std::string spoken = text_of(member(*object, "protocolversion"));
  if (!spoken.empty() && spoken != protocol) {
    return Error{Errc::refused,
                 "the server speaks SignalR protocol '" + one_line(spoken) + "' instead of 1.5"};
  }
  const auto* sockets = member(*object, "trywebsockets");
  if (sockets != nullptr && sockets->is_bool() && !sockets->get_bool()) {
    return Error{Errc::refused, "the server offers no WebSocket"};
  }
  const auto seconds = number_of(member(*object, "keepalivetimeout"));
  if (seconds && *seconds > 0 && *seconds < 3600) {
    negotiation.keep_alive = Duration(static_cast<Duration::rep>(*seconds * 1000));
  }
  return negotiation;
}

bool is_started(std::string_view body) {
  const auto object = parse_object(body);
  return object && text_of(member(*object, "response")) == "started";
}

Frame parse_frame(std::string_view text) {
  Frame frame;
  const auto object = parse_object(text);
  if (!object) {
    frame.readable = false;
    return frame;
  }
  frame.init = is_one(member(*object, "s"));
  frame.reconnect = is_one(member(*object, "t"));
  const auto* answered = member(*object, "i");
  if (answered != nullptr) frame.result_of = text_of(answered);
  const auto* error = member(*object, "e");
  if (error != nullptr && !error->is_null()) frame.error = one_line(text_of(error));
  const auto* pushes = member(*object, "m");
  if (pushes != nullptr && pushes->is_array()) {
    for (const auto& push : pushes->get_array()) add_push(push, frame);
  }
  return frame;
}

std::string subscribe_live_call(std::uint64_t number) {
  return fmt::format(R"({{"H":"{}","M":"subscribeToLiveEvents","A":[],"I":{}}})", hub, number);
}

std::string subscribe_door_status_call(Net2DoorId door, std::uint64_t number) {
  return fmt::format(R"({{"H":"{}","M":"subscribeToDoorStatusEvents","A":["{}"],"I":{}}})", hub, door.value(),
                     number);
}

std::string signalr_target(std::string_view step, std::string_view token, std::string_view connection_token) {
  std::string target = fmt::format("/signalr/{}?", step);
  if (step != "negotiate") target += "transport=webSockets&";
  target += fmt::format("clientProtocol={}&token={}", protocol, percent_encode(token));
  if (!connection_token.empty()) target += "&connectionToken=" + percent_encode(connection_token);
  target += fmt::format("&connectionData={}", connection_data);
  return target;
}

}  // namespace gatehouse
