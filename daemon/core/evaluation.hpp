#pragma once
// What a complete snapshot means, record by record: errors, duplicates, matches, and whose each record is
// (contract.md §5). Pure, and linear in the records that changed.

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/core/mapping.hpp"
#include "daemon/core/record_index.hpp"
#include "daemon/core/record_pack.hpp"
#include "daemon/core/registry_keys.hpp"
#include "daemon/core/sync_issue.hpp"

namespace gatehouse {

/// What there is to judge. References must outlive the call.
struct Evidence {
  const Integration& integration;
  const Mapping& mapping;
  const RecordIndex& index;                    ///< what was known before
  const std::vector<bool>& seen;               ///< by position in the index: in this snapshot
  const RecordPack& changed;                   ///< new, changed and unsettled records of the snapshot
  const std::vector<RegistryEntry>& registry;  ///< those whom registry_ask() wants
  const OperatorWord& word;
  Instant now{};
  /// False where the mapping has changed since the index was made: names and e-mails then differ without
  /// anybody being somebody else.
  bool same_mapping = true;
  /// Another server's people behind the same address: whoever has another name and e-mail is somebody else.
  bool other_server = false;
};

/// What was concluded about one of `changed`.
struct Verdict {
  RecordPack::Place place;
  std::optional<SkipReason> skip;  ///< overrules what the mapping says
  std::int32_t link = -1;          ///< position in Evaluation::links
  bool leaves = false;             ///< its group is no longer mapped, and its person is there
  bool stranger = false;           ///< as RecordFate::stranger
  bool denied = false;             ///< as RecordFate::denied
};

struct Evaluation {
  std::vector<Verdict> verdicts;  ///< in the order of `changed`
  std::vector<RecordLink> links;
  std::vector<Issue> issues;  ///< all that the snapshot shows
  std::vector<FieldOverride> lapsed;
  std::vector<std::int64_t> spent;  ///< records about which an operator's word has done its work
  /// Records that are gone and may have been made anew under another id: their removal waits for an operator.
  std::vector<std::int64_t> held_back;
  std::uint64_t errors = 0;  ///< open ones; a suspect mapping is one
  std::uint64_t duplicates = 0;
  /// Of these, those about records that were in order before, and a suspect mapping: where the mapping has
  /// changed, it may be why.
  std::uint64_t newly_failing = 0;
};

/// Has a person, and the mirror keeps as whom it was last applied.
bool knows_identity(const IndexedRecord& record);

Evaluation evaluate(const Evidence& evidence);

/// Sums up the issues. `index`: what was known before.
void count_issues(const RecordIndex& index, Evaluation& evaluation);

/// The fate of one of the changed records, by its verdict.
RecordFate fate_of(const Evidence& evidence, const Evaluation& evaluation, const Verdict& verdict);

}  // namespace gatehouse
