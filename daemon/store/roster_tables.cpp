#include "daemon/store/roster_tables.hpp"

namespace gatehouse {
namespace {

const IntegrationId& cloud() {
  static const IntegrationId id("cloud");
  return id;
}

}  // namespace

std::optional<std::string> RosterTables::cursor() {
  Statement row = db_.use("SELECT value FROM meta WHERE key = 'roster/cursor'");  // the key: one row
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

RosterState RosterTables::state() {
  return {.cursor = cursor(),
          .proved = parts_.state.proved(cloud()),
          .people = parts_.directory.people_present(cloud())};
}

DirectoryReport RosterTables::apply(const RosterCommit& commit) {
  DirectoryReport report;
  if (!is_empty(commit.directory)) report = parts_.directory.apply(commit.directory);
  auto visits = commit.visits;
  // Of somebody without a person visits wait for one: not for whom was erased.
  std::erase_if(visits, [&](const RosterVisit& one) {
    return !one.removed && parts_.tombstones.covers(cloud(), one.cloud_id.value());
  });
  parts_.visits.change(visits, commit.replace_visits);
  if (cursor() != commit.cursor) {
    if (commit.cursor) {
      db_.use("INSERT OR REPLACE INTO meta (key, value) VALUES ('roster/cursor', ?)")
          .bind(*commit.cursor)
          .run();
    } else {
      db_.use("DELETE FROM meta WHERE key = 'roster/cursor'").run();
    }
  }
  // None: it proves nothing.
  const bool proves = commit.proved != Instant{} && parts_.state.proved(cloud()) != commit.proved;
  if (proves) parts_.state.save({cloud(), commit.proved});
  return report;
}

}  // namespace gatehouse
