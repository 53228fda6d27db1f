#include "daemon/core/roster_rules.hpp"

#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view between_items = "\n";  ///< no text of the roster has one in it

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += between_items;
    text += item;
  }
  return text;
}

/// Each target from the field of its own name.
std::map<FieldTarget, SourceField> all_fields() {
  std::map<FieldTarget, SourceField> fields;
  for (const auto& [target, name] : EnumNames<FieldTarget>::all)
    fields.emplace(target, SourceField{std::string(name)});
  return fields;
}

}  // namespace

Integration cloud_integration(const std::vector<SiteId>& sites, const RemovalGuard& guard) {
  Integration cloud;
  cloud.id = cloud_integration_id;
  cloud.name = "Cloud";
  // To a match the cloud is a source like Net2: a feed would be kept apart from the others' people.
  cloud.kind = IntegrationKind::net2;
  cloud.enabled = true;
  cloud.sites = sites;
  auto& sync = cloud.sync;
  sync.first = FirstSync::automatic;
  sync.require_identifier = RequiredIdentifier::none;
  sync.group_by = GroupBy::group;
  for (const auto type :
       {PersonType::employee, PersonType::visitor, PersonType::contractor, PersonType::member}) {
    sync.groups.push_back({.group = std::string(to_string(type)), .person_type = type});
  }
  sync.fields = all_fields();
  for (const auto& site : sites) sync.site.rules.push_back({.department = site.value(), .site = site});
  sync.guard = guard;
  return cloud;
}

Mapping cloud_mapping(const Integration& cloud, const std::vector<SiteId>& sites, const TextFold& fold) {
  auto mapping = make_mapping(cloud, sites, fold);
  mapping.list_separators = between_items;
  return mapping;
}

SourceRecord roster_record(const RosterPerson& person) {
  const auto& facts = person.facts;
  SourceRecord record;
  record.number = record_number(person.cloud_id);
  record.external_id = person.cloud_id;
  record.group = to_string(facts.person_type);
  record.department = facts.site;
  record.valid_from = facts.valid_from;
  record.valid_until = facts.valid_until;
  record.email_verified = person.email_verified;
  // In the order of FieldTarget.
  record.values = {facts.first_name,
                   facts.last_name,
                   facts.email,
                   facts.phone,
                   facts.membership_status,
                   joined(facts.synced_tags),
                   facts.roamer ? "yes" : "",
                   joined(facts.roamer_sites),
                   joined(facts.sites)};
  return record;
}

}  // namespace gatehouse
