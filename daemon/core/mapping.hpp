#pragma once
// From a source's record to a person's facts, by the rules of the configuration (contract.md §2 `sync`).

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/record_fate.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

/// What maps the records of one integration. Made once from its settings; the same for a whole run.
struct Mapping {
  std::vector<FieldTarget> targets;  ///< what each value of a SourceRecord is for
  std::vector<SourceField> fields;   ///< what to ask the source for, in the same order
  Sync rules;
  std::vector<SiteId> sites;  ///< those the integration covers, never empty
  std::uint64_t seed = 0;     ///< changes whenever the outcome for the same record could
};

/// `all_sites` are the gateway's; they count where the integration names none.
Mapping make_mapping(const Integration& integration, const std::vector<SiteId>& all_sites);

/// What becomes of a record. Pure. Tests in contract.md §5's order, so that a record has one reason.
RecordFate map_record(const SourceRecord& record, const Mapping& mapping);

/// "Ada Lovelace", from whatever of the names is mapped.
std::string record_name(const SourceRecord& record, const Mapping& mapping);

/// `*` any run of characters, `?` any one; letters of ASCII match either case.
bool matches_pattern(std::string_view pattern, std::string_view text);

/// The shape of an e-mail address, not its existence: something@something, no blanks or control characters.
bool looks_like_email(std::string_view text);

}  // namespace gatehouse
