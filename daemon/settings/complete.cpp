// What holds between sections, and the defaults that one section takes from another.

#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

/// The node of the n-th item of a list at the top of the file; the root where it cannot be found.
const TreeNode& item_of(const TreeNode& root, std::string_view list, std::size_t index) {
  const TreeNode* node = root.find(list);
  return node && index < node->items.size() ? node->items[index] : root;
}

/// The home site where nothing is said of sites: the first the integration covers, else the gateway's first.
std::optional<SiteId> first_site(const Integration& integration, const Gateway& gateway) {
  if (!integration.sites.empty()) return integration.sites.front();
  if (!gateway.sites.empty()) return gateway.sites.front().id;
  return std::nullopt;
}

bool is_at_work(const Integration& integration) {
  return integration.enabled && integration.mode == IntegrationMode::apply;
}

/// Two integrations at work may read the same server, but not the same people (features.md S0-7). One that is
/// disabled or staging may stand beside another, to be tried or to take its place.
void refuse_overlap(const TreeNode& root, Reading& reading, const Settings& settings, std::size_t index) {
  const Integration& later = settings.integrations[index];
  for (std::size_t i = 0; i < index; ++i) {
    const Integration& earlier = settings.integrations[i];
    if (later.net2.url.empty() || earlier.net2.url != later.net2.url) continue;
    if (!is_at_work(later) || !is_at_work(earlier)) continue;
    for (const GroupMapping& ours : later.sync.groups)
      for (const GroupMapping& theirs : earlier.sync.groups)
        if (ours.group == theirs.group && later.sync.group_by == earlier.sync.group_by)
          reading.fault(place_of(item_of(root, "integrations", index), "url"),
                        "'" + later.id.value() + "' and '" + earlier.id.value() + "' read the group '" +
                            ours.group + "' of the same server");
  }
}

}  // namespace

void complete(const TreeNode& root, Reading& reading, Settings& settings) {
  const Gateway& gateway = settings.gateway;
  for (std::size_t i = 0; i < settings.integrations.size(); ++i) {
    Integration& integration = settings.integrations[i];
    if (integration.kind == IntegrationKind::net2 && integration.net2.timezone.empty())
      integration.net2.timezone = gateway.timezone;
    // Whoever gives rules and no default means that no other record has a site (no_site).
    HomeSite& site = integration.sync.site;
    if (!site.fallback && site.rules.empty()) site.fallback = first_site(integration, gateway);
    refuse_overlap(root, reading, settings, i);
  }
  if (settings.cloud && settings.cloud->client_id.empty())
    settings.cloud->client_id = gateway.tenant + "." + gateway.id;
  reading.resolve();
}

}  // namespace gatehouse::config
