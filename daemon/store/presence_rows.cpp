#include "daemon/store/presence_rows.hpp"

#include <string>
#include <utility>

#include "daemon/store/stored_door.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {

Presence PresenceRows::read(const Statement& row) {
  Presence presence{.person = PersonId(row.text(0)),
                    .site = SiteId(row.text(1)),
                    .on_site = row.yes(2),
                    .at = from_ms(row.integer(3)),
                    .access_point = std::nullopt,
                    .door = stored_door(row.maybe_text(5)),
                    .evidence = row.text(6)};
  if (auto access_point = row.maybe_text(4)) presence.access_point = AccessPointId(std::move(*access_point));
  return presence;
}

std::optional<Presence> PresenceRows::of(const PersonId& person) {
  Statement row = db_.use(
      "SELECT person, site, on_site, at, access_point, door, evidence FROM presence"
      " WHERE person = ?");  // the key: one row
  if (!row.bind(person.value()).step()) return std::nullopt;
  return read(row);
}

std::vector<Presence> PresenceRows::on_site() {
  std::vector<Presence> found;
  Statement row = db_.use(
      "SELECT person, site, on_site, at, access_point, door, evidence FROM presence WHERE on_site"
      " ORDER BY person");
  while (row.step()) found.push_back(read(row));
  return found;
}

void PresenceRows::save(const Presence& presence) {
  std::optional<std::string> access_point;
  if (presence.access_point) access_point = presence.access_point->value();
  db_.use(
         "INSERT OR REPLACE INTO presence (person, site, on_site, at, access_point, door, evidence)"
         " VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(presence.person.value(), presence.site.value(), presence.on_site, to_ms(presence.at))
      .bind(access_point, door_text(presence.door), presence.evidence)
      .run();
  notes_.presence(presence);
}

std::set<IntegrationId> PresenceRows::net2_lockdown() {
  std::set<IntegrationId> found;
  Statement row = db_.use(
      "SELECT integration.id FROM net2_lockdown JOIN integration ON integration.key = "
      "net2_lockdown.integration"
      " WHERE net2_lockdown.active ORDER BY integration.id");
  while (row.step()) found.emplace(row.text(0));
  return found;
}

void PresenceRows::set_net2_lockdown(std::int64_t integration, std::int64_t generation, Net2EventId event,
                                     bool on) {
  bool was_on = false;
  {
    Statement row = db_.use(
        "SELECT active, generation, event FROM net2_lockdown WHERE integration = ?");  // the key: one row
    if (row.bind(integration).step()) {
      was_on = row.yes(0);
      const std::pair known(row.integer(1), row.integer(2));
      if (std::pair(generation, event.value()) < known) return;
    }
  }
  db_.use("INSERT OR REPLACE INTO net2_lockdown (integration, active, generation, event) VALUES (?, ?, ?, ?)")
      .bind(integration, on, generation, event.value())
      .run();
  if (was_on != on) notes_.net2_lockdown(keys_.about(integration).id, on);
}

void PresenceRows::forget_net2_lockdown(std::int64_t integration) {
  const auto active =
      db_.use("DELETE FROM net2_lockdown WHERE integration = ? AND active").bind(integration).run();
  db_.use("DELETE FROM net2_lockdown WHERE integration = ?").bind(integration).run();
  if (active != 0) notes_.net2_lockdown(keys_.about(integration).id, false);
}

}  // namespace gatehouse
