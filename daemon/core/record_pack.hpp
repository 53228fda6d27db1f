#pragma once
// Changed records on their way from the reader to the store, packed: 100,000 of them as values would not fit
// the memory that the gateway may use.

#include <deque>
#include <optional>
#include <string>

#include "daemon/core/source_record.hpp"

namespace gatehouse {

/// First in, first out; what is taken out is freed. Not for two threads at once.
class RecordPack {
 public:
  void put(const SourceRecord& record);
  /// nullopt once it is empty.
  std::optional<SourceRecord> take();
  std::size_t size() const { return count_; }

 private:
  std::deque<std::string> blocks_;
  std::size_t read_at_ = 0;  ///< in the first block
  std::size_t count_ = 0;
};

}  // namespace gatehouse
