#include "daemon/store/door_rows.hpp"

namespace gatehouse {

std::vector<DoorRow> DoorRows::list(const std::optional<IntegrationId>& integration) {
  std::vector<DoorRow> list;
  std::optional<std::string> id;
  if (integration) id = integration->value();
  Statement rows = db_.use(
      "SELECT integration.id, door.id, door.name FROM door"
      " JOIN integration ON integration.key = door.integration"
      " WHERE ?1 IS NULL OR integration.id = ?1 ORDER BY integration.id, door.id");
  rows.bind(id);
  while (rows.step()) {
    list.push_back({IntegrationId(rows.text(0)), Net2DoorId(rows.integer(1)), rows.text(2)});
  }
  return list;
}

std::vector<SourceDoor> DoorRows::changed(const IntegrationId& integration,
                                          const std::vector<SourceDoor>& doors) {
  std::vector<SourceDoor> changed;
  const auto key = keys_.find(integration);
  for (const auto& door : doors) {
    Statement known = db_.use("SELECT name FROM door WHERE integration = ? AND id = ?");  // the key: one row
    if (key && known.bind(*key, door.id.value()).step() && known.text(0) == door.name) continue;
    changed.push_back(door);
  }
  return changed;
}

void DoorRows::forget(const IntegrationId& integration) {
  db_.use("DELETE FROM door WHERE integration = ?").bind(keys_.make(integration)).run();
}

void DoorRows::save(const IntegrationId& integration, const std::vector<SourceDoor>& doors) {
  const std::int64_t key = keys_.make(integration);
  for (const auto& door : doors) {
    db_.use("INSERT OR REPLACE INTO door (integration, id, name) VALUES (?, ?, ?)")
        .bind(key, door.id.value(), door.name)
        .run();
  }
}

}  // namespace gatehouse
