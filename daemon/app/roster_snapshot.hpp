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

  /// Whether this batch goes on with the open snapshot. Others stand on their own: a first one opens a
  /// snapshot.
  bool continues(const RosterArgs& batch) const { return open() && batch.snapshot == id_; }
  /// Adds a batch that is a first one or continues what is open. One that is there already changes nothing;
  /// another first one discards what was open. The whole where this was the last. `content`: a hash of the
  /// batch, which tells a repeated one.
  /// Errors: Errc::refused "snapshot_gap: …" changes nothing; Errc::refused "snapshot_count: …" or
  /// "snapshot_too_large: …" and Errc::invalid "bad_args: …" discard what was open.
  Result<std::optional<WholeRoster>> add(RosterArgs batch, std::uint64_t content);
  bool open() const { return !id_.empty(); }
  void discard();

 private:
  bool has(const RosterArgs& batch, std::uint64_t content) const;
  Result<void> take(RosterArgs& batch);

  std::string id_;
  std::vector<std::uint64_t> taken_;  ///< the content of each batch so far
  WholeRoster so_far_;
  std::unordered_set<std::int64_t> people_;
  std::unordered_set<std::string> visits_;
};

}  // namespace gatehouse
