#include "tests/sim/control.hpp"

#include <algorithm>

#include "tests/sim/certificate.hpp"
#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {
namespace {

using Verb = Result<std::string> (*)(Simulator&, const json::object&);

Result<std::string> do_switch(Simulator& sim, const json::object& in) {
  auto done = sim.world.switches.set(in);
  if (!done) return done.error();
  sim.hub.keep_alive_changed();
  limit_tls(sim.tls.native_handle(), sim.world.switches.tls_max == "1.3");
  std::string out;
  JsonText text(out);
  sim.world.switches.write(text);
  return out;
}

/// {"shift":"1h"} adds up; {"set":"2026-10-25T00:59:30"} is local time, with an offset or Z what it says;
/// {"reset":true} goes back to the machine's time.
Result<std::string> do_clock(Simulator& sim, const json::object& in) {
  auto& clock = sim.world.clock;
  if (flag_of(in, "reset").value_or(false)) clock.shift(-clock.shifted_by());
  if (const auto* span = find(in, "shift")) {
    const auto text = as_text(*span);
    const bool back = text && text->starts_with('-');
    const auto by = as_span(back ? json::value(text->substr(1)) : *span);
    if (!by) return Error{Errc::invalid, "shift: not a length of time"};
    clock.shift(back ? -*by : *by);
  }
  if (const auto to = text_of(in, "set")) {
    const auto at = parse_time(*to);
    if (!at) return Error{Errc::invalid, "set: not a date and time"};
    clock.set(at->offset ? at->local - *at->offset * std::int64_t{60000} : clock.utc(at->local));
  }
  std::string local, out;
  append_local(local, clock.local(clock.now()), true);
  append_offset(local, clock.offset_minutes(clock.now()));
  JsonText(out).open_object().member("now", local).member("shifted_ms", clock.shifted_by()).close_object();
  return out;
}

/// Makes or changes an operator: {"name":"Gateway Service","role":"Standard","password":"…","mfa":true}.
Result<std::string> do_operator(Simulator& sim, const json::object& in) {
  auto& list = sim.world.sign_in.operators;
  const auto name = text_of(in, "name").value_or("Gateway Service");
  const auto role = text_of(in, "role");
  if (role && !find_role(*role)) return Error{Errc::invalid, "no such role: " + *role};
  auto* op = sim.world.sign_in.find(name);
  if (!op) {
    const auto blank = name.find(' ');
    const auto surname = blank == std::string::npos ? std::string() : name.substr(blank + 1);
    list.push_back({static_cast<int>(list.size()) + 100, name.substr(0, blank), surname,
                    text_of(in, "password").value_or(""), 0});
    op = &list.back();
  }
  if (role) op->role = *find_role(*role);
  op->password = text_of(in, "password").value_or(op->password);
  op->mfa = flag_of(in, "mfa").value_or(op->mfa);
  return std::string(R"({"ok":true})");
}

Result<std::string> do_field(Simulator& sim, const json::object& in) {
  for (auto& field : sim.world.directory.fields) {
    if (field.id != integer_of(in, "id")) continue;
    field.name = text_of(in, "name").value_or(field.name);
    return std::string(R"({"ok":true})");
  }
  return Error{Errc::invalid, "no custom field has that id"};
}

/// {"name":"Staff","rename":"Team"}, or {"name":"Staff","remove":true} (its people are in none then), or
/// {"remove":"all"}.
Result<std::string> do_department(Simulator& sim, const json::object& in) {
  auto& list = sim.world.directory.departments;
  if (text_of(in, "remove") == "all") {
    list.clear();
    return std::string(R"({"ok":true})");
  }
  const auto name = text_of(in, "name").value_or("");
  const auto at = std::ranges::find(list, name, &Department::name);
  if (at == list.end()) return Error{Errc::invalid, "no department is called '" + name + "'"};
  if (flag_of(in, "remove").value_or(false)) {
    list.erase(at);
  } else {
    at->name = text_of(in, "rename").value_or(name);
  }
  return std::string(R"({"ok":true})");
}

/// The licence file: {"client_id":"…"} is the only one loaded from now on; {} takes it away.
Result<std::string> do_licence(Simulator& sim, const json::object& in) {
  sim.world.sign_in.client_id = text_of(in, "client_id").value_or("(no licence is loaded)");
  return std::string(R"({"ok":true})");
}

/// What Net2 says of its own version: {"version":"5.04.9999"}.
Result<std::string> do_version(Simulator& sim, const json::object& in) {
  sim.world.version = text_of(in, "version").value_or(sim.world.version);
  return std::string(R"({"ok":true})");
}

constexpr std::pair<std::string_view, Verb> verbs[] = {
    {"people", do_people},     {"swipe", do_swipe},         {"events", do_events},
    {"event", do_event},       {"malformed", do_malformed}, {"doors", do_doors},
    {"fault", do_fault},       {"switch", do_switch},       {"clock", do_clock},
    {"operator", do_operator}, {"field", do_field},         {"department", do_department},
    {"licence", do_licence},   {"version", do_version},     {"scenario", do_scenario}};

}  // namespace

