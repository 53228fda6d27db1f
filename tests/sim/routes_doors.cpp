// Doors, their status, and the commands that move them (net2-api.md §3.8, §3.9).

#include "tests/sim/json_text.hpp"
#include "tests/sim/router.hpp"

namespace gatehouse::sim {
namespace {

constexpr int by_network = 61;  // sub-type "with network instruction"
constexpr std::string_view group_names[] = {"", "Entrances", "Inside"};

void write_door(JsonText& out, const Door& door) {
  out.open_object().member("name", door.name).member("id", door.address).close_object();
}

/// Doors of one group; -1: all of them.
std::string door_list(const World& world, int group) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& door : world.doors.all) {
    if (group < 0 || door.group == group) write_door(out, door);
  }
  out.close_array();
  return body;
}

Response get_doors(Call& call) {
  return list_answer(call.world, door_list(call.world, -1));
}

Response get_door(Call& call) {
  const auto* door = call.world.doors.find(call.ids[0]);
  if (!door) return fault(404, "The door was not found.");
  Response out;
  JsonText text(out.body);
  write_door(text, *door);
  return out;
}

Response get_status(Call& call) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& door : call.world.doors.all) {
    out.open_object().member("id", door.address);
    if (call.world.switches.status_names) out.member("name", door.name);
    out.key("status");
    door.write_status(out);
    out.close_object();
  }
  out.close_array();
  return list_answer(call.world, std::move(body));
}

void write_group(JsonText& out, std::int64_t id) {
  out.open_object().member("id", id).member("name", group_names[id]).close_object();
}

Response get_groups(Call&) {
  Response out;
  JsonText text(out.body);
  text.open_array();
  write_group(text, 1);
  write_group(text, 2);
  text.close_array();
  return out;
}

Response get_group(Call& call) {
  if (call.ids[0] < 1 || call.ids[0] >= std::ssize(group_names))
    return fault(404, "The door group was not found.");
  Response out;
  JsonText text(out.body);
  write_group(text, call.ids[0]);
  return out;
}

Response group_doors(Call& call) {
  const auto group = call.ids.empty() ? 0 : call.ids[0];
  if (group >= std::ssize(group_names)) return fault(404, "The door group was not found.");
  return list_answer(call.world, door_list(call.world, static_cast<int>(group)));
}

enum class Act { open, hold, close };

/// Logs 580 and moves the door, if it can be reached. With an off-line ACU the server still says yes and
/// nothing moves (net2-api.md §3.9).
Response command(Call& call, std::int64_t address, Act act, std::optional<std::int64_t> open_time) {
  auto& world = call.world;
  auto* door = world.doors.find(address);
  if (!door) return fault(404, "The door was not found.");
  if (!door->online && world.switches.offline_command_status >= 400) {
    return fault(world.switches.offline_command_status, "The door is not responding.");
  }
  ++door->commands;
  const auto came = std::chrono::system_clock::now().time_since_epoch();
  door->commanded_us = std::chrono::duration_cast<std::chrono::microseconds>(came).count();
  const auto who = call.caller->name();
  world.log({.type = 580, .door = door->address, .details = who});
  if (!door->online) return answer(200);
  if (act == Act::open) call.mechanics.release(*door, by_network, open_time);
  if (act == Act::hold) call.mechanics.hold(*door, by_network);
  if (act == Act::close) call.mechanics.close(*door, by_network);
  return answer(200);
}

Response simple_command(Call& call, Act act) {
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  const auto address = integer_of(*body, "doorId");
  if (!address) return fault(400, "doorId is missing.");
  return command(call, *address, act, std::nullopt);
}

Response open_door(Call& call) {
  return simple_command(call, Act::open);
}
Response hold_door(Call& call) {
  return simple_command(call, Act::hold);
}
Response close_door(Call& call) {
  return simple_command(call, Act::close);
}

std::optional<Act> find_action(const std::string& name) {
  static constexpr std::pair<std::string_view, Act> names[] = {
      {"0", Act::close},     {"1", Act::open},         {"2", Act::hold},
      {"close", Act::close}, {"timedopen", Act::open}, {"holdopen", Act::hold},
      {"open", Act::open},   {"lock", Act::close},     {"unlock", Act::hold}};
  for (const auto& [known, act] : names) {
    if (same_word(known, name)) return act;
  }
  return std::nullopt;
}

Response control_door(Call& call) {
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  const auto address = integer_of(*body, "doorId");
  const auto* relay = find(*body, "RelayFunction");
  if (!address || !relay || !relay->is_object()) return fault(400, "DoorId and RelayFunction must be given.");
  const auto& function = relay->get_object();
  const auto which = text_of(function, "RelayId").value_or("Relay1");
  const auto act = find_action(text_of(function, "RelayAction").value_or(""));
  const bool first = same_word(which, "Relay1") || which == "0";
  if (!first && !same_word(which, "Relay2") && which != "1")
    return fault(400, "RelayId must be Relay1 or Relay2.");
  if (!act) return fault(400, "RelayAction is not known.");
  const auto open_time = integer_of(function, "RelayOpenTime");
  if (open_time && (*open_time < 0 || *open_time > 1000 * 60 * 60))
    return fault(400, "RelayOpenTime is out of range.");
  if (first) return command(call, *address, *act, open_time);
  // The second relay moves no lock: Net2 logs that it was switched.
  if (!call.world.doors.find(*address)) return fault(404, "The door was not found.");
  call.world.log(
      {.type = *act == Act::close ? 68 : 67, .sub_type = by_network, .door = static_cast<int>(*address)});
  return answer(200);
}

Response control_lockdown(Call& call) {
  auto& world = call.world;
  const auto body = call.body();
  const auto on = body ? flag_of(*body, "lockdown") : std::nullopt;
  if (!on) return fault(400, "lockdown must be true or false.");
  if (!world.switches.lockdown_configured || world.lockdown == *on)
    return answer(200, R"({"output":{"errors":[]}})");
  world.lockdown = *on;
  world.log({.type = *on ? 590 : 591, .sub_type = by_network, .details = call.caller->name()});
  for (auto& door : world.doors.all) {
    door.lockdown = *on;
    world.log({.type = *on ? 120 : 121, .door = door.address});
  }
  return answer(200, R"({"output":{"errors":[]}})");
}

Response reset_antipassback(Call& call) {
  const auto body = call.body();
  const auto user = body ? integer_of(*body, "userId") : std::nullopt;
  const auto* person = user ? call.world.people.find(*user) : nullptr;
  if (!person) return fault(404, "The user was not found.");
  call.world.log({.type = 576, .details = person->full_name()});
  return answer(200);
}

}  // namespace

void add_door_routes(Router& router) {
  router.add("GET", "doors", Right::read, get_doors);
  router.add("GET", "doors/status", Right::read, get_status);
  router.add("GET", "doors/{id}", Right::read, get_door);
  router.add("GET", "doorgroups", Right::read, get_groups);
  router.add("GET", "doorgroups/{id}", Right::read, get_group);
  router.add("GET", "doorgroups/{id}/doors", Right::read, group_doors);
  router.add("GET", "doorgroups/root/doors", Right::read, group_doors);
  router.add("POST", "commands/door/open", Right::doors, open_door);
  router.add("POST", "commands/door/holdopen", Right::doors, hold_door);
  router.add("POST", "commands/door/close", Right::doors, close_door);
  router.add("POST", "commands/door/control", Right::doors, control_door);
  router.add("POST", "commands/controllockdown", Right::doors, control_lockdown);
  router.add("POST", "commands/antipassback/reset", Right::doors, reset_antipassback);
}

}  // namespace gatehouse::sim
