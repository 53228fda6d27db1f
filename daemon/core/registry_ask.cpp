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

bool RegistryAsk::is_within(const RegistryAsk& other) const {
  if (other.everybody) return true;
  return !everybody && std::ranges::includes(other.keys, keys) &&
         std::ranges::includes(other.external_ids, external_ids) &&
         std::ranges::includes(other.records, records) && std::ranges::includes(other.people, people);
}

std::vector<RegistryAsk> parts_of(const RegistryAsk& ask, std::size_t names) {
  std::vector<RegistryAsk> parts;
  const auto cut = [&](auto list) {
    const auto& all = ask.*list;
    for (std::size_t i = 0; i < all.size(); i += names) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i);
      const auto end = begin + static_cast<std::ptrdiff_t>(std::min(names, all.size() - i));
      (parts.emplace_back().*list).assign(begin, end);
    }
  };
  cut(&RegistryAsk::keys);
  cut(&RegistryAsk::records);
  cut(&RegistryAsk::external_ids);
  cut(&RegistryAsk::people);
  return parts;
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
    ask.external_ids.push_back(external_id_text(record.number, record.external_id));
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
  sort_out(ask.external_ids);
  return ask;
}

}  // namespace gatehouse
