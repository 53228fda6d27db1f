#include "daemon/app/figures.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/exposition.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

using enum MetricType;

constexpr std::array states{IntegrationState::disabled,
                            IntegrationState::pending,
                            IntegrationState::unauthenticated,
                            IntegrationState::unreachable,
                            IntegrationState::draft,
                            IntegrationState::importing,
                            IntegrationState::active,
                            IntegrationState::issues,
                            IntegrationState::paused,
                            IntegrationState::guarded,
                            IntegrationState::reimport_pending,
                            IntegrationState::staging};

double seconds_of(Duration time) {
  return std::chrono::duration<double>(time).count();
}

std::uint64_t yes(bool is_so) {
  return is_so ? 1 : 0;
}

using ByLane = std::array<std::uint64_t, lane_count>;

void by_lane(Exposition& out, const ByLane& counts) {
  for (const auto lane : all_lanes) out.sample(counts[index_of(lane)], {{"lane", to_string(lane)}});
}

void write_gateway(Exposition& out, const GatewayState& state) {
  out.family("gatehouse_build", info, "The running release.")
      .sample(std::uint64_t{1}, {{"version", state.version}});
  out.family("gatehouse_ready", gauge, "1 once the store and the settings are good.")
      .sample(yes(state.ready));
  out.family("gatehouse_healthy", gauge,
             "1 while nothing stands still and the store answers, as /health says.")
      .sample(yes(is_healthy(state)));
  out.family("gatehouse_loops_late", gauge, "Loops and threads that stand still.")
      .sample(std::uint64_t{state.late_loops.size()});
  out.family("gatehouse_start_time_seconds", gauge, "When the daemon started, in Unix time.")
      .sample(seconds_of(state.started.time_since_epoch()));
  out.family("gatehouse_uptime_seconds", gauge, "How long it runs, by a clock that never jumps.")
      .sample(seconds_of(state.uptime));
  out.family("gatehouse_clock_trusted", gauge,
             "1 while the wall clock is trusted; 0: what needs it is denied.")
      .sample(yes(state.clock == ClockQuality::ok));
  out.family("gatehouse_people", gauge, "People in the registry.").sample(state.people);
  out.family("gatehouse_doors", gauge, "Doors that the Net2 servers show.").sample(state.doors);
}

void write_cloud(Exposition& out, const GatewayState& state, const Tallies& tallies) {
  out.family("gatehouse_cloud_configured", gauge, "1 where a cloud is configured.")
      .sample(yes(state.cloud_configured));
  out.family("gatehouse_cloud_connected", gauge, "1 while the broker is connected and subscribed to.")
      .sample(yes(state.cloud_connected));
  if (state.outbox) {
    const auto& outbox = *state.outbox;
    out.family("gatehouse_outbox_messages", gauge, "Messages that wait for the broker.");
    by_lane(out, outbox.pending);
    out.family("gatehouse_outbox_bytes", gauge, "Their payload.").sample(outbox.bytes);
    const auto age = outbox.oldest ? std::max(Duration{0}, state.now - *outbox.oldest) : Duration{0};
    out.family("gatehouse_outbox_oldest_age_seconds", gauge,
               "Age of the oldest that waits; 0 where none does.")
        .sample(seconds_of(age));
    out.family("gatehouse_outbox_dead_letters", gauge, "Messages put aside that the broker would not take.")
        .sample(outbox.dead);
  }
  out.family("gatehouse_messages_published", counter, "Messages that the broker has acknowledged.");
  by_lane(out, tallies.published);
  out.family("gatehouse_messages_refused", counter, "Answers of the broker that were refusals.");
  by_lane(out, tallies.refused);
  out.family("gatehouse_messages_parked", counter, "Messages put aside as dead letters.");
  by_lane(out, tallies.parked);
  out.family("gatehouse_commands_refused", counter,
             "Commands from the cloud that were refused, by the reply's code.");
  for (const auto& [code, times] : tallies.command_refusals) out.sample(times, {{"code", code}});
}

