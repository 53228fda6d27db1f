#pragma once
// What keeps a record from being synced as it is, and what somebody can do about it (contract.md §5, §6).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

enum class IssueKind { error, duplicate, match };
std::string_view to_string(IssueKind kind);
std::optional<IssueKind> parse_issue_kind(std::string_view text);

enum class IssueReason {
  // error
  missing_required_field,
  invalid_email,
  multiple_groups,
  field_map_suspect,     ///< most records fail alike, so the mapping is at fault; about no single record
  identity_changed,      ///< a known id under another name and e-mail
  unknown_access_level,  ///< export: Net2 has no level of the name that the configuration gives
  export_uncertain,      ///< export: what was written could not be read back as it was meant
  export_refused,        ///< export: Net2 said no, or a value does not fit
  // duplicate
  duplicate,
  // match
  email_differs_in_name,  ///< same e-mail, other name
  email_not_unique,
  email_not_verified,  ///< the cloud has not verified it
  other_source,        ///< a feed's record agrees with another source's person
  name_only,
  no_match,          ///< match.none: review
  recreated,         ///< a new id with the e-mail of somebody whose own id has gone
  type_differs,      ///< two sources of one person say different types
  field_differs,     ///< authority: none, and the values differ
  removed_but_kept,  ///< on_removed: keep
  decoupled_but_removed,
};
std::string_view to_string(IssueReason reason);
std::optional<IssueReason> parse_issue_reason(std::string_view text);
IssueKind kind_of(IssueReason reason);

struct Issue {
  std::int64_t number = 0;  ///< its public id; 0: not kept yet
  IntegrationId integration;
  IssueReason reason = IssueReason::duplicate;
  std::optional<std::int64_t> record;  ///< none: about the integration as a whole
  std::string external_id;             ///< of the record, for people
  std::string name;                    ///< of the record
  std::vector<std::string> others;     ///< ids of the persons, or external ids of the records, involved
  std::map<std::string, std::string> fields;  ///< what is wrong or disagrees: {"email":"ada@"}
  Instant since{};

  bool operator==(const Issue&) const = default;
};

/// Same thing, whenever it was found: integration, reason, record.
bool same_issue(const Issue& a, const Issue& b);

/// What to do about it, with the command to type; needs `number`.
std::string issue_hint(const Issue& issue);

/// An item of `issue list --json` (contract.md §6).
std::string issue_json(const Issue& issue);

/// What an operator has decided about a record. The newest word counts.
struct RecordChoice {
  enum class Kind {
    skip,      ///< left out until unskip
    link,      ///< is `person`, or whoever `other_record` is
    create,    ///< is nobody who is known
    same,      ///< identity_changed: still the same person under a new name
    stranger,  ///< identity_changed: somebody else now has the id
  };
  std::int64_t record = 0;
  Kind kind = Kind::skip;
  PersonId person;                           ///< with link
  std::optional<std::int64_t> other_record;  ///< with link, where the other has no person yet

  bool operator==(const RecordChoice&) const = default;
};
std::string_view to_string(RecordChoice::Kind kind);
std::optional<RecordChoice::Kind> parse_choice_kind(std::string_view text);

/// A value that an operator has put in the place of one that was missing or invalid. It lapses when the
/// source has a valid value of its own (features.md S0-29).
struct FieldOverride {
  std::int64_t record = 0;
  std::string field;  ///< first_name | last_name | email | phone | person_type
  std::string value;

  bool operator==(const FieldOverride&) const = default;
};

/// All that operators have said of an integration's records.
struct OperatorWord {
  std::vector<RecordChoice> choices;     ///< one a record
  std::vector<FieldOverride> overrides;  ///< one a record and field

  bool operator==(const OperatorWord&) const = default;
};

}  // namespace gatehouse
