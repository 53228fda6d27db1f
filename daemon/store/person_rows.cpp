#include "daemon/store/person_rows.hpp"

#include "daemon/store/fault.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

PersonType person_type(const std::string& text) {
  const auto type = parse_person_type(text);
  if (!type) throw StoreFault({Errc::storage, "the store's file is damaged: person type " + text});
  return *type;
}

}  // namespace

std::string PersonRows::columns() {
  return "id, first_name, last_name, email, phone, person_type, membership_status, synced_tags, site, sites,"
         " roamer, roamer_sites, valid_from, valid_until, admin_enabled, tracked, custom_tags, last_synced";
}

Person PersonRows::read(const Statement& row) {
  Person person;
  person.id = PersonId(row.text(0));
  person.facts = {.first_name = row.text(1),
                  .last_name = row.text(2),
                  .email = row.text(3),
                  .phone = row.text(4),
                  .person_type = person_type(row.text(5)),
                  .membership_status = row.text(6),
                  .synced_tags = decode_list(row.text(7)),
                  .site = row.text(8),
                  .sites = decode_list(row.text(9)),
                  .roamer = row.yes(10),
                  .roamer_sites = decode_list(row.text(11)),
                  .valid_from = from_ms(row.maybe_integer(12)),
                  .valid_until = from_ms(row.maybe_integer(13))};
  person.admin_enabled = row.yes(14);
  person.tracked = row.yes(15);
  person.custom_tags = decode_list(row.text(16));
  person.last_synced = from_ms(row.maybe_integer(17));
  person.sources = sources(person.id.value());
  return person;
}

std::vector<PersonSource> PersonRows::sources(std::string_view person) {
  std::vector<PersonSource> list;
  Statement rows = db_.use(
      "SELECT integration.id, source.external_id, integration.badge, source.present"
      " FROM person_source AS source JOIN integration ON integration.key = source.integration"
      " WHERE source.person = ? ORDER BY source.integration, source.external_id");
  rows.bind(person);
  while (rows.step()) {
    list.push_back({IntegrationId(rows.text(0)), ExternalId(rows.text(1)), rows.text(2), rows.yes(3)});
  }
  return list;
}

std::optional<Person> PersonRows::load(std::string_view id) {
  static const std::string sql = "SELECT " + columns() + " FROM person WHERE id = ?";  // the key: one row
  Statement row = db_.use(sql);
  if (!row.bind(id).step()) return std::nullopt;
  return read(row);
}

void PersonRows::save(const Person& person) {
  static const std::string sql = "INSERT OR REPLACE INTO person (" + columns() +
                                 ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  const PersonFacts& facts = person.facts;
  db_.use(sql)
      .bind(person.id.value(), facts.first_name, facts.last_name, facts.email, facts.phone)
      .bind(to_string(facts.person_type), facts.membership_status, encode_list(facts.synced_tags))
      .bind(facts.site, encode_list(facts.sites), facts.roamer, encode_list(facts.roamer_sites))
      .bind(to_ms(facts.valid_from), to_ms(facts.valid_until), person.admin_enabled, person.tracked)
      .bind(encode_list(person.custom_tags), to_ms(person.last_synced))
      .run();
  for (const auto& source : person.sources) {
    db_.use(
           "INSERT INTO person_source (person, integration, external_id, present) VALUES (?, ?, ?, ?)"
           " ON CONFLICT (person, integration, external_id) DO UPDATE SET present = excluded.present"
           " WHERE present <> excluded.present")
        .bind(person.id.value(), keys_.make(source.integration), source.external_id.value(), source.present)
        .run();
  }
}

}  // namespace gatehouse
