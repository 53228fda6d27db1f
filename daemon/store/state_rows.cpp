#include "daemon/store/state_rows.hpp"

#include <string>

#include "daemon/core/settings_names.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/stored_door.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {

std::set<SiteId> StateRows::lockdown() {
  std::set<SiteId> sites;
  Statement row = db_.use("SELECT site FROM site_lockdown ORDER BY site");
  while (row.step()) sites.emplace(row.text(0));
  return sites;
}

std::map<DoorId, DoorMode> StateRows::modes() {
  std::map<DoorId, DoorMode> modes;
  Statement row = db_.use("SELECT door, mode FROM door_mode ORDER BY door");
  while (row.step()) {
    const auto mode = parse_name<DoorMode>(row.text(1));
    if (!mode) throw StoreFault({Errc::storage, "the store's file is damaged: door mode " + row.text(1)});
    modes.emplace(stored_door(row.text(0)), *mode);
  }
  return modes;
}

std::vector<Hold> StateRows::holds() {
  std::vector<Hold> holds;
  Statement row = db_.use("SELECT door, until FROM door_hold ORDER BY until, door");
  while (row.step()) {
    holds.push_back(
        {.door = stored_door(row.text(0)), .until = from_ms(row.integer(1)), .due = std::nullopt});
  }
  return holds;
}

std::map<DoorId, Instant> StateRows::commanded() {
  std::map<DoorId, Instant> doors;
  Statement row = db_.use("SELECT door, at FROM door_commanded ORDER BY door");
  while (row.step()) doors.emplace(stored_door(row.text(0)), from_ms(row.integer(1)));
  return doors;
}

std::vector<Proof> StateRows::proofs() {
  std::vector<Proof> proofs;
  Statement row = db_.use("SELECT integration, at FROM proof ORDER BY integration");
  while (row.step()) proofs.push_back({IntegrationId(row.text(0)), from_ms(row.integer(1))});
  return proofs;
}

std::optional<Instant> StateRows::proved(const IntegrationId& integration) {
  Statement row = db_.use("SELECT at FROM proof WHERE integration = ?");  // the key: one row
  if (!row.bind(integration.value()).step()) return std::nullopt;
  return from_ms(row.integer(0));
}

void StateRows::set_lockdown(const SiteId& site, bool on) {
  db_.use(on ? "INSERT OR IGNORE INTO site_lockdown (site) VALUES (?)"
             : "DELETE FROM site_lockdown WHERE site = ?")
      .bind(site.value())
      .run();
}

void StateRows::set_mode(const DoorId& door, std::optional<DoorMode> mode) {
  if (!mode) {
    db_.use("DELETE FROM door_mode WHERE door = ?").bind(to_string(door)).run();
    return;
  }
  db_.use("INSERT OR REPLACE INTO door_mode (door, mode) VALUES (?, ?)")
      .bind(to_string(door), to_string(*mode))
      .run();
}

bool StateRows::holds(const Hold& hold) {
  Statement row = db_.use("SELECT 1 FROM door_hold WHERE door = ? AND until = ?");  // the key: one row
  return row.bind(to_string(hold.door), to_ms(hold.until)).step();
}

void StateRows::begin_hold(const Hold& hold) {
  db_.use("INSERT OR REPLACE INTO door_hold (door, until) VALUES (?, ?)")
      .bind(to_string(hold.door), to_ms(hold.until))
      .run();
}

void StateRows::end_hold(const Hold& hold) {
  db_.use("DELETE FROM door_hold WHERE door = ? AND until = ?")
      .bind(to_string(hold.door), to_ms(hold.until))
      .run();
}

void StateRows::save(const Proof& proof) {
  db_.use("INSERT OR REPLACE INTO proof (integration, at) VALUES (?, ?)")
      .bind(proof.integration.value(), to_ms(proof.at))
      .run();
}

void StateRows::forget_proof(const IntegrationId& integration) {
  db_.use("DELETE FROM proof WHERE integration = ?").bind(integration.value()).run();
}

}  // namespace gatehouse
