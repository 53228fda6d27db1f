#pragma once
// A snapshot of the roster while its batches come in (contract.md §3.2).

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "daemon/app/roster_args.hpp"
#include "daemon/core/record_pack.hpp"

namespace gatehouse {

/// All that the last batch has made complete.
struct WholeRoster {
  RecordPack people;
  std::vector<RosterVisit> visits;
  std::string to;
};

/// At most one is open. In memory only: a restart discards it.
class RosterSnapshot {
 public:
  static constexpr std::size_t most_people = 200'000;
  static constexpr std::size_t most_visits = 200'000;

  /// Adds a batch; its first one opens a snapshot, and discards another that was open. The whole where this
  /// was the last. An error discards what was open: Errc::refused "snapshot_gap: …", "snapshot_count: …" or
  /// "snapshot_too_large: …", Errc::invalid "bad_args: …".
  Result<std::optional<WholeRoster>> add(RosterArgs batch);
  bool open() const { return !id_.empty(); }
  void discard();

 private:
  Result<void> take(RosterArgs& batch);

  std::string id_;
  std::uint64_t next_ = 0;  ///< number of the batch that comes next
  WholeRoster so_far_;
  std::unordered_set<std::int64_t> people_;
  std::unordered_set<std::string> visits_;
};

}  // namespace gatehouse
