#pragma once
// What is old goes, a little at a time (contract.md §2 `retention`).

#include "daemon/app/access_ports.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

struct HousekeepingParts {
  HousekeepingStore& store;
  AccessStore& access;
  AuditStore& audit;
  Clock& clock;
  Log& log;
};

/// Everything that is too old, a thousand rows at a time. What fails is logged and left for the next round.
Task<void> prune_old(HousekeepingParts parts, Retention retention);

}  // namespace gatehouse
