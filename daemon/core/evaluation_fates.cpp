// Around an evaluation: what its verdicts make of the records.

#include "daemon/core/evaluation.hpp"

namespace gatehouse {
namespace {

/// Told as an error or a duplicate, and perhaps left out for that.
bool is_fault(std::optional<SkipReason> skip) {
  return skip == SkipReason::missing_required_field || skip == SkipReason::invalid_email ||
         skip == SkipReason::multiple_groups || skip == SkipReason::duplicate_pending ||
         skip == SkipReason::identity_changed || skip == SkipReason::operator_skip;
}

/// Of no record: about the integration as a whole.
bool was_in_order(const RecordIndex& index, std::optional<std::int64_t> record) {
  if (!record) return true;
  const auto known = index.find(*record);
  return known && !is_fault(index.at(*known).skip);
}

}  // namespace

bool knows_identity(const IndexedRecord& record) {
  return record.imported && record.keys.name != 0;
}

void count_issues(const RecordIndex& index, Evaluation& evaluation) {
  for (const auto& issue : evaluation.issues) {
    const bool error = kind_of(issue.reason) == IssueKind::error;
    const bool duplicate = kind_of(issue.reason) == IssueKind::duplicate;
    evaluation.errors += error ? 1 : 0;
    evaluation.duplicates += duplicate ? 1 : 0;
    evaluation.newly_failing += (error || duplicate) && was_in_order(index, issue.record) ? 1 : 0;
  }
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
