#include "daemon/store/integration_keys.hpp"

#include "daemon/store/fault.hpp"

namespace gatehouse {

std::optional<std::int64_t> IntegrationKeys::find(const IntegrationId& id) {
  if (const auto known = known_.find(id); known != known_.end()) return known->second;
  Statement found = db_.use("SELECT key FROM integration WHERE id = ?");  // unique: one row
  if (!found.bind(id.value()).step()) return std::nullopt;
  return known_.emplace(id, found.integer(0)).first->second;
}

std::int64_t IntegrationKeys::make(const IntegrationId& id) {
  if (const auto known = find(id)) return *known;
  db_.use("INSERT INTO integration (id, badge) VALUES (?, ?)").bind(id.value(), id.value()).run();
  return find(id).value();
}

KnownIntegration IntegrationKeys::about(std::int64_t key) {
  Statement row =
      db_.use("SELECT id, badge, kind, switch FROM integration WHERE key = ?");  // the key: one row
  if (!row.bind(key).step()) {
    throw StoreFault({Errc::storage, "the store's file is damaged: no integration " + std::to_string(key)});
  }
  return {.id = IntegrationId(row.text(0)),
          .badge = row.text(1),
          .kind = parse_source_kind(row.text(2)).value_or(SourceKind::net2),
          .removed = row.text(3) == to_string(Switch::removed)};
}

void IntegrationKeys::describe(std::int64_t key, std::string_view badge, SourceKind kind) {
  db_.use("UPDATE integration SET badge = ?1, kind = ?2 WHERE key = ?3 AND (badge <> ?1 OR kind <> ?2)")
      .bind(badge, to_string(kind), key)
      .run();
}

Switch IntegrationKeys::switched(const IntegrationId& id) {
  Statement row = db_.use("SELECT switch FROM integration WHERE id = ?");  // unique: one row
  if (!row.bind(id.value()).step()) return Switch::on;
  return parse_switch(row.text(0)).value_or(Switch::on);
}

void IntegrationKeys::set_switch(const IntegrationId& id, Switch state) {
  db_.use("UPDATE integration SET switch = ? WHERE key = ?").bind(to_string(state), make(id)).run();
}

}  // namespace gatehouse
