#include "daemon/store/registry_rows.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/store/activity_rows.hpp"

namespace gatehouse {
namespace {

constexpr int people_in_a_page = 2000;

constexpr std::string_view registry_columns =
    "SELECT id, first_name, last_name, email, phone, email_verified FROM person";
/// ?2: the number of the integration of walk-ins, or NULL.
constexpr std::string_view no_walk_in =
    " AND (?2 IS NULL OR NOT EXISTS (SELECT 1 FROM person_source AS walk WHERE walk.person = person.id"
    "  AND walk.integration = ?2)"
    " OR EXISTS (SELECT 1 FROM person_source AS other WHERE other.person = person.id"
    "  AND other.integration <> ?2))";

RegistryRow read_row(const Statement& row) {
  return {.id = PersonId(row.text(0)),
          .first_name = row.text(1),
          .last_name = row.text(2),
          .email = row.text(3),
          .phone = row.text(4),
          .email_verified = row.yes(5),
          .record_here = std::nullopt,
          .external_id_here = {},
          .also_here = {}};
}

void add_record(RegistryRow& row, std::int64_t record, std::string external_id) {
  if (row.record_here) {
    row.also_here.push_back(record);
    return;
  }
  row.record_here = record;
  row.external_id_here = std::move(external_id);
}

}  // namespace

std::vector<RegistryRow> RegistryRows::page(const IntegrationId& integration, const PersonId& after) {
  // Where nobody ever walked in, nobody is looked at twice.
  static const std::string all =
      std::string(registry_columns) + " WHERE id > ?1 AND ?2 IS NULL ORDER BY id LIMIT ?3";
  static const std::string but_walk_ins =
      std::string(registry_columns) + " WHERE id > ?1" + std::string(no_walk_in) + " ORDER BY id LIMIT ?3";
  std::vector<RegistryRow> found;
  found.reserve(people_in_a_page);
  const auto walk_ins = keys_.find(IntegrationId("walk_in"));
  Statement rows = db_.use(walk_ins ? but_walk_ins : all);
  rows.bind(after.value(), walk_ins, people_in_a_page);
  while (rows.step()) found.push_back(read_row(rows));
  const auto key = keys_.find(integration);
  if (found.empty() || !key) return found;
  const SourceKind kind = keys_.about(*key).kind;
  // Net2's ids by their numbers: the shorter is the smaller.
  Statement claims = db_.use(
      // "+": by the people of the page, not by all of the integration.
      "SELECT person, external_id FROM person_source WHERE person BETWEEN ? AND ? AND +integration = ?"
      " ORDER BY person, length(external_id), external_id");
  claims.bind(found.front().id.value(), found.back().id.value(), *key);
  auto row = found.begin();
  while (claims.step()) {
    const PersonId person(claims.text(0));
    while (row != found.end() && row->id < person) ++row;
    if (row == found.end() || row->id != person) continue;
    std::string external_id = claims.text(1);
    const auto record = record_of(kind, external_id);
    add_record(*row, record, std::move(external_id));
  }
  return found;
}

std::vector<RegistryRow> RegistryRows::rows(const IntegrationId& integration,
                                            const std::vector<PersonId>& people) {
  static const std::string one =
      std::string(registry_columns) + " WHERE id = ?1" + std::string(no_walk_in);  // the key: one row
  const auto walk_ins = keys_.find(IntegrationId("walk_in"));
  const auto key = keys_.find(integration);
  const SourceKind kind = key ? keys_.about(*key).kind : SourceKind::net2;
  std::vector<RegistryRow> found;
  found.reserve(people.size());
  for (const auto& id : people) {
    {
      Statement person = db_.use(one);
      if (!person.bind(id.value(), walk_ins).step()) continue;
      found.push_back(read_row(person));
    }
    if (!key) continue;
    Statement claims = db_.use(
        "SELECT external_id FROM person_source WHERE person = ? AND integration = ?"
        " ORDER BY length(external_id), external_id");
    claims.bind(id.value(), *key);
    while (claims.step()) {
      std::string external_id = claims.text(0);
      const auto record = record_of(kind, external_id);
      add_record(found.back(), record, std::move(external_id));
    }
  }
  return found;
}

std::vector<PersonId> RegistryRows::ids(const IntegrationId& integration, const RegistryAsk& ask) {
  std::vector<PersonId> ids = ask.people;
  const auto collect = [&](std::string_view sql, const auto&... values) {
    Statement rows = db_.use(sql);
    rows.bind(values...);
    while (rows.step()) ids.emplace_back(rows.text(0));
  };
  if (!ask.keys.empty() && !people_.has_keys()) {
    ids.clear();
    collect("SELECT id FROM person ORDER BY id");
    return ids;
  }
  for (const auto key : ask.keys) {
    collect("SELECT id FROM person WHERE name_key = ? AND name_key <> 0", key);    // any order
    collect("SELECT id FROM person WHERE email_key = ? AND email_key <> 0", key);  // any order
  }
  if (const auto here = keys_.find(integration)) {
    for (const auto& external_id : ask.external_ids) {
      collect(
          "SELECT person FROM person_source WHERE integration = ? AND external_id = ?",  // unique: one row
          *here, external_id);
    }
    for (const auto record : ask.records) {
      collect(
          "SELECT source.person FROM record JOIN person_source AS source"
          " ON source.integration = record.integration"
          " AND source.external_id = COALESCE(record.external_id, CAST(record.number AS TEXT))"
          " WHERE record.integration = ? AND record.number = ?",  // the key, and unique: one row
          *here, record);
    }
  }
  std::ranges::sort(ids);
  const auto again = std::ranges::unique(ids);
  ids.erase(again.begin(), again.end());
  return ids;
}

}  // namespace gatehouse
