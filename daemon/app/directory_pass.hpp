#pragma once
// What one pass over a directory carries from its read to its end.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "daemon/app/directory_sync.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/acquaintance.hpp"
#include "daemon/core/evaluation.hpp"
#include "daemon/core/record_pack.hpp"
#include "daemon/core/tombstones.hpp"

namespace gatehouse {

/// Records a transaction: some milliseconds of the store's time, for which a sign-in may have to wait.
constexpr std::size_t commit_size = 200;

/// Left aside until somebody decides, or most of its like are in order: the record itself need not change for
/// that. Its issue may be closed already while it has not been applied, for a plan waits.
bool waits_for_others(std::optional<SkipReason> skip);

/// What a snapshot is held against.
struct KnownBefore {
  const RecordIndex& index;
  const Mapping& mapping;
  std::shared_ptr<const Tombstones> tombstones;  ///< null: nobody was erased
  IntegrationId integration{};                   ///< whose records these are
};

/// Keeps what is new, changed or unsettled, and who was seen. Filled by RecordSink::take() while a read runs.
/// Of erased people it keeps that their records are there, and nothing else.
class Snapshot final : public RecordSink {
 public:
  /// `full`: keeps everything.
  Snapshot(KnownBefore known, bool full)
      : index_(known.index),
        mapping_(known.mapping),
        tombstones_(std::move(known.tombstones)),
        integration_(std::move(known.integration)),
        full_(full),
        seen_(index_.size(), false),
        met_{.records = index_.present(), .people = index_.people()} {}

  void take(SourceRecord&& record) override;
  /// Of a source that tells only what has changed: all that is known and present is there still, but for
  /// these (sorted) and those that were taken.
  void see_all_but(const std::vector<std::int64_t>& absent);

  const std::vector<bool>& seen() const { return seen_; }
  const RecordPack& changed() const { return changed_; }
  /// Of records whose person was erased.
  struct ErasedRecord {
    std::int64_t number = 0;
    std::string external_id;  ///< SourceRecord::external_id
  };
  const std::vector<ErasedRecord>& erased() const { return erased_; }
  /// Of those that we know: who is there, and as whom.
  const Met& met() const { return met_; }

 private:
  bool is_erased(const SourceRecord& record) const;

  const RecordIndex& index_;
  const Mapping& mapping_;
  const std::shared_ptr<const Tombstones> tombstones_;
  const IntegrationId integration_;
  const bool full_;
  std::vector<bool> seen_;
  RecordPack changed_;
  std::vector<ErasedRecord> erased_;
  Met met_;
};

struct DirectorySync::Passing {
  Passing(PassAsk asked, KnownBefore known) : ask(std::move(asked)), snapshot(std::move(known), ask.full) {}
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;

  PassAsk ask;
  PassReport report;
  Snapshot snapshot;
  OperatorWord word;
  bool same_mapping = true;
  bool other_server = false;
  bool repeats = false;              ///< everybody is as at the last pass, which had nothing to do
  std::string mark{};                ///< PeopleRead::mark
  std::optional<Evidence> evidence;  ///< refers to what is above
  Evaluation evaluation;
  std::vector<Departure> gone;     ///< proven absent
  std::vector<Departure> leaving;  ///< their group is no longer mapped
  std::uint64_t people = 0;        ///< present before anything was applied
  std::vector<Issue> found;        ///< by the store, beside those of the evaluation
};

/// The fates of a snapshot's changed records, some at a time. Those that rest on another record of the same
/// snapshot come right behind it, in the same portion.
class FateQueue {
 public:
  enum class Which {
    changes,  ///< all but those who leave
    leaving,  ///< those who leave
    clean,    ///< those with facts: what a plan lists
    skips,    ///< those without facts who do not leave
  };
  FateQueue(const DirectorySync::Passing& pass, Which which);

  /// At most `commit_size`, found out on the worker; none left: empty.
  Task<std::vector<RecordFate>> next(boost::asio::any_io_executor worker);
  std::size_t done() const { return done_ + erased_done_; }
  std::size_t size() const { return order_.size() + erased(); }

 private:
  std::vector<RecordFate> portion();
  std::size_t erased() const;

  const DirectorySync::Passing& pass_;
  const Which which_;
  std::vector<std::uint32_t> order_;  ///< positions in Evaluation::verdicts
  std::set<std::uint32_t> together_;  ///< those that must be in one commit with the one before
  std::size_t done_ = 0;
  std::size_t erased_done_ = 0;  ///< of Snapshot::erased(), which come last
};

}  // namespace gatehouse
