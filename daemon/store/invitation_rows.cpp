#include "daemon/store/invitation_rows.hpp"

#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

std::vector<InvitationRow> read_invitations(Statement& rows) {
  std::vector<InvitationRow> found;
  while (rows.step()) found.push_back({.person = PersonId(rows.text(0)), .id = rows.text(1)});
  return found;
}

}  // namespace

bool InvitationRows::invitable(const Person& person) {
  return person.tracked && person.effective() && !person.facts.email.empty();
}

void InvitationRows::look_at(const Person& person) {
  if (invitable(person)) {
    db_.use("INSERT OR IGNORE INTO invitation (person, id, told_at, ok) VALUES (?, '', NULL, 0)")
        .bind(person.id.value())
        .run();
  } else {
    db_.use("DELETE FROM invitation WHERE person = ? AND told_at IS NULL").bind(person.id.value()).run();
  }
}

void InvitationRows::remove(std::string_view person) {
  db_.use("DELETE FROM invitation WHERE person = ?").bind(person).run();
}

std::vector<InvitationRow> InvitationRows::due(std::size_t at_most) {
  Statement rows = db_.use("SELECT person, id FROM invitation WHERE told_at IS NULL ORDER BY person LIMIT ?");
  rows.bind(static_cast<std::int64_t>(at_most));
  return read_invitations(rows);
}

std::vector<InvitationRow> InvitationRows::open(const PersonId& after, std::size_t at_most) {
  Statement rows = db_.use(
      "SELECT person, id FROM invitation WHERE told_at IS NOT NULL AND NOT ok AND person > ?"
      " ORDER BY person LIMIT ?");
  rows.bind(after.value(), static_cast<std::int64_t>(at_most));
  return read_invitations(rows);
}

void InvitationRows::told(const PersonId& person, std::string_view id, Instant now) {
  db_.use("UPDATE invitation SET id = ?, told_at = ? WHERE person = ?")
      .bind(id, to_ms(now), person.value())
      .run();
}

bool InvitationRows::is_invited(const PersonId& person) {
  Statement row = db_.use("SELECT 1 FROM invitation WHERE person = ? AND ok");  // the key: one row
  return row.bind(person.value()).step();
}

void InvitationRows::invited(const PersonId& person, Instant now) {
  db_.use(
         "INSERT INTO invitation (person, id, told_at, ok) VALUES (?, '', ?, 1) ON CONFLICT (person)"
         " DO UPDATE SET ok = 1, told_at = coalesce(told_at, excluded.told_at)")
      .bind(person.value(), to_ms(now))
      .run();
}

}  // namespace gatehouse
