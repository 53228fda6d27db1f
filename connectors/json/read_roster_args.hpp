#pragma once
// daemon/app/roster_args.hpp out of JSON.

#include <string_view>

#include "daemon/app/roster_args.hpp"

namespace gatehouse {

/// Errors as ReadRosterArgs. `people` and `visits` may be left out (none); of a person only `cloud_id` and
/// `op` must be there, for what is missing or invalid of the rest is an issue of that record, not of the put.
/// `email_verified` that is not said is false.
Result<RosterArgs> read_roster_args(std::string_view json);

}  // namespace gatehouse
