#include "daemon/store/knowledge_rows.hpp"

#include <map>
#include <string>
#include <utility>

#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr int page_size = 2000;

/// Both by ascending id.
template <typename List>
void add(std::vector<PersonEntry>& entries, std::map<PersonId, List> lists, List& (*of)(PersonEntry&)) {
  auto entry = entries.begin();
  for (auto& [person, list] : lists) {
    while (entry != entries.end() && entry->person.id < person) ++entry;
    if (entry == entries.end()) return;
    if (entry->person.id == person) of(*entry) = std::move(list);
  }
}

}  // namespace

std::vector<PersonEntry> KnowledgeRows::page(const PersonId& after) {
  static const std::string sql =
      "SELECT " + PersonRows::columns() + " FROM person WHERE id > ? ORDER BY id LIMIT ?";
  std::vector<PersonEntry> entries;
  entries.reserve(page_size);
  {
    Statement row = db_.use(sql);
    row.bind(after.value(), page_size);
    while (row.step()) entries.push_back({.person = PersonRows::read_alone(row), .visits = {}});
  }
  if (entries.empty()) return entries;
  const PersonId first = entries.front().person.id;
  const PersonId last = entries.back().person.id;
  add_sources(entries);
  add<std::vector<Grant>>(entries, grants_.between(first, last),
                          [](PersonEntry& entry) -> auto& { return entry.person.grants; });
  add<std::vector<Visit>>(entries, parts_.visits.between(first, last),
                          [](PersonEntry& entry) -> auto& { return entry.visits; });
  return entries;
}

void KnowledgeRows::add_sources(std::vector<PersonEntry>& entries) {
  std::map<std::int64_t, KnownIntegration> known;
  Statement row = db_.use(
      "SELECT person, integration, external_id, present, rule, evidence, linked, says FROM person_source"
      " WHERE person BETWEEN ? AND ? ORDER BY person");
  row.bind(entries.front().person.id.value(), entries.back().person.id.value());
  auto entry = entries.begin();
  while (row.step()) {
    const PersonId person(row.text(0));
    while (entry != entries.end() && entry->person.id < person) ++entry;
    if (entry == entries.end()) break;
    if (entry->person.id != person) continue;
    const std::int64_t key = row.integer(1);
    auto integration = known.find(key);
    if (integration == known.end()) integration = known.emplace(key, parts_.keys.about(key)).first;
    entry->person.sources.push_back({.integration = integration->second.id,
                                     .external_id = ExternalId(row.text(2)),
                                     .badge = integration->second.badge,
                                     .present = row.yes(3),
                                     .kind = integration->second.kind,
                                     .rule = parse_link_rule(row.text(4)).value_or(LinkRule::created),
                                     .evidence = row.text(5),
                                     .linked = from_ms(row.maybe_integer(6)),
                                     .removed = integration->second.removed,
                                     .says = parse_person_type(row.text(7))});
  }
  for (auto& one : entries) {
    if (one.person.sources.size() > 1) put_in_order(one.person.sources);
  }
}

void KnowledgeRows::look_at_changed() {
  for (const auto& id : parts_.notes.people()) {
    auto person = parts_.people.load(id.value());
    if (!person) {
      parts_.notes.gone(id);
      continue;
    }
    parts_.notes.changed({.person = std::move(*person), .visits = parts_.visits.of(id.value())});
  }
}

}  // namespace gatehouse
