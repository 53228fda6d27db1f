#pragma once
// Signed commands as the desk sees them (contract.md §3.2). This floor has neither JSON nor cryptography:
// connectors/jose reads and verifies.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/sign_in_args.hpp"
#include "daemon/core/command_check.hpp"
#include "daemon/core/command_scope.hpp"

namespace gatehouse {

/// door.open, door.hold_open, door.close
struct DoorArgs {
  DoorId door;
  DoorAction action = DoorAction::open;
  std::optional<Duration> seconds;
  std::string reason;
};

struct LockdownArgs {
  SiteId site;
  bool on = false;
};

struct SyncRunArgs {
  std::string integration;  ///< empty: all
  bool full = false;
};

/// plan.apply, plan.discard: `confirm` is required by the first.
struct PlanArgs {
  std::string plan;
  std::string token;
  std::optional<std::uint64_t> confirm;
  bool apply = false;
};

/// issue.resolve: `issue` is text or a number; fix has `set` {field: text}, merge has `into`.
struct IssueArgs {
  enum class Action { fix, merge, skip };
  std::string issue;
  Action action = Action::skip;
  std::map<std::string, std::string> set;
  std::string into;
};

/// person.set; the id of a new grant may be left out, and is then made here.
struct PersonSetArgs {
  PersonId person;
  std::optional<bool> admin_enabled;
  std::optional<bool> tracked;
  std::optional<std::vector<std::string>> custom_tags;
  std::optional<std::vector<Grant>> grants;
};

struct PersonInvitedArgs {
  PersonId person;
  bool ok = false;
};

struct PeopleResendArgs {};

struct EventsResendArgs {
  IntegrationId integration;
  Instant from{};
  Instant to{};  ///< exclusive
};

/// roster.put: JSON text, read by whoever takes it.
struct RosterPutArgs {
  std::string text;
};

struct StatusArgs {};

using CommandArgs =
    std::variant<SignInArgs, DoorArgs, LockdownArgs, SyncRunArgs, PlanArgs, IssueArgs, PersonSetArgs,
                 PersonInvitedArgs, PeopleResendArgs, EventsResendArgs, RosterPutArgs, StatusArgs>;

/// What was read of a payload. Of a bad envelope nothing is to be believed; `claims.id` is there for the
/// reply where it could be read.
struct ReadCommand {
  CommandFacts facts;
  std::string kid;                   ///< as the header says; empty: unreadable
  std::vector<CommandScope> scopes;  ///< of the key, with a good envelope
  std::optional<CommandArgs> args;   ///< with a good envelope and a known command, where they are in order
  std::string wrong_args;            ///< else what is wrong with them, in words without values
};

class CommandVerifier {
 public:
  virtual ~CommandVerifier() = default;
  /// Reads the file of keys and uses them from now on. Errc::invalid or Errc::not_found, and the keys of
  /// before stay.
  virtual Result<void> load_keys(const std::string& path) = 0;
  /// Never fails: what is wrong is in the facts. Nothing of what is too large is read.
  virtual ReadCommand read(const Incoming& message) const = 0;
};

}  // namespace gatehouse
