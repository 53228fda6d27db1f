#include "daemon/core/sync_plan.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {
namespace {

constexpr auto plan_kinds = std::to_array<std::pair<PlanKind, std::string_view>>({
    {PlanKind::first_sync, "first_sync"},
    {PlanKind::mapping_change, "mapping_change"},
    {PlanKind::purge, "purge"},
    {PlanKind::guard, "guard"},
    {PlanKind::roster, "roster"},
    {PlanKind::to_net2, "export"},
    {PlanKind::remove_integration, "remove_integration"},
});

constexpr auto plan_ops = std::to_array<std::pair<PlanOp, std::string_view>>({
    {PlanOp::add, "add"},
    {PlanOp::update, "update"},
    {PlanOp::disable, "disable"},
    {PlanOp::remove, "remove"},
    {PlanOp::link, "link"},
});

constexpr auto plan_states = std::to_array<std::pair<PlanState, std::string_view>>({
    {PlanState::making, "making"},
    {PlanState::open, "open"},
    {PlanState::applying, "applying"},
    {PlanState::applied, "applied"},
    {PlanState::superseded, "superseded"},
    {PlanState::discarded, "discarded"},
});

template <typename E, std::size_t N>
std::string_view name_of(const std::array<std::pair<E, std::string_view>, N>& table, E value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "unknown";
}

template <typename E, std::size_t N>
std::optional<E> named(const std::array<std::pair<E, std::string_view>, N>& table, std::string_view text) {
  for (const auto& [known, name] : table) {
    if (name == text) return known;
  }
  return std::nullopt;
}

void write_plan(JsonWriter& json, const Plan& plan) {
  json.member("plan", plan.id.value());
  json.key("integration");
  plan.integration ? json.value(plan.integration->value()) : json.null();
  json.member("kind", to_string(plan.kind)).member("state", to_string(plan.state));
  json.member("count", plan.count).member("token", plan.token);
  json.member("created", format_utc(plan.created)).member("expires", format_utc(plan.expires));
}

std::string digest_text(const PlanChange& change) {
  std::string text(to_string(change.op));
  text += '\n' + std::to_string(change.record) + '\n' + change.external_id + '\n' + change.person.value();
  text += '\n' + plan_change_json(change);
  return text;
}

void append_hex(std::string& out, std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(number >> static_cast<unsigned>(shift)) & 15U];
}

}  // namespace

std::string_view to_string(PlanKind kind) {
  return name_of(plan_kinds, kind);
}
std::optional<PlanKind> parse_plan_kind(std::string_view text) {
  return named(plan_kinds, text);
}
std::string_view to_string(PlanOp op) {
  return name_of(plan_ops, op);
}
std::optional<PlanOp> parse_plan_op(std::string_view text) {
  return named(plan_ops, text);
}
std::string_view to_string(PlanState state) {
  return name_of(plan_states, state);
}
std::optional<PlanState> parse_plan_state(std::string_view text) {
  return named(plan_states, text);
}

std::optional<PlanOp> left_by(LeftPeople people, const LeftSource& source) {
  const bool keep = people == LeftPeople::keep;
  if (people == LeftPeople::erase) return PlanOp::remove;
  // A source that nobody reads any more denies nobody whom another one has (contract.md §5).
  if (source.elsewhere) return keep && source.present ? std::nullopt : std::optional(PlanOp::update);
  // Who is decoupled, or denied already, would stay as they are when disabled.
  return !keep && source.present && source.tracked ? std::optional(PlanOp::disable) : std::nullopt;
}

bool is_replaced(const PlanChange& change) {
  return !names_record(change.external_id, change.record);
}

std::string plan_change_json(const PlanChange& change) {
  JsonWriter json;
  json.begin_object();
  json.member("op", to_string(change.op)).member("external_id", change.external_id);
  json.key("person");
  change.person.value().empty() ? json.null() : json.value(change.person.value());
  json.member("name", change.name);
  json.key("fields").begin_object();
  if (change.fate && change.fate->facts) {
    const bool named = change.op != PlanOp::add || !change.also.empty();
    write_facts(json, *change.fate->facts, named ? &change.changed : nullptr);
  }
  for (const auto& [name, value] : change.also) json.member(name, value);
  json.end_object();
  json.end_object();
  return json.take();
}

void PlanDigest::add(const PlanChange& change) {
  constexpr std::uint64_t another_seed = 0x9E3779B97F4A7C15ULL;
  const auto text = digest_text(change);
  first_ += hash_text(text);
  second_ += hash_text(text, another_seed);
  ++count_;
}

std::string PlanDigest::token(PlanKind kind, std::uint64_t basis) const {
  const auto seed = hash_text(to_string(kind), basis ^ count_);
  std::string token;
  append_hex(token, hash_text(std::to_string(first_), seed));
  append_hex(token, hash_text(std::to_string(second_), seed));
  return token;
}

std::string plan_json(const Plan& plan) {
  JsonWriter json;
  json.begin_object();
  write_plan(json, plan);
  json.end_object();
  return json.take();
}

std::string plan_with_changes_json(const Plan& plan, const std::vector<PlanChange>& changes) {
  JsonWriter json;
  json.begin_object();
  write_plan(json, plan);
  json.key("changes").begin_array();
  for (const auto& change : changes) json.raw(plan_change_json(change));
  json.end_array();
  json.end_object();
  return json.take();
}

Message plan_message(const Plan& plan, std::string id, Instant now) {
  return Message{.lane = Lane::people,
                 .topic = "up/people",
                 .type = "plan",
                 .id = std::move(id),
                 .time = now,
                 .subject = plan.integration ? plan.integration->value() : "people",
                 .data = plan_json(plan)};
}

}  // namespace gatehouse
