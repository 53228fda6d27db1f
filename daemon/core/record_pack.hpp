#pragma once
// Changed records on their way from the reader to the store, packed: 100,000 of them as values would not fit
// the memory that the gateway may use.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "daemon/core/source_record.hpp"

namespace gatehouse {

/// In the order in which they were put. Not for two threads at once.
class RecordPack {
 public:
  /// Where a record lies; stays good until take().
  struct Place {
    std::uint32_t block = 0;
    std::uint32_t offset = 0;
  };

  void put(const SourceRecord& record);
  /// The first one, which is freed. nullopt once it is empty.
  std::optional<SourceRecord> take();
  void for_each(const std::function<void(const SourceRecord&, Place)>& visit) const;
  SourceRecord at(Place place) const;
  std::size_t size() const { return count_; }

 private:
  std::deque<std::string> blocks_;
  std::size_t read_at_ = 0;  ///< in the first block
  std::size_t count_ = 0;
};

}  // namespace gatehouse
