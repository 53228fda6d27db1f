#pragma once
// The decision again, slow and plain, written from contract.md §4 alone: what decide() is compared with.

#include <map>
#include <string>
#include <vector>

#include "daemon/core/decision.hpp"

namespace gatehouse {

/// In the contract's words.
struct OracleAnswer {
  struct Door {
    std::string id;
    bool allow = false;
    std::string reason;
    bool operator==(const Door&) const = default;
  };
  bool allow = false;
  std::string reason;
  std::vector<Door> doors;
  bool operator==(const OracleAnswer&) const = default;
};

/// Everything a decision depends on; the configuration as it stands in the file. Sites are in Europe/London
/// or Europe/Paris: the oracle knows their clocks by the European Union's rule, not by a zone database.
struct OracleQuestion {
  const SignIn& asked;
  const Subject& subject;
  const Settings& settings;
  const std::map<DoorId, DoorMode>& modes;  ///< set by operators
  const Lockdown& lockdown;
  Moment moment;
};

OracleAnswer answer_by_contract(const OracleQuestion& question);

/// Wall time at a moment by the rule that the clocks change on the last Sundays of March and October at 01:00
/// UTC.
LocalTime european_wall(const std::string& zone, Instant at);

}  // namespace gatehouse
