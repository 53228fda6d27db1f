#include "daemon/app/decision_maker.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

constexpr std::size_t longest_name = 200;

bool is_walk_in(const KnownPerson& person) {
  return person.sources.size() == 1 && person.sources.front().kind == SourceKind::walk_in;
}

}  // namespace

AllowedDoor opening_of(const ConfiguredDoor& door) {
  AllowedDoor opening;
  opening.door = door.id;
  opening.momentary = door.kind == DoorKind::momentary;
  opening.stays_open = door.open;
  if (!opening.momentary) opening.open_time = door.open;
  return opening;
}

Result<MadeDecision> DecisionMaker::make(const SignIn& asked, const PersonRef& person, bool walk_ins_allowed,
                                         Via via, std::optional<Instant> at) const {
  if (const auto* name = std::get_if<WalkInName>(&person)) {
    const bool long_name = name->first_name.size() > longest_name || name->last_name.size() > longest_name;
    if (long_name || book_.name_key(name->first_name, name->last_name) == 0)
      return Error{Errc::invalid, "bad_args: a walk-in needs a first and a last name of at most 200 bytes"};
  }
  const auto& policy = rules_.policy();
  MadeDecision made;
  made.basis = basis_of(person, walk_ins_allowed, at);
  const auto verdict = decide(asked, made.basis.subject(), policy, made.basis.lockdown, made.basis.moment);
  const auto* point = policy.access_point(asked.access_point);
  auto& record = made.record;
  record.id = clock_.new_id();
  record.at = made.basis.moment.now;
  record.allow = verdict.allow;
  record.reason = verdict.reason;
  record.asked = asked;
  record.via = via;
  record.cloud_offline = !yard_.cloud_connected();
  record.net2_offline = net2_offline(point);
  record.policy_revision = rules_.revision();
  record.trace = trace_json(verdict.trace);
  if (point != nullptr) made.delay = point->settings.delay;
  add_person(made, person, point);
  add_doors(made, verdict, point);
  return made;
}

DecisionBasis DecisionMaker::basis_of(const PersonRef& person, bool walk_ins_allowed,
                                      std::optional<Instant> at) const {
  DecisionBasis basis;
  std::optional<AccessBook::Entry> entry;
  if (const auto* id = std::get_if<PersonId>(&person)) entry = book_.find(*id);
  if (const auto* cloud = std::get_if<CloudPerson>(&person)) entry = book_.find_cloud(cloud->cloud_id);
  if (entry) {
    basis.age = ages_.of(entry->person.sources);
    basis.person = std::move(entry->person);
    basis.grants = std::move(entry->grants);
    basis.visits = std::move(entry->visits);
  }
  if (const auto* name = std::get_if<WalkInName>(&person)) {
    basis.walk_in = true;
    basis.namesake_disabled = book_.namesake_disabled(name->first_name, name->last_name);
  }
  basis.walk_ins_allowed = walk_ins_allowed;
  basis.lockdown = rules_.lockdown();
  basis.moment = {.now = at.value_or(clock_.now()), .trusted = clock_.quality() == ClockQuality::ok};
  return basis;
}

std::optional<PersonId> DecisionMaker::walk_in_on_site(const WalkInName& name, const SiteId& site) const {
  const auto key = book_.name_key(name.first_name, name.last_name);
  std::optional<PersonId> newest;
  Instant since{};
  for (const auto& presence : book_.present(site)) {
    if (newest && presence.at < since) continue;
    const auto entry = book_.find(presence.person);
    if (!entry || entry->person.name_key != key || !is_walk_in(entry->person)) continue;
    newest = presence.person;
    since = presence.at;
  }
  return newest;
}

void DecisionMaker::add_person(MadeDecision& made, const PersonRef& person,
                               const PolicyAccessPoint* point) const {
  auto& record = made.record;
  if (made.basis.person) {
    record.person = made.basis.person->id;
    record.person_type = made.basis.person->person_type;
  }
  if (const auto* name = std::get_if<WalkInName>(&person)) {
    record.person_type = PersonType::visitor;
    const bool known = point != nullptr && point->settings.walk_ins && made.basis.walk_ins_allowed;
    if (known && record.asked.direction == Direction::out)
      record.person = walk_in_on_site(*name, point->settings.site);
    if (known && !record.person) {
      record.person = PersonId(clock_.new_id());
      made.walk_in = WalkIn{.person = *record.person,
                            .first_name = name->first_name,
                            .last_name = name->last_name,
                            .site = point->settings.site};
    }
  }
  if (!record.person || point == nullptr) return;
  made.presence = Presence{.person = *record.person,
                           .site = point->settings.site,
                           .on_site = record.asked.direction == Direction::in,
                           .at = record.at,
                           .access_point = record.asked.access_point,
                           .door = std::nullopt,
                           .evidence = record.id};
}

void DecisionMaker::add_doors(MadeDecision& made, const AccessVerdict& verdict,
                              const PolicyAccessPoint* point) const {
  if (point != nullptr) made.sites.insert(point->settings.site);
  for (const auto& door : verdict.doors) {
    const auto& id = door.door->id;
    made.record.doors.push_back({.door = id,
                                 .allow = door.allow,
                                 .reason = door.reason,
                                 .command = {DoorCommandState::not_sent, ""}});
    if (!door.allow) continue;
    if (door.door->site) made.sites.insert(*door.door->site);
    if (const auto* configured = rules_.door(id)) made.allowed.push_back(opening_of(*configured));
  }
}

bool DecisionMaker::net2_offline(const PolicyAccessPoint* point) const {
  if (point == nullptr) return false;
  const auto offline = [this](const IntegrationId& id) { return !yard_.connected(id); };
  if (!point->settings.doors.empty()) {
    return std::ranges::any_of(point->settings.doors, offline, &DoorId::integration);
  }
  return std::ranges::any_of(rules_.policy().settings().integrations, [&](const Integration& one) {
    const bool here =
        one.sites.empty() || std::ranges::find(one.sites, point->settings.site) != one.sites.end();
    return one.kind == IntegrationKind::net2 && one.enabled && here && offline(one.id);
  });
}

}  // namespace gatehouse
