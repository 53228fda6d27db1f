#pragma once
// Whom a purge costs more than what a source gives back (features S2-50).

#include <cstdint>

#include "daemon/app/queries.hpp"
#include "daemon/app/sync_ports.hpp"

namespace gatehouse {

/// Of the people whom a plan changes.
struct PurgeToll {
  std::uint64_t with_grants = 0;  ///< lose what somebody granted them
  std::uint64_t decoupled = 0;    ///< were to be left alone by their source
};

Task<Result<PurgeToll>> purge_toll(PlanId plan, PlanStore& plans, QueryStore& queries);

}  // namespace gatehouse
