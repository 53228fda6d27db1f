#include "daemon/core/registry_ask.hpp"

#include <algorithm>
#include <unordered_map>

#include "daemon/core/evaluation.hpp"

namespace gatehouse {
namespace {

/// So many newcomers are not mapped once more to spare memory.
constexpr std::size_t few = 5000;

template <typename T>
bool has(const std::vector<T>& ascending, const T& one) {
  return std::ranges::binary_search(ascending, one);
}

template <typename T>
void sort_out(std::vector<T>& list) {
  std::ranges::sort(list);
  const auto again = std::ranges::unique(list);
  list.erase(again.begin(), again.end());
}

/// Records that speak for nobody as far as the mirror knows, or not as whom.
std::vector<RecordPack::Place> newcomers(const RecordPack& changed, const RecordIndex& index) {
  std::vector<RecordPack::Place> found;
  changed.for_each([&](const SourceRecord& record, RecordPack::Place place) {
    const auto at = index.find(record.number);
    if (!at || !knows_identity(index.at(*at))) found.push_back(place);
  });
  return found;
}

}  // namespace

bool RegistryAsk::wants(const RegistryEntry& entry) const {
  if (everybody || has(keys, entry.keys.email) || has(keys, entry.keys.name)) return true;
  if (entry.linked_here && has(records, entry.record_here)) return true;
  if (std::ranges::any_of(entry.also_here, [&](std::int64_t record) { return has(records, record); }))
    return true;
  return !people.empty() && has(people, entry.person());
}

bool RegistryAsk::is_within(const RegistryAsk& other) const {
  if (other.everybody) return true;
  return !everybody && std::ranges::includes(other.keys, keys) &&
         std::ranges::includes(other.records, records) && std::ranges::includes(other.people, people);
}

RegistryAsk registry_ask(const RecordPack& changed, const RecordIndex& index, const Mapping& mapping,
                         const OperatorWord& word) {
  RegistryAsk ask;
  const auto unknown = newcomers(changed, index);
  if (unknown.size() > few) {
    ask.everybody = true;
    return ask;
  }
  std::unordered_map<std::int64_t, std::vector<FieldOverride>> overrides;
  for (const auto& mended : word.overrides) overrides[mended.record].push_back(mended);
  for (const auto place : unknown) {
    const auto record = changed.at(place);
    const auto words = overrides.find(record.number);
    const auto fate = words == overrides.end() ? map_record(record, mapping).fate
                                               : map_record(record, mapping, words->second).fate;
    const auto at = index.find(record.number);
    // What the mapping leaves out is nobody's match; whose it is, is in the mirror once it was looked at.
    if (fate.skip && at && !index.at(*at).imported) continue;
    ask.records.push_back(record.number);
    if (fate.skip) continue;
    for (const auto key : {fate.keys.email, fate.keys.name}) {
      if (key != 0) ask.keys.push_back(key);
    }
  }
  sort_out(ask.keys);
  for (const auto& choice : word.choices) {
    if (choice.kind == RecordChoice::Kind::link && !choice.person.value().empty())
      ask.people.push_back(choice.person);
  }
  if (ask.records.empty()) ask.people.clear();  // a word is only about who has no person yet
  sort_out(ask.people);
  // Whom a newcomer resembles in the source is named by their person.
  for (std::size_t i = 0; i < index.size() && !ask.keys.empty(); ++i) {
    const auto& known = index.at(i);
    if (known.imported && (has(ask.keys, known.keys.email) || has(ask.keys, known.keys.name)))
      ask.records.push_back(known.number);
  }
  sort_out(ask.records);
  return ask;
}

}  // namespace gatehouse
