// Around an evaluation: what it will ask for, and what its verdicts make of the records.

#include "daemon/core/evaluation.hpp"

namespace gatehouse {

bool knows_identity(const IndexedRecord& record) {
  return record.imported && record.keys.name != 0;
}

bool needs_registry(const RecordPack& changed, const RecordIndex& index) {
  bool needed = false;
  changed.for_each([&](const SourceRecord& record, RecordPack::Place) {
    const auto at = index.find(record.number);
    needed = needed || !at || !knows_identity(index.at(*at));
  });
  return needed;
}

RecordFate fate_of(const Evidence& evidence, const Evaluation& evaluation, const Verdict& verdict) {
  const auto record = evidence.changed.at(verdict.place);
  std::vector<FieldOverride> words;
  for (const auto& word : evidence.word.overrides) {
    if (word.record == record.number) words.push_back(word);
  }
  auto fate = map_record(record, evidence.mapping, words).fate;
  if (verdict.skip) fate.skip = verdict.skip;
  if (fate.skip) fate.facts.reset();
  fate.leaves = verdict.leaves;
  fate.stranger = verdict.stranger;
  fate.denied = verdict.denied;
  if (verdict.link >= 0 && fate.facts) fate.link = evaluation.links[static_cast<std::size_t>(verdict.link)];
  return fate;
}

}  // namespace gatehouse
