#pragma once
// Who may ask what over D-Bus (contract §1).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "daemon/core/result.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// What a caller wants to do; one polkit action each.
enum class Permission { view, sync, open_door, administer };

/// Who is on the other end, as the bus vouches for it.
struct Caller {
  uid_t uid = 0;
  std::vector<gid_t> groups;  ///< all of them
};

/// What the house itself looks like to a decision.
struct Household {
  uid_t own_uid = 0;           ///< the daemon's
  std::optional<gid_t> group;  ///< of the group "gatehouse"; nullopt where the system has none
  Polkit polkit = Polkit::automatic;
};

/// The rule where no authority answers: root and the daemon's own user may do everything, the group may view
/// (with `gateway.polkit: none` everything), nobody else anything. Errc::forbidden says who may.
Result<void> admit_locally(const Caller& caller, Permission wanted, const Household& household);

/// The group's number, from the system's database; nullopt where there is no such group.
std::optional<gid_t> find_group(const char* name);

/// All groups of a user, from the system's database: for a bus that does not tell them. May block on a remote
/// database. Empty for a user that the database does not know.
std::vector<gid_t> groups_of(uid_t uid);

/// "uid 1000 (olga)", for journals; "uid 1000" for a user that the system's database does not know. May block
/// on a remote database, but not for root.
std::string words_for_user(uid_t uid);

}  // namespace gatehouse
