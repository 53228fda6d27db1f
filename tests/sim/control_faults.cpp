// The verb "fault": rules for requests, and things that happen once.

#include "tests/sim/certificate.hpp"
#include "tests/sim/control.hpp"
#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {
namespace {

constexpr std::string_view said_ok = R"({"ok":true})";

/// After "for" has passed the server listens and speaks again.
void come_back(Simulator& sim, const json::object& in) {
  const auto span = span_of(in, "for");
  if (!span) return;
  sim.back_again.expires_after(std::chrono::milliseconds(*span));
  sim.back_again.async_wait([&sim](boost::system::error_code cancelled) {
    if (cancelled) return;
    sim.api.black_hole(false);
    sim.api.resume();
  });
}

void all_well(Simulator& sim) {
  sim.world.faults.clear("");
  sim.back_again.cancel();
  sim.api.black_hole(false);
  sim.api.resume();
}

/// As after a restart of Net2: sockets close, tokens are gone, nginx answers 502 for a while (§1.2).
Result<std::string> restart(Simulator& sim, const json::object& in) {
  json::object rule = in;
  rule["kind"] = "502";
  auto parsed = Faults::parse(rule);
  if (!parsed) return parsed.error();
  if (!span_of(in, "for")) parsed->until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  parsed->name = "restarting";
  sim.world.faults.add(*parsed);
  sim.world.sign_in.forget_all();
  sim.api.close_connections();
  sim.world.log({.type = 556, .sub_type = 570});
  return std::string(said_ok);
}

/// What is done at once; nullopt: the kind is no such thing.
std::optional<Result<std::string>> at_once(Simulator& sim, const std::string& kind, const json::object& in) {
  if (kind == "clear") {
    const auto what = text_of(in, "what");
    if (what)
      sim.world.faults.clear(*what);
    else
      all_well(sim);
  } else if (kind == "restarting") {
    return restart(sim, in);
  } else if (kind == "stop_listening") {
    sim.api.stop_listening();
    come_back(sim, in);
  } else if (kind == "black_hole") {
    sim.api.black_hole(true);
    sim.api.close_connections();
    come_back(sim, in);
  } else if (kind == "close_sockets") {
    sim.hub.close_all();
  } else if (kind == "close_connections") {
    sim.api.close_connections();
  } else if (kind == "silence_sockets") {
    sim.hub.hush();
  } else if (kind == "ask_reconnect") {
    sim.hub.ask_reconnect();
  } else if (kind == "expire_tokens") {
    sim.world.sign_in.forget_access();
  } else if (kind == "forget_tokens") {
    sim.world.sign_in.forget_all();
  } else if (kind == "restart_numbering") {
    sim.world.events.restart(integer_of(in, "first_id").value_or(1));
  } else if (kind == "another_server") {
    sim.mechanics.cancel_all();
    sim.world.become_another(static_cast<std::uint64_t>(integer_of(in, "seed").value_or(4711)));
    sim.hub.close_all();
  } else if (kind == "new_certificate") {
    const auto made = use_own_certificate(sim.tls.native_handle());
    if (!made) return Result<std::string>(made.error());
    sim.api.close_connections();
    std::string out;
    JsonText(out).open_object().member("pin", pin_of(sim.tls.native_handle())).close_object();
    return Result<std::string>(out);
  } else {
    return std::nullopt;
  }
  return Result<std::string>(std::string(said_ok));
}

}  // namespace

Result<std::string> do_fault(Simulator& sim, const json::object& in) {
  const auto kind = lower(text_of(in, "kind").value_or(""));
  if (auto result = at_once(sim, kind, in)) return *result;
  auto rule = Faults::parse(in);
  if (!rule) return rule.error();
  sim.world.faults.add(*rule);
  return std::string(said_ok);
}

}  // namespace gatehouse::sim
