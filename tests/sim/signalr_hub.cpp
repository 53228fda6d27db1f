#include "tests/sim/signalr_hub.hpp"

#include <boost/asio/post.hpp>

#include "tests/sim/event_rows.hpp"
#include "tests/sim/event_types.hpp"
#include "tests/sim/router.hpp"
#include "tests/sim/signalr_frames.hpp"

namespace gatehouse::sim {
namespace {

constexpr std::size_t replay_limit = 1000;  // what SignalR's own message store keeps for a topic

std::string parameter(const Request& request, std::string_view name) {
  const auto* value = request.parameter(name);
  return value ? *value : std::string();
}

/// By query (Paxton's guide) or by header (openHAB); net2-api.md §5.1.
bool authorised(World& world, const Request& request) {
  return world.sign_in.owner(parameter(request, "token")) ||
         world.sign_in.owner(bearer(request.authorization));
}

bool names_hub(const Request& request) {
  const auto data = parse_json(parameter(request, "connectionData"));
  if (!data || !data->is_array()) return false;
  for (const auto& entry : data->get_array()) {
    if (entry.is_object() && same_word(text_of(entry.get_object(), "name").value_or(""), "eventHubLocal"))
      return true;
  }
  return false;
}

std::string last_part(const Request& request) {
  const auto path = lower(request.path);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

SignalrHub::SignalrHub(boost::asio::any_io_executor executor, World& world)
    : executor_(executor), world_(world), keep_alive_(executor) {
  world_.listener = this;
  beat();
}

Response SignalrHub::negotiate(const Request& request) {
  const auto& switches = world_.switches;
  auto version = parameter(request, "clientProtocol");
  if (version != "1.3" && version != "1.4" && version != "1.5" && version != "2.0" && version != "2.1")
    version = version > "2.1" ? "2.1" : "1.5";
  Connection connection;
  connection.id = world_.sign_in.random_hex(32);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) connection.id.insert(dash, 1, '-');
  connection.mark = world_.sign_in.random_hex(8);
  connection.lost = std::chrono::steady_clock::now();
  // Holds + / and = for certain: a client that does not percent-encode it must fail (net2-api.md §5.2).
  const auto token = "AQAA+/" + base64(world_.sign_in.random_hex(40), Base64::standard);
  Response out;
  JsonText text(out.body);
  text.open_object()
      .member("Url", "/signalr")
      .member("ConnectionToken", token)
      .member("ConnectionId", connection.id);
  text.key("KeepAliveTimeout");
  if (switches.keep_alive_timeout > 0) {
    text.value(switches.keep_alive_timeout);
  } else {
    text.value(nullptr);
  }
  text.member("DisconnectTimeout", switches.disconnect_timeout)
      .member("ConnectionTimeout", 110.0)
      .member("TryWebSockets", true);
  text.member("ProtocolVersion", version)
      .member("TransportConnectTimeout", 5.0)
      .member("LongPollDelay", 0.0)
      .close_object();
  connections_.emplace(token, std::move(connection));
  return out;
}

SignalrHub::Connection* SignalrHub::find(const Request& request) {
  const auto at = connections_.find(parameter(request, "connectionToken"));
  return at == connections_.end() ? nullptr : &at->second;
}

Response SignalrHub::handle(const Request& request) {
  forget_lost();
  const auto what = last_part(request);
  ++world_.requests["signalr/" + what];
  if (!authorised(world_, request))
    return answer(401, world_.switches.empty_401
                           ? ""
                           : R"({"Message":"Authorization has been denied for this request."})");
  if (what == "negotiate" && request.parameter("negotiateVersion"))
    return html_page(404, "Not Found");  // ASP.NET Core's way (§5.1)
  if (what == "negotiate") return negotiate(request);
  if (what == "ping") return answer(200, R"({"Response":"pong"})");
  auto* connection = find(request);
  if (!connection) return answer(400, "The ConnectionId is in the incorrect format.");
  if (what == "start") {
    if (!connection->socket) return answer(400, "The connection is not open.");
    connection->started = true;
    return answer(200, R"({"Response":"started"})");
  }
  if (what == "abort") {
    auto* socket = connection->socket;
    connections_.erase(parameter(request, "connectionToken"));
    if (socket) socket->close();
    return answer(200);
  }
  if (what == "send") {
    const auto fields = parse_form(request.body);
    const auto* data = find_field(fields, "data");
    return data ? answer(200, call(*connection, *data)) : answer(400, "data is missing.");
  }
  return answer(400, "Protocol error: Unknown transport.");
}

SignalrHub::Admission SignalrHub::admit(const Request& request) {
  forget_lost();
  const auto what = last_part(request);
  ++world_.requests["signalr/" + what];
  Admission out;
  out.connection = parameter(request, "connectionToken");
  out.reconnect = what == "reconnect";
  const auto* connection = find(request);
  if (!authorised(world_, request)) {
    out.refusal = answer(401, "");
  } else if ((what != "connect" && what != "reconnect") ||
             !same_word(parameter(request, "transport"), "webSockets")) {
    out.refusal = answer(400, "Protocol error: Unknown transport.");
  } else if (!connection) {
    out.refusal = answer(400, "The ConnectionId is in the incorrect format.");
  } else {
    out.ok = true;
  }
  return out;
}

void SignalrHub::attach(const Admission& admission, const Request& request, LiveSocket& socket) {
  const auto at = connections_.find(admission.connection);
  if (at == connections_.end()) {
    socket.close();
    return;
  }
  auto& connection = at->second;
  if (connection.socket) connection.socket->close();
  connection.socket = &socket;
  connection.silent = false;
  connection.knows_hub = connection.knows_hub || names_hub(request);
  if (!admission.reconnect) {
    // A new connection knows of no subscription, whatever an older one had asked for (§5.2, step 5).
    connection.all_events = false;
    connection.door_events.clear();
    connection.door_status.clear();
    connection.reports.clear();
    connection.pending.clear();
    socket.send(init_frame(message_cursor(connection.mark, connection.number)));
    return;
  }
  const auto seen =
      parse_cursor(parameter(request, "messageId"), connection.mark).value_or(connection.number);
  std::vector<std::string> missed;
  for (const auto& [number, message] : connection.recent) {
    if (number > seen) missed.push_back(message);
  }
  connection.pending.clear();
  socket.send(message_frame(message_cursor(connection.mark, connection.number), missed));
}

void SignalrHub::detach(const std::string& key, LiveSocket& socket) {
  const auto at = connections_.find(key);
  if (at == connections_.end() || at->second.socket != &socket) return;
  at->second.socket = nullptr;
  at->second.lost = std::chrono::steady_clock::now();
}

void SignalrHub::received(const std::string& key, std::string_view frame) {
  const auto at = connections_.find(key);
  if (at == connections_.end() || at->second.silent || !at->second.socket) return;
  at->second.socket->send(call(at->second, frame));
}

std::string SignalrHub::call(Connection& connection, std::string_view frame) {
  const auto asked = parse_hub_call(frame);
  if (!asked) return error_frame("0", asked.error().detail);
  if (!connection.knows_hub || !same_word(asked->hub, "eventHubLocal")) {
    return error_frame(asked->id, "'" + asked->hub + "' Hub could not be resolved.");
  }
  // The guide passes ids as text, openHAB as numbers (§5.4).
  const auto id = asked->arguments.empty() ? std::nullopt : as_integer(asked->arguments[0]);
  if (same_word(asked->method, "subscribeToLiveEvents")) {
    connection.all_events = true;
    return result_frame(asked->id);
  }
  std::set<std::int64_t>* ids = same_word(asked->method, "subscribeToDoorEvents") ? &connection.door_events
                                : same_word(asked->method, "subscribeToDoorStatusEvents")
                                    ? &connection.door_status
                                : same_word(asked->method, "subscribeToRollCallEvents") ? &connection.reports
                                                                                        : nullptr;
  if (!ids)
    return error_frame(asked->id,
                       "'eventhublocal' hub: the method '" + asked->method + "' could not be resolved.");
  if (!id)
    return error_frame(asked->id,
                       "There was an error invoking Hub method 'eventhublocal." + asked->method + "'.");
  ids->insert(*id);
  return result_frame(asked->id);
}

void SignalrHub::tell(Connection& connection, const std::string& message) {
  ++connection.number;
  connection.recent.emplace_back(connection.number, message);
  if (connection.recent.size() > replay_limit) connection.recent.pop_front();
  if (!connection.socket || connection.silent) return;
  connection.pending.push_back(message);
  if (flush_posted_) return;
  // What is logged in one go leaves in one frame, as SignalR's own message bus does it.
  flush_posted_ = true;
  boost::asio::post(executor_, [this] { flush(); });
}

void SignalrHub::flush() {
  flush_posted_ = false;
  for (auto& [token, connection] : connections_) {
    if (connection.pending.empty()) continue;
    messages_ += connection.pending.size();
    const auto messages = std::move(connection.pending);
    connection.pending.clear();
    if (connection.socket && !connection.silent)
      connection.socket->send(message_frame(message_cursor(connection.mark, connection.number), messages));
  }
}

void SignalrHub::event_logged(const EventRow& row) {
  if (!world_.switches.live_all && !shown_live(row.type)) return;
  std::string message;
  for (auto& [token, connection] : connections_) {
    if (!connection.all_events) continue;
    if (message.empty()) {
      std::string event;
      JsonText text(event);
      write_live_event(text, world_, row);
      message = hub_message("liveEvents", event, world_.switches.live_args == "nested");
    }
    tell(connection, message);
  }
}

void SignalrHub::door_changed(const Door& door) {
  for (auto& [token, connection] : connections_) {
    if (connection.door_events.count(door.address)) {
      std::string event;
      JsonText(event)
          .open_object()
          .member("doorId", door.address)
          .member("locked", !door.relay_open)
          .close_object();
      tell(connection, hub_message("doorEvents", event, world_.switches.live_args == "nested"));
    }
    if (connection.door_status.count(door.address)) {
      std::string event;
      JsonText text(event);
      text.open_object().member("doorId", door.address).key("status");
      door.write_status(text);
      text.member("notificationType", nullptr).close_object();
      tell(connection, hub_message("doorStatusEvents", event, world_.switches.live_args == "nested"));
    }
  }
}

void SignalrHub::mustered(int report, int user, int marked_by) {
  std::string event;
  JsonText text(event);
  text.open_object()
      .member("rollCallReportId", report)
      .member("rollCallEventType", "MarkedSafe")
      .key("markedSafeRecordEventData")
      .open_object();
  text.member("userId", user).key("markedSafeBy").open_object().member("id", marked_by);
  for (const auto& op : world_.sign_in.operators) {
    if (op.id == marked_by) text.member("name", op.name());
  }
  text.close_object().close_object().close_object();
  for (auto& [token, connection] : connections_) {
    if (connection.reports.count(report))
      tell(connection, hub_message("rollCallEvents", event, world_.switches.live_args == "nested"));
  }
}

void SignalrHub::beat() {
  const auto every = std::max(0.05, world_.switches.keep_alive);
  keep_alive_.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(every * 1000)));
  keep_alive_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) {
      for (auto& [token, connection] : connections_) {
        if (connection.socket && !connection.silent) connection.socket->send(std::string(keep_alive_frame));
      }
      forget_lost();
    }
    beat();
  });
}

void SignalrHub::forget_lost() {
  const auto limit =
      std::chrono::steady_clock::now() -
      std::chrono::milliseconds(static_cast<std::int64_t>(world_.switches.disconnect_timeout * 1000));
  std::erase_if(connections_,
                [&](const auto& entry) { return !entry.second.socket && entry.second.lost < limit; });
}

void SignalrHub::close_all() {
  for (auto& [token, connection] : connections_) {
    if (connection.socket) connection.socket->close();
  }
}

std::size_t SignalrHub::hush() {
  std::size_t count = 0;
  for (auto& [token, connection] : connections_) {
    if (!connection.socket) continue;
    connection.silent = true;
    ++count;
  }
  return count;
}

void SignalrHub::ask_reconnect() {
  for (auto& [token, connection] : connections_) {
    if (connection.socket) connection.socket->send(std::string(please_reconnect_frame));
  }
}

std::size_t SignalrHub::live_clients() const {
  std::size_t count = 0;
  for (const auto& [token, connection] : connections_) count += connection.socket ? 1 : 0;
  return count;
}

}  // namespace gatehouse::sim
