#include "daemon/core/decision_record.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/packing.hpp"
#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

constexpr auto via_words = std::to_array<std::pair<Via, std::string_view>>(
    {{Via::cloud, "cloud"}, {Via::lan, "lan"}, {Via::local, "local"}});

constexpr std::uint64_t layout = 1;
constexpr std::uint64_t visit_states = 4;

void put_door(Packer& out, const DoorId& door) {
  out.text(door.integration.value()).signed_number(door.number.value());
}

DoorId get_door(Unpacker& in) {
  DoorId door;
  door.integration = IntegrationId(in.text());
  door.number = Net2DoorId(in.signed_number());
  return door;
}

void put_grant(Packer& out, const Grant& grant) {
  const auto id = [&out](const auto& value) { out.text(value.value()); };
  const auto at = [&out](Instant value) { out.instant(value); };
  out.text(grant.id).maybe(grant.door, [&out](const DoorId& door) { put_door(out, door); });
  out.maybe(grant.scope, id).maybe(grant.site, id).maybe(grant.hours, id);
  out.maybe(grant.from, at).maybe(grant.until, at);
}

Grant get_grant(Unpacker& in) {
  const auto at = [&in] { return in.instant(); };
  Grant grant;
  grant.id = in.text();
  grant.door = in.maybe([&in] { return get_door(in); });
  grant.scope = in.maybe([&in] { return ScopeId(in.text()); });
  grant.site = in.maybe([&in] { return SiteId(in.text()); });
  grant.hours = in.maybe([&in] { return ScheduleId(in.text()); });
  grant.from = in.maybe(at);
  grant.until = in.maybe(at);
  return grant;
}

void put_visit(Packer& out, const Visit& visit) {
  out.text(visit.id).text(visit.site.value()).instant(visit.start).instant(visit.end).one_of(visit.status);
}

Visit get_visit(Unpacker& in) {
  Visit visit;
  visit.id = in.text();
  visit.site = SiteId(in.text());
  visit.start = in.instant();
  visit.end = in.instant();
  visit.status = in.one_of<VisitStatus>(visit_states);
  return visit;
}

std::int64_t whole_seconds(Duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

void write_doors(JsonWriter& json, const std::vector<DecidedDoor>& doors) {
  json.key("doors").begin_array();
  for (const auto& door : doors) {
    json.begin_object();
    json.member("door", to_string(door.door)).member("outcome", door.allow ? "allow" : "deny");
    json.member("reason", to_string(door.reason)).member("command", to_string(door.command.state));
    json.key("why");
    door.command.why.empty() ? json.null() : json.value(door.command.why);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string_view to_string(Via via) {
  for (const auto& [known, word] : via_words) {
    if (known == via) return word;
  }
  return "unknown";
}

std::optional<Via> parse_via(std::string_view text) {
  for (const auto& [known, word] : via_words) {
    if (word == text) return known;
  }
  return std::nullopt;
}

Subject DecisionBasis::subject() const {
  return Subject{.person = person ? &*person : nullptr,
                 .grants = &grants,
                 .visits = &visits,
                 .age = age,
                 .walk_in = walk_in,
                 .walk_ins_allowed = walk_ins_allowed,
                 .namesake_disabled = namesake_disabled};
}

std::string pack(const DecisionBasis& basis) {
  Packer out;
  const auto id = [&out](const auto& value) { out.text(value.value()); };
  out.number(layout);
  out.maybe(basis.person, [&out](const KnownPerson& person) { out.text(pack(person)); });
  out.list(basis.grants, [&out](const Grant& grant) { put_grant(out, grant); });
  out.list(basis.visits, [&out](const Visit& visit) { put_visit(out, visit); });
  out.maybe(basis.age.age, [&out](Duration age) { out.signed_number(age.count()); });
  out.flag(basis.age.by_wall_clock);
  out.flag(basis.walk_in).flag(basis.walk_ins_allowed).flag(basis.namesake_disabled);
  out.list(basis.lockdown.sites, id).list(basis.lockdown.net2, id).flag(basis.lockdown.unreadable);
  out.instant(basis.moment.now).flag(basis.moment.trusted);
  return out.take();
}

std::optional<DecisionBasis> unpack_basis(std::string_view bytes) {
  Unpacker in(bytes);
  if (in.number() != layout) return std::nullopt;
  DecisionBasis basis;
  if (in.flag()) {
    const auto packed = in.text();
    basis.person = unpack_known_person(packed);
    if (!basis.person) return std::nullopt;
  }
  basis.grants = in.list([&in] { return get_grant(in); });
  basis.visits = in.list([&in] { return get_visit(in); });
  basis.age.age = in.maybe([&in] { return Duration(in.signed_number()); });
  basis.age.by_wall_clock = in.flag();
  basis.walk_in = in.flag();
  basis.walk_ins_allowed = in.flag();
  basis.namesake_disabled = in.flag();
  for (auto& site : in.list([&in] { return SiteId(in.text()); })) {
    basis.lockdown.sites.insert(std::move(site));
  }
  for (auto& integration : in.list([&in] { return IntegrationId(in.text()); })) {
    basis.lockdown.net2.insert(std::move(integration));
  }
  basis.lockdown.unreadable = in.flag();
  basis.moment.now = in.instant();
  basis.moment.trusted = in.flag();
  if (!in.ended()) return std::nullopt;
  return basis;
}

std::string trace_json(const std::vector<TraceStep>& trace) {
  JsonWriter json;
  json.begin_array();
  for (const auto& step : trace) {
    json.begin_object().member("check", to_string(step.check)).member("result", to_string(step.result));
    json.key("fact");
    step.fact.empty() ? json.null() : json.value(step.fact);
    json.key("age_s");
    step.age ? json.value(std::max<std::int64_t>(whole_seconds(*step.age), 0)) : json.null();
    if (step.door != nullptr) json.member("door", to_string(step.door->id));
    if (step.until) json.member("until", format_utc(*step.until));
    json.end_object();
  }
  json.end_array();
  return json.take();
}

std::string decision_json(const DecisionRecord& decision, bool with_trace) {
  JsonWriter json;
  json.begin_object();
  json.member("id", decision.id).member("revision", std::uint64_t{decision.revision});
  json.member("at", format_utc(decision.at));
  json.member("outcome", decision.allow ? "allow" : "deny").member("reason", to_string(decision.reason));
  json.member("access_point", decision.asked.access_point.value());
  json.member("direction", to_string(decision.asked.direction));
  json.member("mode", to_string(decision.asked.mode));
  json.key("person_id");
  decision.person ? json.value(decision.person->value()) : json.null();
  json.key("person_type");
  decision.person_type ? json.value(to_string(*decision.person_type)) : json.null();
  write_doors(json, decision.doors);
  json.member("via", to_string(decision.via));
  json.key("offline").begin_object();
  json.member("cloud", decision.cloud_offline).member("net2", decision.net2_offline).end_object();
  json.member("policy_revision", decision.policy_revision);
  if (with_trace) json.key("trace").raw(decision.trace.empty() ? "[]" : decision.trace);
  json.end_object();
  return json.take();
}

Message decision_message(const DecisionRecord& decision, std::string id, Instant now) {
  return Message{.lane = Lane::access,
                 .topic = "up/access",
                 .type = "decision",
                 .id = std::move(id),
                 .time = now,
                 .subject = decision.id,
                 .data = decision_json(decision)};
}

}  // namespace gatehouse
