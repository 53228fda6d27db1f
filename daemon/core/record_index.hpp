#pragma once
// What is known of a source's records, small enough to stay in memory: who, and a hash of what they said.

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/core/record_fate.hpp"

namespace gatehouse {

/// One record of the mirror, as small as it can be: 100,000 of these stay in memory.
struct IndexedRecord {
  std::int64_t number = 0;
  std::uint64_t fingerprint = 0;
  IdentityKeys keys;               ///< as last applied
  std::optional<SkipReason> skip;  ///< why it is not in the registry as it is
  bool present = true;             ///< in the last complete read
  bool imported = false;           ///< has a person in the registry
  bool unsettled = false;          ///< has an open issue: looked at in each pass, changed or not
  bool operator==(const IndexedRecord&) const = default;
};

/// Sorted by number. Reading it from the worker thread is fine while nobody changes it.
class RecordIndex {
 public:
  RecordIndex() = default;
  /// `records` by ascending number, as DirectoryStore::load_index gives them.
  explicit RecordIndex(std::vector<IndexedRecord> records);

  std::optional<std::size_t> find(std::int64_t number) const;
  const IndexedRecord& at(std::size_t position) const { return records_[position]; }
  std::size_t size() const { return records_.size(); }
  std::size_t present() const { return present_; }
  std::size_t people() const { return people_; }

  /// Takes over how records are after a commit. Those that are new are found and counted after merge().
  void note(const std::vector<IndexedRecord>& after);
  void forget(const std::vector<std::int64_t>& numbers);
  /// Which records have an open issue, sorted; all others have none.
  void set_unsettled(const std::vector<std::int64_t>& numbers);
  void merge();

 private:
  void recount();

  std::vector<IndexedRecord> records_;
  std::vector<IndexedRecord> fresh_;
  std::size_t present_ = 0;
  std::size_t people_ = 0;  ///< present and imported
};

}  // namespace gatehouse
