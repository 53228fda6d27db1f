#include "daemon/store/grant_rows.hpp"

#include <utility>

#include "daemon/store/stored_door.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

template <typename T>
std::optional<T> maybe_id(std::optional<std::string> text) {
  if (!text) return std::nullopt;
  return T(std::move(*text));
}

template <typename T>
std::optional<std::string> text_of(const std::optional<T>& id) {
  if (!id) return std::nullopt;
  return id->value();
}

/// From the column `first` on.
Grant read_grant(const Statement& row, int first) {
  return {.id = row.text(first),
          .door = stored_door(row.maybe_text(first + 1)),
          .scope = maybe_id<ScopeId>(row.maybe_text(first + 2)),
          .site = maybe_id<SiteId>(row.maybe_text(first + 3)),
          .hours = maybe_id<ScheduleId>(row.maybe_text(first + 4)),
          .from = from_ms(row.maybe_integer(first + 5)),
          .until = from_ms(row.maybe_integer(first + 6))};
}

}  // namespace

std::vector<Grant> GrantRows::of(std::string_view person) {
  std::vector<Grant> grants;
  Statement row = db_.use(
      "SELECT id, door, scope, site, hours, valid_from, valid_until FROM person_grant WHERE person = ?"
      " ORDER BY position");
  row.bind(person);
  while (row.step()) grants.push_back(read_grant(row, 0));
  return grants;
}

std::map<PersonId, std::vector<Grant>> GrantRows::between(const PersonId& first, const PersonId& last) {
  std::map<PersonId, std::vector<Grant>> grants;
  Statement row = db_.use(
      "SELECT person, id, door, scope, site, hours, valid_from, valid_until FROM person_grant"
      " WHERE person BETWEEN ? AND ? ORDER BY person, position");
  row.bind(first.value(), last.value());
  while (row.step()) grants[PersonId(row.text(0))].push_back(read_grant(row, 1));
  return grants;
}

void GrantRows::save(std::string_view person, const std::vector<Grant>& grants) {
  if (of(person) == grants) return;
  remove(person);
  int position = 0;
  for (const auto& grant : grants) {
    db_.use(
           "INSERT INTO person_grant (person, position, id, door, scope, site, hours, valid_from, "
           "valid_until)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(person, position++, grant.id, door_text(grant.door), text_of(grant.scope), text_of(grant.site))
        .bind(text_of(grant.hours), to_ms(grant.from), to_ms(grant.until))
        .run();
  }
}

void GrantRows::remove(std::string_view person) {
  db_.use("DELETE FROM person_grant WHERE person = ?").bind(person).run();
}

}  // namespace gatehouse
