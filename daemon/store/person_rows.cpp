#include "daemon/store/person_rows.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/store/fact_columns.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

/// Of identity_keys() and the rules of its folding: another one has all keys made anew.
constexpr std::string_view keys_version = "1";
/// Behind it stands the last person who has keys, while not all of them have.
constexpr std::string_view keys_so_far = "1 ";
constexpr int people_in_a_step = 5000;

bool same_record(const PersonSource& a, const PersonSource& b) {
  return a.integration == b.integration && a.external_id == b.external_id;
}

/// As the table keeps it; badge and kind belong to the integration.
bool same_row(const PersonSource& a, const PersonSource& b) {
  return a.present == b.present && a.rule == b.rule && a.evidence == b.evidence && a.linked == b.linked &&
         a.says == b.says;
}

/// Net2's ids by their numbers: the shorter is the smaller.
auto place(const PersonSource& source) {
  const std::string& id = source.external_id.value();
  return std::tuple(source.rule != LinkRule::created, source.linked, source.integration, id.size(), id);
}

std::string columns_behind_id() {
  return fact_columns() +
         ", admin_enabled, tracked, custom_tags, last_synced, decoupled_reason, decoupled_until,"
         " email_verified";
}

/// For an upsert: "a, b" becomes "a = excluded.a, b = excluded.b".
std::string as_given(std::string_view columns) {
  std::string assignments;
  while (!columns.empty()) {
    const auto comma = columns.find(", ");
    const std::string column(columns.substr(0, comma));
    if (!assignments.empty()) assignments += ", ";
    assignments.append(column).append(" = excluded.").append(column);
    columns.remove_prefix(comma == std::string_view::npos ? columns.size() : comma + 2);
  }
  return assignments;
}

}  // namespace

void put_in_order(std::vector<PersonSource>& sources) {
  std::ranges::sort(sources, {}, place);
}

std::string PersonRows::columns() {
  return "id, " + columns_behind_id();
}

Person PersonRows::read(const Statement& row) {
  Person person = read_alone(row);
  person.sources = sources(person.id.value());
  person.grants = grants_.of(person.id.value());
  return person;
}

Person PersonRows::read_alone(const Statement& row) {
  constexpr int behind_facts = 1 + fact_column_count;
  Person person;
  person.id = PersonId(row.text(0));
  person.facts = read_facts(row, 1);
  person.admin_enabled = row.yes(behind_facts);
  person.tracked = row.yes(behind_facts + 1);
  person.custom_tags = decode_list(row.text(behind_facts + 2));
  person.last_synced = from_ms(row.maybe_integer(behind_facts + 3));
  person.decoupled_reason = row.text(behind_facts + 4);
  person.decoupled_until = from_ms(row.maybe_integer(behind_facts + 5));
  person.email_verified = row.yes(behind_facts + 6);
  return person;
}

std::vector<PersonSource> PersonRows::sources(std::string_view person) {
  std::vector<PersonSource> list;
  Statement rows = db_.use(
      "SELECT integration.id, source.external_id, integration.badge, source.present, integration.kind,"
      " source.rule, source.evidence, source.linked, integration.switch = 'removed',"
      " source.says"
      " FROM person_source AS source JOIN integration ON integration.key = source.integration"
      " WHERE source.person = ?");  // put in order below
  rows.bind(person);
  while (rows.step()) {
    list.push_back({.integration = IntegrationId(rows.text(0)),
                    .external_id = ExternalId(rows.text(1)),
                    .badge = rows.text(2),
                    .present = rows.yes(3),
                    .kind = parse_source_kind(rows.text(4)).value_or(SourceKind::net2),
                    .rule = parse_link_rule(rows.text(5)).value_or(LinkRule::created),
                    .evidence = rows.text(6),
                    .linked = from_ms(rows.maybe_integer(7)),
                    .removed = rows.yes(8),
                    .says = parse_person_type(rows.text(9))});
  }
  put_in_order(list);
  return list;
}

std::optional<Person> PersonRows::load(std::string_view id) {
  static const std::string sql = "SELECT " + columns() + " FROM person WHERE id = ?";  // the key: one row
  Statement row = db_.use(sql);
  if (!row.bind(id).step()) return std::nullopt;
  return read(row);
}

std::optional<PersonId> PersonRows::owner(std::int64_t integration, std::string_view external_id) {
  Statement row = db_.use(
      "SELECT person FROM person_source WHERE integration = ? AND external_id = ?");  // unique: one row
  if (!row.bind(integration, external_id).step()) return std::nullopt;
  return PersonId(row.text(0));
}

void PersonRows::save(const Person& person) {
  static const std::string sql = "INSERT INTO person (" + columns() + ") VALUES (" +
                                 placeholders(1 + fact_column_count + 7) +
                                 ") ON CONFLICT (id) DO UPDATE SET " + as_given(columns_behind_id());
  const bool known = is_known_as(person);
  {
    Statement row = db_.use(sql);
    row.bind(person.id.value());
    bind_facts(row, &person.facts);
    row.bind(person.admin_enabled, person.tracked, encode_list(person.custom_tags), to_ms(person.last_synced))
        .bind(person.decoupled_reason, to_ms(person.decoupled_until), person.email_verified)
        .run();
  }
  if (!known) save_keys(person.id.value(), person.facts);
  if (save_sources(person) || !known) ++revision_;
  grants_.save(person.id.value(), person.grants);
  invitations_.look_at(person);
  notes_.person(person.id);
}

