#pragma once
// The args of `roster.put` (contract.md §3.2). This floor has no JSON: connectors/json/read_roster_args reads
// them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/roster_rules.hpp"

namespace gatehouse {

struct RosterArgs {
  std::optional<std::string> from;  ///< none: part of a snapshot
  std::string to;
  std::string snapshot;     ///< its id; empty with a change
  std::uint64_t batch = 0;  ///< of the snapshot
  std::vector<RosterPerson> people;
  std::vector<RosterVisit> visits;
  std::optional<std::uint64_t> end;  ///< on the last batch: how many people the snapshot has

  bool operator==(const RosterArgs&) const = default;
};

/// Strict: a member that is unknown, missing or there twice, a wrong type, word or date, a value out of its
/// bounds, bad UTF-8, or somebody or a visit named twice is Errc::invalid. Its words name members and
/// positions, never their values.
using ReadRosterArgs = std::function<Result<RosterArgs>(std::string_view json)>;

}  // namespace gatehouse
