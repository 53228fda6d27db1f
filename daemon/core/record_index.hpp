#pragma once
// What is known of a source's records, small enough to stay in memory: who, and a hash of what they said.

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/app/ports.hpp"

namespace gatehouse {

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

  /// Takes over what was committed. Those that are new are found and counted after merge().
  void note(const std::vector<RecordFate>& fates);
  void merge();
  void note_gone(const std::vector<std::int64_t>& numbers);

 private:
  void recount();

  std::vector<IndexedRecord> records_;
  std::vector<IndexedRecord> fresh_;
  std::size_t present_ = 0;
  std::size_t people_ = 0;  ///< present and imported
};

}  // namespace gatehouse