void write_integrations(Exposition& out, const GatewayState& state, const Figures& figures,
                        const Tallies& tallies) {
  const auto& all = state.integrations;
  out.family("gatehouse_integration_status", gauge, "1 for the status that the integration has, else 0.");
  for (const auto& one : all) {
    for (const auto status : states)
      out.sample(yes(one.judged.state == status), {{"integration", one.id}, {"status", to_string(status)}});
  }
  out.family("gatehouse_integration_connected", gauge, "1 while its source answers.");
  for (const auto& one : all) out.sample(yes(one.connected), {{"integration", one.id}});
  out.family("gatehouse_integration_live", gauge, "1 while its live feed is subscribed to.");
  for (const auto& one : all) out.sample(yes(one.live), {{"integration", one.id}});
  out.family("gatehouse_integration_people", gauge, "People of it in the registry.");
  for (const auto& one : all) out.sample(one.people, {{"integration", one.id}});
  out.family("gatehouse_integration_event_lag_seconds", gauge,
             "Age of the oldest event read last, when it was read.");
  for (const auto& one : all) out.sample(static_cast<double>(one.event_lag_s), {{"integration", one.id}});
  out.family("gatehouse_integration_read_age_seconds", gauge,
             "Since its people were last proved current; missing where they never were.");
  for (const auto& one : figures.integrations) {
    if (one.read_age) out.sample(seconds_of(*one.read_age), {{"integration", one.id}});
  }
  out.family("gatehouse_issues", gauge, "Open issues of directory sync.");
  for (const auto& one : figures.integrations) {
    for (const auto& [kind, open] : one.issues) out.sample(open, {{"integration", one.id}, {"kind", kind}});
  }
  out.family("gatehouse_sync_runs", counter, "Runs of directory sync.");
  for (const auto& [which, times] : tallies.runs)
    out.sample(times, {{"integration", which.first}, {"outcome", which.second}});
}

void write_doors(Exposition& out, const GatewayState& state, const Figures& figures, const Tallies& tallies) {
  out.family("gatehouse_decisions", counter, "Sign-ins decided.");
  for (const auto& [which, times] : tallies.decisions)
    out.sample(times, {{"outcome", which.first}, {"reason", which.second}});
  out.family("gatehouse_door_commands", counter, "Doors asked to move, by what was answered at first.");
  for (const auto& [which, times] : tallies.door_commands)
    out.sample(times, {{"action", which.first}, {"outcome", which.second}});
  out.family("gatehouse_people_present", gauge, "People on site.");
  for (const auto& site : figures.sites) {
    const auto found = figures.present.find(site);
    out.sample(found == figures.present.end() ? std::uint64_t{0} : found->second, {{"site", site}});
  }
  out.family("gatehouse_lockdown", gauge, "1 while the site is locked down.");
  for (const auto& site : figures.sites) {
    const bool locked =
        std::ranges::any_of(state.lockdown, [&](const auto& id) { return id.value() == site; });
    out.sample(yes(locked), {{"site", site}});
  }
}

void write_upkeep(Exposition& out, const GatewayState& state, const Figures& figures,
                  const Tallies& tallies) {
  out.family("gatehouse_alerts", gauge, "Alerts that are raised: what an operator must mend.");
  for (const auto& [kind, raised] : figures.alerts) out.sample(raised, {{"kind", kind}});
  out.family("gatehouse_certificate_end_time_seconds", gauge, "When a certificate ends, in Unix time.");
  for (const auto& [what, end] : state.certificate_ends)
    out.sample(seconds_of(end.time_since_epoch()), {{"certificate", what}});
  out.family("gatehouse_config_reloads", counter, "Reloads of the configuration.")
      .sample(tallies.reloads, {{"outcome", "done"}})
      .sample(tallies.reloads_refused, {{"outcome", "refused"}});
  out.family("gatehouse_config_refused", gauge,
             "1 while the files differ from what is in force, having been refused.")
      .sample(yes(state.reload_error.has_value()));
  if (figures.store_bytes)
    out.family("gatehouse_store_bytes", gauge, "The store and its log on disk.").sample(*figures.store_bytes);
  if (figures.store_free)
    out.family("gatehouse_store_free_bytes", gauge, "Free for us on the store's file system.")
        .sample(*figures.store_free);
  if (!figures.process) return;
  out.family("process_resident_memory_bytes", gauge, "Resident memory.").sample(figures.process->resident);
  out.family("process_cpu_seconds", counter, "Processor time used.").sample(figures.process->processor_s);
  out.family("process_open_fds", gauge, "Open file descriptors.").sample(figures.process->descriptors);
}

}  // namespace

std::string figures_text(const GatewayState& state, const Figures& figures, const Tallies& tallies) {
  Exposition out;
  write_gateway(out, state);
  write_cloud(out, state, tallies);
  write_integrations(out, state, figures, tallies);
  write_doors(out, state, figures, tallies);
  write_upkeep(out, state, figures, tallies);
  return out.take();
}

std::string health_json(const GatewayState& state) {
  JsonWriter json;
  json.begin_object();
  json.member("healthy", is_healthy(state)).member("ready", state.ready);
  json.member("version", state.version);
  json.member("uptime_s", static_cast<std::int64_t>(seconds_of(state.uptime)));
  json.member("store", state.outbox ? "ok" : "does not answer");
  json.key("late_loops").begin_array();
  for (const auto& loop : state.late_loops) json.value(loop);
  json.end_array().end_object();
  return json.take();
}

}  // namespace gatehouse
