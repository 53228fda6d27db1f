#include "daemon/app/gateway_state.hpp"

#include <algorithm>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

std::int64_t whole_seconds(Duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

std::int64_t oldest_unsent_s(const GatewayState& state) {
  if (!state.outbox || !state.outbox->oldest) return 0;
  return std::max<std::int64_t>(0, whole_seconds(state.now - *state.outbox->oldest));
}

void write_outbox(JsonWriter& json, const std::optional<OutboxReport>& outbox) {
  json.key("outbox");
  if (!outbox) {
    json.null();
    return;
  }
  std::uint64_t pending = 0;
  for (const auto lane : outbox->pending) pending += lane;
  json.begin_object();
  json.member("pending", pending).member("dead", outbox->dead).member("bytes", outbox->bytes);
  json.key("lanes").begin_object();
  for (const auto lane : all_lanes) json.member(to_string(lane), outbox->pending[index_of(lane)]);
  json.end_object();
  json.end_object();
}

/// A trial that goes on, and one that was taken back.
void write_held_config(JsonWriter& json, const std::optional<HeldConfigView>& held) {
  const bool on_trial = held && !held->taken_back;
  json.key("trial");
  if (on_trial) {
    json.begin_object().member("until", format_utc(held->until)).member("previous", held->previous);
    json.end_object();
  } else {
    json.null();
  }
  json.key("taken_back");
  if (held && !on_trial) {
    json.begin_object().member("revision", held->tried).member("why", *held->taken_back).end_object();
  } else {
    json.null();
  }
}

bool is_well(const IntegrationStatus& integration) {
  switch (integration.judged.state) {
    case IntegrationState::unauthenticated:
    case IntegrationState::unreachable:
    case IntegrationState::issues:
    case IntegrationState::guarded:
    case IntegrationState::reimport_pending:
      return false;
    default:
      return true;
  }
}

}  // namespace

bool is_healthy(const GatewayState& state) {
  return state.late_loops.empty() && state.outbox.has_value();
}

Message state_message(const GatewayState& state, std::string id) {
  JsonWriter json;
  json.begin_object();
  json.member("online", true).member("version", state.version).member("epoch", state.epoch);
  json.member("uptime_ms", static_cast<std::int64_t>(state.uptime.count()));
  json.member("started", format_utc(state.started)).member("config_revision", state.config_revision);
  json.member("roster_cursor", state.roster_cursor);
  json.key("integrations").begin_array();
  for (const auto& integration : state.integrations) {
    json.begin_object();
    json.member("id", integration.id).member("status", to_string(integration.judged.state));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return Message{.lane = std::nullopt,
                 .topic = "up/state",
                 .type = "state",
                 .id = std::move(id),
                 .time = state.now,
                 .subject = state.gateway,
                 .data = json.take()};
}

Message offline_message(std::string id, Instant now, const std::string& gateway) {
  return Message{.lane = std::nullopt,
                 .topic = "up/state",
                 .type = "state",
                 .id = std::move(id),
                 .time = now,
                 .subject = gateway,
                 .data = R"({"online":false})"};
}

Message health_message(const GatewayState& state, std::string id) {
  JsonWriter json;
  json.begin_object();
  json.member("healthy", is_healthy(state));
  json.member("uptime_s", whole_seconds(state.uptime)).member("version", state.version);
  write_outbox(json, state.outbox);
  json.member("oldest_unsent_s", oldest_unsent_s(state));
  json.member("people", state.people).member("doors", state.doors);
  json.member("decoupled", state.decoupled);
  json.key("integrations").begin_array();
  for (const auto& integration : state.integrations) {
    json.begin_object();
    json.member("id", integration.id).member("status", to_string(integration.judged.state));
    json.member("connected", integration.connected).member("live", integration.live);
    json.member("people", integration.people).member("issues", integration.issues);
    json.member("event_lag_s", integration.event_lag_s);
    json.end_object();
  }
  json.end_array();
  json.key("late_loops").begin_array();
  for (const auto& loop : state.late_loops) json.value(loop);
  json.end_array();
  json.key("audit_head");
  state.audit_head ? json.value(state.audit_head->hash) : json.null();
  if (state.audit_head) json.member("audit_rows", state.audit_head->number);
  json.end_object();
  return Message{.lane = Lane::telemetry,
                 .topic = "up/health",
                 .type = "health",
                 .id = std::move(id),
                 .time = state.now,
                 .subject = state.gateway,
                 .data = json.take()};
}

std::string status_json(const GatewayState& state) {
  JsonWriter json;
  json.begin_object();
  json.member("version", state.version).member("gateway", state.gateway);
  json.member("uptime_s", whole_seconds(state.uptime)).member("ready", state.ready);
  json.key("cloud").begin_object().member("configured", state.cloud_configured);
  json.member("connected", state.cloud_connected).key("since");
  state.cloud_since ? json.value(format_utc(*state.cloud_since)) : json.null();
  json.member("oldest_unsent_s", oldest_unsent_s(state));
  json.member("issues", state.roster_issues).member("withheld", state.roster_withheld).end_object();
  write_outbox(json, state.outbox);
  json.key("integrations").begin_array();
  for (const auto& integration : state.integrations) json.raw(integration_status_json(integration));
  json.end_array();
  json.member("people", state.people).member("doors", state.doors).member("clock", to_string(state.clock));
  json.key("config").begin_object().member("revision", state.config_revision);
  json.member("file", state.config_file).member("reload_error", state.reload_error);
  write_held_config(json, state.held_config);
  json.end_object();
  json.key("certificates").begin_array();
  for (const auto& one : state.certificates) {
    json.begin_object().member("subject", one.subject).member("until", format_utc(one.not_after));
    json.member("detail", one.detail).member("hint", one.hint).end_object();
  }
  json.end_array();
  json.key("lockdown").begin_array();
  for (const auto& site : state.lockdown) json.value(site.value());
  json.end_array();
  json.key("late_loops").begin_array();
  for (const auto& loop : state.late_loops) json.value(loop);
  json.end_array();
  json.end_object();
  return json.take();
}

std::string status_line(const GatewayState& state) {
  std::string line = state.cloud_connected    ? "cloud connected"
                     : state.cloud_configured ? "cloud not connected"
                                              : "no cloud configured";
  if (state.outbox) {
    std::uint64_t pending = 0;
    for (const auto lane : state.outbox->pending) pending += lane;
    line += ", " + std::to_string(pending) + " waiting";
  }
  for (const auto& integration : state.integrations) {
    if (!is_well(integration))
      line += ", " + integration.id + " " + std::string(to_string(integration.judged.state));
  }
  if (state.roster_issues != 0) line += ", cloud issues";
  if (state.roster_withheld != 0) line += ", cloud guarded";
  if (!state.lockdown.empty())
    line += ", LOCKDOWN of " + std::to_string(state.lockdown.size()) + " site" +
            (state.lockdown.size() == 1 ? "" : "s");
  if (!state.late_loops.empty()) line += ", stuck: " + state.late_loops.front();
  if (state.reload_error) line += ", the last reload was refused";
  if (state.held_config) {
    line += state.held_config->taken_back
                ? ", a configuration was taken back"
                : ", a configuration is on trial until " + format_utc(state.held_config->until);
  }
  return line;
}

}  // namespace gatehouse
