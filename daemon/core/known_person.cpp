#include "daemon/core/known_person.hpp"

#include <algorithm>

#include "daemon/core/packing.hpp"

namespace gatehouse {
namespace {

constexpr std::uint64_t layout = 1;
constexpr std::uint64_t person_types = 4;
constexpr std::uint64_t source_kinds = 4;

/// Flags in one number, in this order from the lowest bit.
enum Flag : std::uint64_t { roamer = 1, admin_enabled = 2, tracked = 4, all_flags = 7 };

}  // namespace

bool KnownPerson::source_present() const {
  return !sources.empty() && std::ranges::all_of(sources, &Source::present);
}

KnownPerson known_person(const Person& person, const TextFold& fold) {
  KnownPerson known;
  known.id = person.id;
  known.name_key = identity_keys(person.facts, fold).name;
  known.person_type = person.facts.person_type;
  known.membership_status = person.facts.membership_status;
  known.tags = person.facts.synced_tags;
  known.tags.insert(known.tags.end(), person.custom_tags.begin(), person.custom_tags.end());
  known.site = SiteId(person.facts.site);
  for (const auto& site : person.facts.sites) known.sites.emplace_back(site);
  known.roamer = person.facts.roamer;
  for (const auto& site : person.facts.roamer_sites) known.roamer_sites.emplace_back(site);
  known.valid_from = person.facts.valid_from;
  known.valid_until = person.facts.valid_until;
  known.admin_enabled = person.admin_enabled;
  known.tracked = person.tracked;
  for (const auto& source : person.sources) {
    if (!person.counts(source)) continue;
    known.sources.push_back({source.integration, source.kind, source.present});
    if (source.kind == SourceKind::cloud) known.cloud_id = source.external_id.value();
  }
  return known;
}

std::string pack(const KnownPerson& person) {
  Packer out;
  const auto text = [&out](const std::string& value) { out.text(value); };
  const auto site = [&out](const SiteId& value) { out.text(value.value()); };
  const auto at = [&out](Instant value) { out.instant(value); };
  out.number(layout).text(person.id.value()).text(person.cloud_id).number(person.name_key);
  out.one_of(person.person_type).text(person.membership_status).list(person.tags, text);
  out.text(person.site.value()).list(person.sites, site).list(person.roamer_sites, site);
  out.number((person.roamer ? Flag::roamer : 0) | (person.admin_enabled ? Flag::admin_enabled : 0) |
             (person.tracked ? Flag::tracked : 0));
  out.maybe(person.valid_from, at).maybe(person.valid_until, at);
  out.list(person.sources, [&out](const KnownPerson::Source& source) {
    out.text(source.integration.value()).one_of(source.kind).flag(source.present);
  });
  return out.take();
}

std::optional<KnownPerson> unpack_known_person(std::string_view bytes) {
  Unpacker in(bytes);
  const auto text = [&in] { return in.text(); };
  const auto site = [&in] { return SiteId(in.text()); };
  const auto at = [&in] { return in.instant(); };
  if (in.number() != layout) return std::nullopt;
  KnownPerson person;
  person.id = PersonId(in.text());
  person.cloud_id = in.text();
  person.name_key = in.number();
  person.person_type = in.one_of<PersonType>(person_types);
  person.membership_status = in.text();
  person.tags = in.list(text);
  person.site = SiteId(in.text());
  person.sites = in.list(site);
  person.roamer_sites = in.list(site);
  const auto flags = in.number();
  person.roamer = (flags & Flag::roamer) != 0;
  person.admin_enabled = (flags & Flag::admin_enabled) != 0;
  person.tracked = (flags & Flag::tracked) != 0;
  person.valid_from = in.maybe(at);
  person.valid_until = in.maybe(at);
  person.sources = in.list([&in] {
    KnownPerson::Source source;
    source.integration = IntegrationId(in.text());
    source.kind = in.one_of<SourceKind>(source_kinds);
    source.present = in.flag();
    return source;
  });
  if (!in.ended() || flags > Flag::all_flags) return std::nullopt;
  return person;
}

}  // namespace gatehouse
