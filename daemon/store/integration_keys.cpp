#include "daemon/store/integration_keys.hpp"

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

void IntegrationKeys::set_badge(std::int64_t key, std::string_view badge) {
  db_.use("UPDATE integration SET badge = ? WHERE key = ? AND badge <> ?").bind(badge, key, badge).run();
}

}  // namespace gatehouse
