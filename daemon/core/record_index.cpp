#include "daemon/app/record_index.hpp"

#include <algorithm>

namespace gatehouse {

RecordIndex::RecordIndex(std::vector<IndexedRecord> records) : records_(std::move(records)) {
  recount();
}

std::optional<std::size_t> RecordIndex::find(std::int64_t number) const {
  const auto at = std::ranges::lower_bound(records_, number, {}, &IndexedRecord::number);
  if (at == records_.end() || at->number != number) return std::nullopt;
  return static_cast<std::size_t>(at - records_.begin());
}

void RecordIndex::note(const std::vector<RecordFate>& fates) {
  for (const auto& fate : fates) {
    const auto hash = static_cast<std::uint32_t>(hash_text(fate.name));
    if (const auto at = find(fate.number)) {
      auto& known = records_[*at];
      known.fingerprint = fate.fingerprint;
      known.name_hash = hash;
      known.present = true;
      known.imported = known.imported || fate.facts.has_value();
    } else {
      fresh_.push_back({.number = fate.number,
                        .fingerprint = fate.fingerprint,
                        .name_hash = hash,
                        .present = true,
                        .imported = fate.facts.has_value()});
    }
  }
}

void RecordIndex::merge() {
  if (!fresh_.empty()) {
    records_.insert(records_.end(), fresh_.begin(), fresh_.end());
    std::vector<IndexedRecord>().swap(fresh_);
    std::ranges::sort(records_, {}, &IndexedRecord::number);
    // A number that came twice is one record: a second entry would never be seen again by a read, and so be
    // taken for somebody who has gone.
    const auto again = std::ranges::unique(records_, {}, &IndexedRecord::number);
    records_.erase(again.begin(), again.end());
  }
  recount();
}

void RecordIndex::note_gone(const std::vector<std::int64_t>& numbers) {
  for (auto number : numbers) {
    if (const auto at = find(number)) records_[*at].present = false;
  }
  recount();
}

void RecordIndex::recount() {
  present_ = static_cast<std::size_t>(std::ranges::count_if(records_, &IndexedRecord::present));
  people_ = static_cast<std::size_t>(
      std::ranges::count_if(records_, [](const IndexedRecord& r) { return r.present && r.imported; }));
}

}  // namespace gatehouse
