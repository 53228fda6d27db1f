#pragma once
// `roster.put` (contract.md §3.2) as whoever has verified the command hands it on.

#include <functional>
#include <string>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Adds what the sender gets to the transaction that takes the put: `commit.command->answer`, the reply among
/// `commit.messages`, a row of the audit. `result` is JSON: the reply's `result`. Called once at most, before
/// the transaction, and not at all where the put is refused.
using RosterFinish = std::function<void(RosterCommit& commit, const std::string& result)>;

class RosterTaker {
 public:
  virtual ~RosterTaker() = default;
  /// `args`: JSON text of the command's args, as it came. `command` is kept in the same transaction as what
  /// the put does (RosterCommit::command). The value is `result`, as the sender got it.
  ///
  /// With an error nothing of the put has happened, the command is not kept, and the caller answers. Errc::
  /// invalid "bad_args: …"; Errc::refused "WORD: …", WORD being the reply's code: cursor_mismatch (also of a
  /// batch that goes on with no open snapshot), roster_empty, snapshot_gap, snapshot_count,
  /// snapshot_too_large, and replayed (of the store: the command was taken before). Others (storage,
  /// storage_full, cancelled) are trouble of ours: the sender may repeat it, but the people may be in the
  /// registry already where the answer was lost.
  virtual Task<Result<std::string>> put(std::string args, TakenCommand command, RosterFinish finish) = 0;
};

}  // namespace gatehouse
