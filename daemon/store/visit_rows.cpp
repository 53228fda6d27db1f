#include "daemon/store/visit_rows.hpp"

#include <set>
#include <string>

#include "daemon/store/fault.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

/// From the column `first` on.
Visit read_visit(const Statement& row, int first) {
  const auto status = parse_visit_status(row.text(first + 4));
  if (!status) throw StoreFault({Errc::storage, "the store's file is damaged: visit " + row.text(first)});
  return {.id = row.text(first),
          .site = SiteId(row.text(first + 1)),
          .start = from_ms(row.integer(first + 2)),
          .end = from_ms(row.integer(first + 3)),
          .status = *status};
}

// People first: most have no visit. CROSS keeps SQLite from turning that round.
constexpr std::string_view of_people =
    "SELECT source.person, visit.id, visit.site, visit.begins, visit.ends, visit.status"
    " FROM person_source AS source CROSS JOIN visit ON visit.cloud_id = source.external_id"
    " WHERE source.person BETWEEN ? AND ?"
    " AND source.integration IN (SELECT key FROM integration WHERE kind = 'cloud')"
    " ORDER BY source.person, visit.begins, visit.id";

}  // namespace

std::vector<Visit> VisitRows::of(std::string_view person) {
  std::vector<Visit> visits;
  Statement row = db_.use(of_people);
  row.bind(person, person);
  while (row.step()) visits.push_back(read_visit(row, 1));
  return visits;
}

std::map<PersonId, std::vector<Visit>> VisitRows::between(const PersonId& first, const PersonId& last) {
  std::map<PersonId, std::vector<Visit>> visits;
  Statement row = db_.use(of_people);
  row.bind(first.value(), last.value());
  while (row.step()) visits[PersonId(row.text(0))].push_back(read_visit(row, 1));
  return visits;
}

void VisitRows::note(std::string_view cloud_id) {
  Statement owner = db_.use(
      "SELECT person FROM person_source WHERE external_id = ?"
      " AND integration IN (SELECT key FROM integration WHERE kind = 'cloud') ORDER BY person");
  owner.bind(cloud_id);
  while (owner.step()) notes_.person(PersonId(owner.text(0)));
}

void VisitRows::remove(std::string_view id) {
  std::string cloud_id;
  {
    Statement row = db_.use("SELECT cloud_id FROM visit WHERE id = ?");  // the key: one row
    if (!row.bind(id).step()) return;
    cloud_id = row.text(0);
  }
  db_.use("DELETE FROM visit WHERE id = ?").bind(id).run();
  note(cloud_id);
}

void VisitRows::save(const RosterVisit& given) {
  const Visit& visit = given.visit;
  std::string former;
  {
    Statement row = db_.use(
        "SELECT cloud_id, id, site, begins, ends, status FROM visit WHERE id = ?");  // the key: one row
    if (row.bind(visit.id).step()) {
      former = row.text(0);
      if (former == given.cloud_id.value() && read_visit(row, 1) == visit) return;
    }
  }
  db_.use("INSERT OR REPLACE INTO visit (id, cloud_id, site, begins, ends, status) VALUES (?, ?, ?, ?, ?, ?)")
      .bind(visit.id, given.cloud_id.value(), visit.site.value(), to_ms(visit.start), to_ms(visit.end))
      .bind(to_string(visit.status))
      .run();
  note(given.cloud_id.value());
  if (!former.empty() && former != given.cloud_id.value()) note(former);
}

void VisitRows::change(const std::vector<RosterVisit>& visits, bool replace) {
  for (const auto& visit : visits) visit.removed ? remove(visit.visit.id) : save(visit);
  if (!replace) return;
  std::set<std::string, std::less<>> named;
  for (const auto& visit : visits) {
    if (!visit.removed) named.insert(visit.visit.id);
  }
  std::vector<std::string> over;
  {
    Statement row = db_.use("SELECT id FROM visit ORDER BY id");
    while (row.step()) {
      if (auto id = row.text(0); !named.contains(id)) over.push_back(std::move(id));
    }
  }
  for (const auto& id : over) remove(id);
}

}  // namespace gatehouse
