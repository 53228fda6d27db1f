#pragma once
// One word about the mapping instead of a thousand about records (contract.md §5, field_map_suspect).

#include <cstddef>
#include <vector>

#include "daemon/core/mapping.hpp"
#include "daemon/core/sync_issue.hpp"

namespace gatehouse {

/// Where nothing is mapped to a name, or more than half of the records that are meant to be imported (and at
/// least five) fail at the same field, their issues become one about the field. `in_scope`: how many these
/// records are.
void suspect_the_mapping(std::vector<Issue>& issues, std::size_t in_scope, const Mapping& mapping,
                         const IntegrationId& integration, Instant now);

}  // namespace gatehouse
