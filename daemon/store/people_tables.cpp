#include "daemon/store/people_tables.hpp"

#include <utility>

#include "daemon/store/fault.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr int cloud_page = 500;

}  // namespace

std::vector<Person> PeopleTables::of_cloud(const PersonId& after) {
  static const std::string sql =
      "SELECT " + PersonRows::columns() +
      " FROM person WHERE id > ? AND EXISTS (SELECT 1 FROM person_source AS source"
      " JOIN integration ON integration.key = source.integration"
      " WHERE source.person = person.id AND integration.kind = 'cloud') ORDER BY id LIMIT ?";
  std::vector<Person> found;
  Statement rows = db_.use(sql);
  rows.bind(after.value(), cloud_page);
  while (rows.step()) found.push_back(parts_.people.read(rows));
  return found;
}

void PeopleTables::note_export(const ExportNote& note) {
  const Instant now = clock_.now();
  parts_.outbox.append(activity_message(note.run, note.integration, note.external_id, note.name, note.outcome,
                                        std::nullopt, note.fields, clock_.new_id(), now));
  parts_.activity.add(parts_.keys.make(note.integration), note.record,
                      {.number = 0,
                       .at = now,
                       .run = note.run,
                       .integration = note.integration,
                       .external_id = note.external_id,
                       .name = note.name,
                       .outcome = note.outcome,
                       .reason = std::nullopt,
                       .fields = note.fields});
}

Person PeopleTables::find(const PersonId& person) {
  auto found = parts_.people.load(person.value());
  if (!found) throw StoreFault({Errc::not_found, "there is nobody with the id " + person.value()});
  return std::move(*found);
}

void PeopleTables::set_tracked(Person& person, bool tracked, std::string reason,
                               std::optional<Instant> until) {
  const bool news = person.tracked != tracked;
  person.tracked = tracked;
  person.decoupled_reason = tracked ? std::string() : std::move(reason);
  person.decoupled_until = tracked ? std::nullopt : until;
  parts_.people.save(person);
  if (!news) return;
  look_again(person);
  parts_.outbox.append(person_upserted(person, {"tracked"}, clock_.new_id(), clock_.now()));
}

void PeopleTables::look_again(const Person& person) {
  for (const auto& source : person.sources) {
    const auto record = record_of(source.kind, source.external_id.value());
    parts_.records.look_again(parts_.keys.make(source.integration), record, person.tracked);
  }
}

std::vector<std::string> PeopleTables::changes(const Person& person, const PersonWord& word) {
  std::vector<std::string> changed;
  const auto compare = [&](std::string_view name, const auto& said, const auto& is) {
    if (said && *said != is) changed.emplace_back(name);
  };
  compare("admin_enabled", word.admin_enabled, person.admin_enabled);
  compare("tracked", word.tracked, person.tracked);
  compare("custom_tags", word.custom_tags, person.custom_tags);
  compare("grants", word.grants, person.grants);
  return changed;
}

void PeopleTables::say(Person& person, const PersonWord& word, const std::vector<std::string>& changed) {
  const bool was_effective = person.effective();
  const bool coupling = word.tracked && *word.tracked != person.tracked;
  if (word.admin_enabled) {
    person.admin_enabled = *word.admin_enabled;
    db_.use("DELETE FROM doubted_person WHERE person = ?").bind(person.id.value()).run();
  }
  if (word.custom_tags) person.custom_tags = *word.custom_tags;
  if (word.grants) person.grants = *word.grants;
  if (coupling) {
    person.tracked = *word.tracked;
    person.decoupled_reason.clear();
    person.decoupled_until.reset();
  }
  parts_.people.save(person);
  if (coupling) look_again(person);
  const Instant now = clock_.now();
  parts_.outbox.append(person_upserted(person, changed, clock_.new_id(), now));
  if (!was_effective || person.effective()) return;
  parts_.outbox.append(person_gone("person.disabled", person, "admin", RunId(), clock_.new_id(), now));
}

std::vector<InvitationRow> PeopleTables::invitable(const std::optional<PersonId>& again_after,
                                                   std::size_t at_most) {
  InvitationRows& invitations = parts_.people.invitations();
  return again_after ? invitations.open(*again_after, at_most) : invitations.due(at_most);
}

std::size_t PeopleTables::tell_invitable(const std::vector<InvitationRow>& rows) {
  const Instant now = clock_.now();
  std::size_t told = 0;
  for (const auto& row : rows) {
    const auto person = parts_.people.load(row.person.value());
    if (!person || !InvitationRows::invitable(*person)) {
      if (row.id.empty()) parts_.people.invitations().remove(row.person.value());
      continue;
    }
    const std::string invitation = row.id.empty() ? clock_.new_id() : row.id;
    parts_.people.invitations().told(row.person, invitation, now);
    parts_.outbox.append(person_invitable(*person, invitation, clock_.new_id(), now));
    ++told;
  }
  return told;
}

std::vector<PersonId> PeopleTables::overdue(Instant now) {
  std::vector<PersonId> found;
  Statement rows = db_.use(
      "SELECT id FROM person WHERE decoupled_until <= ? AND NOT tracked ORDER BY decoupled_until, id"
      " LIMIT 1000");
  rows.bind(to_ms(now));
  while (rows.step()) found.emplace_back(rows.text(0));
  return found;
}

std::vector<LinkRow> PeopleTables::links(const PersonId& person) {
  std::vector<LinkRow> links;
  for (auto& source : find(person).sources) {
    const std::int64_t key = parts_.keys.make(source.integration);
    const auto record = record_of(source.kind, source.external_id.value());
    const auto row = parts_.records.load(key, record);
    links.push_back({.source = std::move(source),
                     .skip = row ? row->state.skip : std::nullopt,
                     .overrides = parts_.issues.overrides_of(key, record)});
  }
  return links;
}

std::vector<ActivityRow> PeopleTables::activity(const PersonId& person, std::size_t at_most) {
  return parts_.activity.about(find(person), at_most);
}

}  // namespace gatehouse
