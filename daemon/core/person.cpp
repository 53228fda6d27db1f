#include "daemon/core/person.hpp"

#include <algorithm>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& items) {
  json.key(name).begin_array();
  for (const auto& item : items) json.value(item);
  json.end_array();
}

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  text.empty() ? json.null() : json.value(text);
}

void write_instant(JsonWriter& json, std::string_view name, const std::optional<Instant>& at) {
  json.key(name);
  at ? json.value(format_utc(*at)) : json.null();
}

void write_sources(JsonWriter& json, const Person& person) {
  json.key("sources").begin_array();
  for (const auto& source : person.sources) {
    json.begin_object();
    json.member("integration", source.integration.value()).member("external_id", source.external_id.value());
    json.member("badge", source.badge).member("present", source.present);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string_view to_string(PersonType type) {
  switch (type) {
    case PersonType::employee:
      return "employee";
    case PersonType::visitor:
      return "visitor";
    case PersonType::contractor:
      return "contractor";
    case PersonType::member:
      return "member";
  }
  return "unknown";
}

std::optional<PersonType> parse_person_type(std::string_view text) {
  for (auto type : {PersonType::employee, PersonType::visitor, PersonType::contractor, PersonType::member}) {
    if (to_string(type) == text) return type;
  }
  return std::nullopt;
}

std::string_view to_string(SourceKind kind) {
  switch (kind) {
    case SourceKind::net2:
      return "net2";
    case SourceKind::cloud:
      return "cloud";
    case SourceKind::feed:
      return "feed";
    case SourceKind::walk_in:
      return "walk_in";
  }
  return "unknown";
}

std::optional<SourceKind> parse_source_kind(std::string_view text) {
  for (auto kind : {SourceKind::net2, SourceKind::cloud, SourceKind::feed, SourceKind::walk_in}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

std::string_view to_string(LinkRule rule) {
  switch (rule) {
    case LinkRule::created:
      return "created";
    case LinkRule::email:
      return "email";
    case LinkRule::name:
      return "name";
    case LinkRule::merged:
      return "merged";
    case LinkRule::relinked:
      return "relinked";
  }
  return "unknown";
}

std::optional<LinkRule> parse_link_rule(std::string_view text) {
  for (auto rule :
       {LinkRule::created, LinkRule::email, LinkRule::name, LinkRule::merged, LinkRule::relinked}) {
    if (to_string(rule) == text) return rule;
  }
  return std::nullopt;
}

bool Person::counts(const PersonSource& source) const {
  return !source.removed || std::ranges::all_of(sources, [](const PersonSource& other) {
    return other.removed || other.kind == SourceKind::walk_in;  // a name said at a desk vouches for nobody
  });
}

bool Person::source_present() const {
  return !sources.empty() && std::ranges::all_of(sources, [this](const PersonSource& source) {
    return source.present || !counts(source);
  });
}

const PersonSource* Person::main_source() const {
  const PersonSource* first = nullptr;
  for (const auto& source : sources) {
    if (counts(source) && (first == nullptr || source.kind < first->kind)) first = &source;
  }
  return first;
}

std::optional<Instant> last_synced(
    const Person& person, const std::function<std::optional<Instant>(const IntegrationId&)>& last_read) {
  auto last = person.last_synced;
  if (!person.tracked) return last;
  for (const auto& source : person.sources) {
    if (source.present && person.counts(source)) last = std::max(last, last_read(source.integration));
  }
  return last;
}

std::vector<std::string> changed_facts(const PersonFacts& before, const PersonFacts& after) {
  std::vector<std::string> changed;
  auto compare = [&](std::string_view name, const auto& a, const auto& b) {
    if (a != b) changed.emplace_back(name);
  };
  compare("first_name", before.first_name, after.first_name);
  compare("last_name", before.last_name, after.last_name);
  compare("email", before.email, after.email);
  compare("phone", before.phone, after.phone);
  compare("person_type", before.person_type, after.person_type);
  compare("membership_status", before.membership_status, after.membership_status);
  compare("site", before.site, after.site);
  compare("sites", before.sites, after.sites);
  compare("roamer", before.roamer, after.roamer);
  compare("roamer_sites", before.roamer_sites, after.roamer_sites);
  compare("valid_from", before.valid_from, after.valid_from);
  compare("valid_until", before.valid_until, after.valid_until);
  compare("tags", before.synced_tags, after.synced_tags);
  return changed;
}

namespace {

void write_grants(JsonWriter& json, const std::vector<Grant>& grants) {
  const auto id = [&json](std::string_view name, const auto& maybe) {
    json.key(name);
    maybe ? json.value(maybe->value()) : json.null();
  };
  json.key("grants").begin_array();
  for (const auto& grant : grants) {
    json.begin_object().member("id", grant.id);
    json.key("door");
    grant.door ? json.value(to_string(*grant.door)) : json.null();
    id("scope", grant.scope);
    id("site", grant.site);
    id("hours", grant.hours);
    write_instant(json, "from", grant.from);
    write_instant(json, "until", grant.until);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_facts(JsonWriter& json, const PersonFacts& facts, const std::vector<std::string>* only) {
  const auto wanted = [&](std::string_view name) {
    return only == nullptr || std::ranges::find(*only, name) != only->end();
  };
  if (wanted("first_name")) json.member("first_name", facts.first_name);
  if (wanted("last_name")) json.member("last_name", facts.last_name);
  if (wanted("email")) write_text(json, "email", facts.email);
  if (wanted("phone")) write_text(json, "phone", facts.phone);
  if (wanted("person_type")) json.member("person_type", to_string(facts.person_type));
  if (wanted("membership_status")) write_text(json, "membership_status", facts.membership_status);
  if (wanted("tags") && only != nullptr) write_list(json, "tags", facts.synced_tags);
  if (wanted("site")) write_text(json, "site", facts.site);
  if (wanted("sites")) write_list(json, "sites", facts.sites);
  if (wanted("roamer")) json.member("roamer", facts.roamer);
  if (wanted("roamer_sites")) write_list(json, "roamer_sites", facts.roamer_sites);
  if (wanted("valid_from")) write_instant(json, "valid_from", facts.valid_from);
  if (wanted("valid_until")) write_instant(json, "valid_until", facts.valid_until);
}

std::string person_json(const Person& person) {
  const auto& facts = person.facts;
  JsonWriter json;
  json.begin_object();
  json.member("id", person.id.value());
  write_facts(json, facts);
  json.key("tags").begin_object();
  write_list(json, "synced", facts.synced_tags);
  write_list(json, "custom", person.custom_tags);
  json.end_object();
  json.key("access").begin_object();
  json.member("admin_enabled", person.admin_enabled).member("source_present", person.source_present());
  json.member("effective", person.effective());
  json.end_object();
  json.member("tracked", person.tracked);
  write_sources(json, person);
  const auto cloud = std::ranges::find(person.sources, SourceKind::cloud, &PersonSource::kind);
  json.key("cloud_id");
  cloud != person.sources.end() ? json.value(cloud->external_id.value()) : json.null();
  write_grants(json, person.grants);
  write_instant(json, "last_synced", person.last_synced);
  json.end_object();
  return json.take();
}

Message person_upserted(const Person& person, const std::vector<std::string>& changed, std::string id,
                        Instant now) {
  JsonWriter json;
  json.begin_object();
  json.key("person").raw(person_json(person));
  write_list(json, "changed", changed);
  json.end_object();
  return Message{.lane = Lane::people,
                 .topic = "up/people",
                 .type = "person.upserted",
                 .id = std::move(id),
                 .time = now,
                 .subject = person.id.value(),
                 .data = json.take()};
}

Message person_gone(std::string_view type, const Person& person, std::string_view reason, const RunId& run,
                    std::string id, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.member("person_id", person.id.value());
  write_sources(json, person);
  json.member("reason", reason);
  json.key("evidence").begin_object().member("run", run.value()).member("complete", true).end_object();
  json.end_object();
  return Message{.lane = Lane::people,
                 .topic = "up/people",
                 .type = std::string(type),
                 .id = std::move(id),
                 .time = now,
                 .subject = person.id.value(),
                 .data = json.take()};
}

Message person_invitable(const Person& person, std::string_view invitation, std::string id, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.member("person_id", person.id.value());
  json.member("email", person.facts.email);
  json.member("invitation", invitation);
  json.member("first_name", person.facts.first_name);
  json.member("last_name", person.facts.last_name);
  json.end_object();
  return Message{.lane = Lane::people,
                 .topic = "up/people",
                 .type = "person.invitable",
                 .id = std::move(id),
                 .time = now,
                 .subject = person.id.value(),
                 .data = json.take()};
}

}  // namespace gatehouse
