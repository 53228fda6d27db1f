#pragma once
// What a command would touch, and whether what it names is there: the facts behind out_of_scope, bad_args,
// superseded and the doors' budgets.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/access_book.hpp"
#include "daemon/app/command_ports.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

struct CommandAim {
  ScopeTarget scope;
  std::optional<ScopeTarget> grants;  ///< person.set that gives tags or grants: what person.grant must cover
  std::string target;                 ///< TakenCommand::target
  std::string about;                  ///< for the audit: a door, an access point, a site, a plan
  std::optional<PersonId> person;
  std::vector<DoorId> doors;  ///< it may move these
  std::vector<DoorId> opens;  ///< it opens these, whatever anybody decides
  std::string wrong;          ///< what it names and is not there, or cannot be so; empty: all is in order
};

using FindPerson = std::function<std::optional<AccessBook::Entry>(const PersonId& person)>;

CommandAim aim_of(const CommandArgs& args, const Settings& settings, const FindPerson& find);

}  // namespace gatehouse
