#include "daemon/app/access_rules.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

AccessRules::AccessRules() {
  make_policy({});
}

void AccessRules::make_policy(Settings settings) {
  policy_ = std::make_unique<AccessPolicy>(std::move(settings), zones_, modes_);
}

void AccessRules::use(Settings settings, AccessPolicy::Zones zones, std::string revision) {
  zones_ = std::move(zones);
  revision_ = std::move(revision);
  make_policy(std::move(settings));
}

const ConfiguredDoor* AccessRules::door(const DoorId& id) const {
  const auto& doors = policy_->settings().doors;
  const auto found = std::ranges::find(doors, id, &ConfiguredDoor::id);
  return found == doors.end() ? nullptr : &*found;
}

std::set<SiteId> AccessRules::sites_of(const DoorId& id) const {
  std::set<SiteId> sites;
  const auto& settings = policy_->settings();
  if (const auto* configured = door(id); configured != nullptr && configured->site) {
    sites.insert(*configured->site);
    return sites;
  }
  for (const auto& point : settings.access_points) {
    if (std::ranges::find(point.doors, id) != point.doors.end()) sites.insert(point.site);
  }
  if (!sites.empty()) return sites;
  for (const auto& integration : settings.integrations) {
    if (integration.id == id.integration) sites.insert(integration.sites.begin(), integration.sites.end());
  }
  if (!sites.empty()) return sites;
  for (const auto& site : settings.gateway.sites) sites.insert(site.id);
  return sites;
}

bool AccessRules::has_site(const SiteId& id) const {
  const auto& sites = policy_->settings().gateway.sites;
  return std::ranges::find(sites, id, &Site::id) != sites.end();
}

void AccessRules::set_mode(const DoorId& door, std::optional<DoorMode> mode) {
  if (mode) {
    modes_.insert_or_assign(door, *mode);
  } else {
    modes_.erase(door);
  }
  make_policy(policy_->settings());
}

void AccessRules::load(const AccessState& state) {
  locked_.insert(state.lockdown.begin(), state.lockdown.end());
  for (const auto& integration : state.net2_lockdown) net2_.try_emplace(integration, true);
  for (const auto& [door, mode] : state.modes) modes_.try_emplace(door, mode);
  readable_ = true;
  make_policy(policy_->settings());
}

Lockdown AccessRules::lockdown() const {
  Lockdown now;
  now.sites = locked_sites();
  now.unreadable = !readable_;
  for (const auto& [integration, on] : net2_) {
    if (on) now.net2.insert(integration);
  }
  return now;
}

std::set<SiteId> AccessRules::locked_sites() const {
  std::set<SiteId> sites = locked_;
  for (const auto& [site, count] : beginning_) sites.insert(site);
  if (!readable_) {
    for (const auto& site : policy_->settings().gateway.sites) sites.insert(site.id);
  }
  return sites;
}

void AccessRules::lockdown_settled(const SiteId& site, std::optional<bool> on) {
  const auto begun = beginning_.find(site);
  if (begun != beginning_.end() && --begun->second == 0) beginning_.erase(begun);
  if (on) lockdown_is(site, *on);
}

void AccessRules::lockdown_is(const SiteId& site, bool on) {
  if (on) {
    locked_.insert(site);
  } else {
    locked_.erase(site);
  }
}

void AccessRules::net2_lockdown(const IntegrationId& integration, bool on) {
  net2_.insert_or_assign(integration, on);
}

}  // namespace gatehouse