bool is_verb(std::string_view name) {
  return std::any_of(std::begin(verbs), std::end(verbs),
                     [&](const auto& verb) { return same_word(verb.first, name); });
}

Result<std::string> do_verb(Simulator& sim, std::string_view verb, const json::object& in) {
  for (const auto& [name, act] : verbs) {
    if (same_word(name, verb)) return act(sim, in);
  }
  return Error{Errc::invalid, "no verb is called '" + std::string(verb) + "'"};
}

std::string state_json(const Simulator& sim) {
  const auto& world = sim.world;
  std::string out, now;
  append_local(now, world.now_local(), true);
  JsonText text(out);
  text.open_object()
      .member("people", world.people.count())
      .member("departments", world.directory.departments.size());
  text.member("events", world.events.rows().size())
      .member("last_event_id", world.events.last_id())
      .member("local_time", now);
  text.member("live_clients", sim.hub.live_clients()).member("live_messages", sim.hub.messages());
  text.member("connections", sim.api.connections())
      .member("tokens", world.sign_in.live_tokens())
      .member("tokens_granted", world.sign_in.grants());
  text.member("generating", sim.generator.busy())
      .member("lockdown", world.lockdown)
      .member("fault_hits", world.faults.hits());
  text.key("faults");
  world.faults.write(text);
  text.key("doors").open_array();
  for (const auto& door : world.doors.all) {
    text.open_object()
        .member("id", door.address)
        .member("name", door.name)
        .member("opens", door.opens)
        .member("commands", door.commands)
        .member("commanded_us", door.commanded_us);
    text.member("online", door.online)
        .member("relay_open", door.relay_open)
        .member("leaf_open", door.leaf_open)
        .member("hold", door.hold);
    text.member("stored", door.stored.size()).close_object();
  }
  text.close_array().key("requests").open_object();
  for (const auto& [route, count] : world.requests) {
    std::string name;
    append_escaped(name, route);
    text.member(name, count);
  }
  text.close_object().close_object();
  return out;
}

Response handle_control(Simulator& sim, const Request& request) {
  const auto verb = lower(request.path.substr(std::min<std::size_t>(1, request.path.size())));
  if (request.method == "GET" && verb == "state") return answer(200, state_json(sim));
  if (request.method == "GET" && verb == "switches") {
    Response out;
    JsonText text(out.body);
    sim.world.switches.write(text);
    return out;
  }
  if (request.method != "POST") return fault(405, "POST /VERB, GET /state or GET /switches");
  json::object in;
  if (verb == "scenario" && !trimmed(request.body).starts_with("{\"steps\"") &&
      !trimmed(request.body).starts_with("{\"file\"")) {
    in["lines"] = request.body;  // the scenario itself, as it would stand in a file
  } else if (!trimmed(request.body).empty()) {
    auto body = parse_json(request.body);
    if (!body || !body->is_object()) return fault(400, "the body must be a JSON object");
    in = body->get_object();
  }
  auto done = do_verb(sim, verb, in);
  return done ? answer(200, *done) : fault(400, done.error().detail);
}

}  // namespace gatehouse::sim
