#include "daemon/core/record_index.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace gatehouse {

RecordIndex::RecordIndex(std::vector<IndexedRecord> records) : records_(std::move(records)) {
  recount();
}

std::optional<std::size_t> RecordIndex::find(std::int64_t number) const {
  const auto at = std::ranges::lower_bound(records_, number, {}, &IndexedRecord::number);
  if (at == records_.end() || at->number != number) return std::nullopt;
  return static_cast<std::size_t>(at - records_.begin());
}

void RecordIndex::note(const std::vector<IndexedRecord>& after) {
  for (const auto& record : after) {
    if (const auto at = find(record.number)) {
      records_[*at] = record;
    } else {
      fresh_.push_back(record);
    }
  }
}

void RecordIndex::forget(const std::vector<std::int64_t>& numbers) {
  if (numbers.empty()) return;
  auto sorted = numbers;
  std::ranges::sort(sorted);
  std::erase_if(records_, [&](const IndexedRecord& record) {
    return std::ranges::binary_search(sorted, record.number);
  });
  recount();
}

void RecordIndex::set_unsettled(const std::vector<std::int64_t>& numbers) {
  for (auto& record : records_) record.unsettled = std::ranges::binary_search(numbers, record.number);
}

void RecordIndex::merge() {
  if (!fresh_.empty()) {
    // A number that came twice is one record, as it was told last: a second entry would never be seen again
    // by a read, and so be taken for somebody who has gone.
    const auto in_order = std::ranges::adjacent_find(fresh_, std::ranges::greater_equal{},
                                                     &IndexedRecord::number) == fresh_.end();
    if (records_.empty() && in_order) {  // a first import: nothing is copied
      records_ = std::exchange(fresh_, {});
      return recount();
    }
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    order.reserve(fresh_.size());
    for (std::size_t i = 0; i < fresh_.size(); ++i) order.emplace_back(fresh_[i].number, i);
    std::ranges::sort(order);
    std::vector<IndexedRecord> merged;
    merged.reserve(records_.size() + fresh_.size());
    auto known = records_.begin();
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto [number, at] = order[i];
      if (i + 1 < order.size() && order[i + 1].first == number) continue;
      while (known != records_.end() && known->number < number) merged.push_back(*known++);
      merged.push_back(fresh_[at]);
    }
    merged.insert(merged.end(), known, records_.end());
    records_ = std::move(merged);
    std::vector<IndexedRecord>().swap(fresh_);
  }
  recount();
}

void RecordIndex::recount() {
  present_ = static_cast<std::size_t>(std::ranges::count_if(records_, &IndexedRecord::present));
  people_ = static_cast<std::size_t>(
      std::ranges::count_if(records_, [](const IndexedRecord& r) { return r.present && r.imported; }));
}

}  // namespace gatehouse
