#pragma once
// What is in force at doors and sites beside the configuration, and when each source was last proved current.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// Reading throws StoreFault where something is not what was written: then nobody may guess what is in force.
class StateRows {
 public:
  explicit StateRows(Database& db) : db_(db) {}

  std::set<SiteId> lockdown();
  std::map<DoorId, DoorMode> modes();
  std::vector<Hold> holds();
  /// When each door was last about to be commanded.
  std::map<DoorId, Instant> commanded();
  std::vector<Proof> proofs();
  std::optional<Instant> proved(const IntegrationId& integration);

  // Within a transaction.
  void set_lockdown(const SiteId& site, bool on);
  void set_mode(const DoorId& door, std::optional<DoorMode> mode);
  void begin_hold(const Hold& hold);
  void end_hold(const Hold& hold);
  void save(const Proof& proof);
  void forget_proof(const IntegrationId& integration);

  bool holds(const Hold& hold);

 private:
  Database& db_;
};

}  // namespace gatehouse
