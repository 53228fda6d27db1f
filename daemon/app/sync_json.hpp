#pragma once
// What the verbs of directory sync print, one thing each (contract.md §6).

#include <string>

#include "daemon/app/directory_sync.hpp"
#include "daemon/app/queries.hpp"

namespace gatehouse {

/// A run with its plan and what was withheld; after a dry run also what would change.
std::string report_json(const PassReport& report, bool dry_run);

/// An item of `activity --json`: the message, with its number, time and remedy.
std::string activity_json(const ActivityRow& row);

/// An item of `links` in `people why --json`.
std::string link_json(const LinkRow& link);

}  // namespace gatehouse
