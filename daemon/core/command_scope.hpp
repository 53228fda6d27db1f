#pragma once
// What a command key may do (contract.md §2 `command_keys`).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/door_id.hpp"
#include "daemon/core/ids.hpp"

namespace gatehouse {

/// One entry of a key's `scopes`. All that it says must hold; of several entries one is enough.
///
/// `sites` and `doors` confine a command to what it touches there (ScopeTarget). A command that touches no
/// door is never covered by an entry with `doors`, and one that touches the gateway as a whole (sync.run,
/// plan.*, issue.resolve, person.invited, people.resend, events.resend, roster.put, status.get) never by one
/// with either: such a right is given without them.
struct CommandScope {
  std::string cmd;  ///< a command, or "person.grant"
  std::optional<std::vector<SiteId>> sites;
  std::optional<std::vector<DoorId>> doors;

  bool operator==(const CommandScope&) const = default;
};

/// What a command would touch. Of each command:
///   door.*          the door, and its site; where the door has no site of its own, the sites of every access
///                   point that has it
///   access.sign_in  the access point's site, its doors and their sites
///   lockdown.set    the site
///   person.set      the person's home site; person.grant beside it: for each grant that comes or goes its
///                   door (of a scope: its doors) with its site, or its site; for tags the home site
/// An empty list covers nothing: what is unknown is in nobody's sites.
struct ScopeTarget {
  std::vector<SiteId> sites;  ///< all of them must be the entry's
  std::vector<DoorId> doors;
};

bool covers(const CommandScope& scope, std::string_view cmd, const ScopeTarget& target);
bool covered(const std::vector<CommandScope>& scopes, std::string_view cmd, const ScopeTarget& target);
/// There is an entry for it at all.
bool mentioned(const std::vector<CommandScope>& scopes, std::string_view cmd);

}  // namespace gatehouse
