#pragma once
// What is in force at the doors: the configuration as decisions look at it, and what was set beside it.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/core/access_policy.hpp"
#include "daemon/core/decision.hpp"

namespace gatehouse {

/// On the io thread. Nothing that it hands out is to be kept across an await.
class AccessRules {
 public:
  AccessRules();

  void use(Settings settings, AccessPolicy::Zones zones, std::string revision);
  const AccessPolicy& policy() const { return *policy_; }
  /// "sha256:…"
  const std::string& revision() const { return revision_; }
  /// nullptr where the configuration has no such door.
  const ConfiguredDoor* door(const DoorId& id) const;
  /// Where a door is: its own site, else those of the access points that have it, else its integration's.
  std::set<SiteId> sites_of(const DoorId& id) const;
  bool has_site(const SiteId& id) const;

  /// What operators have set at doors: beats the configuration.
  void set_mode(const DoorId& door, std::optional<DoorMode> mode);
  bool mode_is_set(const DoorId& door) const { return modes_.contains(door); }

  /// Until this, every site is locked down: it is not known which ones are. What came by on_net2_lockdown
  /// before stays.
  void load(const AccessState& state);
  bool readable() const { return readable_; }
  Lockdown lockdown() const;
  /// Of the gateway's own sites.
  std::set<SiteId> locked_sites() const;
  /// A lockdown that is on its way to the disk is in force already.
  void lockdown_begins(const SiteId& site) { ++beginning_[site]; }
  /// It is over with: `on` is what is in force from now on; none: nothing changed.
  void lockdown_settled(const SiteId& site, std::optional<bool> on);
  void lockdown_is(const SiteId& site, bool on);
  void net2_lockdown(const IntegrationId& integration, bool on);

 private:
  void make_policy(Settings settings);

  std::unique_ptr<AccessPolicy> policy_;
  AccessPolicy::Zones zones_;
  std::string revision_;
  std::map<DoorId, DoorMode> modes_;
  bool readable_ = false;
  std::set<SiteId> locked_;
  std::map<SiteId, int> beginning_;
  std::map<IntegrationId, bool> net2_;  ///< the latest word on each
};

}  // namespace gatehouse
