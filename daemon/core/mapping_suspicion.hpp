#pragma once
// What is wrong with records by themselves; and one word about the mapping instead of a thousand about
// records (contract.md §5, field_map_suspect).

#include <cstddef>
#include <optional>
#include <vector>

#include "daemon/core/mapping.hpp"
#include "daemon/core/sync_issue.hpp"

namespace gatehouse {

/// About a record, without anything of what is wrong with it yet.
Issue issue_of(const SourceRecord& record, const Mapping& mapping, const IntegrationId& integration,
               IssueReason reason, Instant now);

/// What is wrong with a record by itself, in an issue made from `about`; nothing where its skip is no error.
std::optional<Issue> error_of(const Mapped& mapped, Issue about);

/// Where nothing is mapped to a name, or more than half of the records that are meant to be imported (and at
/// least five) fail at the same field, their issues become one about the field. `in_scope`: how many these
/// records are.
void suspect_the_mapping(std::vector<Issue>& issues, std::size_t in_scope, const Mapping& mapping,
                         const IntegrationId& integration, Instant now);

}  // namespace gatehouse
