#pragma once
// From a source's record to a person's facts, by the rules of the configuration (contract.md §2 `sync`).

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/record_fate.hpp"
#include "daemon/core/source_record.hpp"
#include "daemon/core/sync_issue.hpp"

namespace gatehouse {

/// What maps the records of one integration. Made once from its settings; the same for a whole run.
struct Mapping {
  std::vector<FieldTarget> targets;  ///< what each value of a SourceRecord is for
  std::vector<SourceField> fields;   ///< what to ask the source for, in the same order
  Sync rules;
  std::vector<SiteId> sites;  ///< those the integration covers, never empty
  std::uint64_t seed = 0;     ///< changes whenever the outcome for the same record could
  std::uint64_t shape = 0;    ///< of groups, fields and sites: what a plan has to be read for when it changes
  const TextFold* fold = nullptr;
  std::string_view list_separators = ",;";  ///< between the tags or sites in one value
};

/// `all_sites` are the gateway's; they count where the integration names none. `fold` must outlive the
/// mapping.
Mapping make_mapping(const Integration& integration, const std::vector<SiteId>& all_sites,
                     const TextFold& fold);

/// A record's fate as far as the record alone decides it, and what was found on the way.
struct Mapped {
  RecordFate fate;
  PersonFacts facts;  ///< as mapped, whether they are good or not; overrides included
  bool in_mapped_group = false;
  std::string groups;                 ///< those that are mapped: "Staff, Cleaners"
  std::vector<FieldOverride> lapsed;  ///< overrides that are no longer needed, and were not applied
};

/// Pure. Tests in contract.md §5's order, so that a record has one reason. `overrides`: those of this record.
Mapped map_record(const SourceRecord& record, const Mapping& mapping,
                  const std::vector<FieldOverride>& overrides = {});

/// "Ada Lovelace", from whatever of the names is mapped.
std::string record_name(const SourceRecord& record, const Mapping& mapping);

/// `*` any run of characters, `?` any one; letters of ASCII match either case.
bool matches_pattern(std::string_view pattern, std::string_view text);

/// The shape of an e-mail address, not its existence: something@something, no blanks or control characters.
bool looks_like_email(std::string_view text);

}  // namespace gatehouse