void PersonRows::save_keys(std::string_view person, const PersonFacts& facts) {
  const auto keys = identity_keys(facts, fold_);
  db_.use("UPDATE person SET name_key = ?, email_key = ? WHERE id = ?")
      .bind(keys.name, keys.email, person)
      .run();
}

std::string PersonRows::keys_made() {
  Statement row = db_.use("SELECT value FROM meta WHERE key = 'identity_keys'");  // the key: one row
  return row.step() ? row.text(0) : std::string();
}

bool PersonRows::has_keys() {
  return keys_made() == keys_version;
}

bool PersonRows::make_keys() {
  auto last = keys_made();
  last = last.starts_with(keys_so_far) ? last.substr(keys_so_far.size()) : std::string();
  std::vector<std::pair<std::string, PersonFacts>> step;
  {
    Statement rows =
        db_.use("SELECT id, first_name, last_name, email FROM person WHERE id > ? ORDER BY id LIMIT ?");
    rows.bind(last, people_in_a_step);
    while (rows.step()) {
      PersonFacts facts;
      facts.first_name = rows.text(1);
      facts.last_name = rows.text(2);
      facts.email = rows.text(3);
      step.emplace_back(rows.text(0), std::move(facts));
    }
  }
  for (const auto& [person, facts] : step) save_keys(person, facts);
  const auto made = step.empty() ? std::string(keys_version) : std::string(keys_so_far) + step.back().first;
  db_.use("INSERT OR REPLACE INTO meta (key, value) VALUES ('identity_keys', ?)").bind(made).run();
  return !step.empty();
}

bool PersonRows::is_known_as(const Person& person) {
  const PersonFacts& facts = person.facts;
  Statement same = db_.use(
      "SELECT 1 FROM person WHERE id = ? AND first_name = ? AND last_name = ? AND email = ? AND phone = ?"
      " AND email_verified = ?");  // the key: one row
  return same.bind(person.id.value(), facts.first_name, facts.last_name, facts.email, facts.phone)
      .bind(person.email_verified)
      .step();
}

bool PersonRows::save_sources(const Person& person) {
  const auto stored = sources(person.id.value());
  bool came_or_went = false;
  for (const auto& was : stored) {
    const auto same = [&](const PersonSource& source) {
      return person.counts(source) && same_record(source, was);
    };
    if (std::ranges::any_of(person.sources, same)) continue;
    came_or_went = true;
    db_.use("DELETE FROM person_source WHERE person = ? AND integration = ? AND external_id = ?")
        .bind(person.id.value(), keys_.make(was.integration), was.external_id.value())
        .run();
  }
  for (const auto& source : person.sources) {
    if (!person.counts(source)) continue;
    const auto was =
        std::ranges::find_if(stored, [&](const PersonSource& one) { return same_record(one, source); });
    if (was != stored.end() && same_row(*was, source)) continue;
    std::optional<std::string_view> says;
    if (source.says) says = to_string(*source.says);
    came_or_went = came_or_went || was == stored.end();
    db_.use(
           "INSERT INTO person_source (person, integration, external_id, present, rule, evidence, linked, "
           "says)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (person, integration, external_id) DO UPDATE SET"
           " present = excluded.present, rule = excluded.rule, evidence = excluded.evidence,"
           " linked = excluded.linked, says = excluded.says")
        .bind(person.id.value(), keys_.make(source.integration), source.external_id.value(), source.present)
        .bind(to_string(source.rule), source.evidence, to_ms(source.linked), says)
        .run();
  }
  return came_or_went;
}

void PersonRows::note_linked(std::int64_t integration) {
  Statement rows = db_.use(
      "SELECT person FROM person_source AS source WHERE integration = ? AND EXISTS"
      " (SELECT 1 FROM person_source AS other WHERE other.person = source.person"
      "  AND other.integration <> source.integration)");  // any order
  rows.bind(integration);
  while (rows.step()) notes_.person(PersonId(rows.text(0)));
}

bool PersonRows::lost() {
  Statement row = db_.use("SELECT 1 FROM meta WHERE key = 'newcomers_doubted'");  // the key: one row
  return row.step();
}

bool PersonRows::doubts(const PersonId& newcomer) {
  if (!lost()) return false;
  db_.use("INSERT OR IGNORE INTO doubted_person (person) VALUES (?)").bind(newcomer.value()).run();
  return true;
}

void PersonRows::remove(const PersonId& person) {
  db_.use("DELETE FROM person_source WHERE person = ?").bind(person.value()).run();
  grants_.remove(person.value());
  invitations_.remove(person.value());
  db_.use("DELETE FROM presence WHERE person = ?").bind(person.value()).run();
  db_.use("DELETE FROM person WHERE id = ?").bind(person.value()).run();
  notes_.person(person);
  ++revision_;
}

}  // namespace gatehouse
