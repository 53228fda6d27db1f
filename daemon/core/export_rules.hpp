#pragma once
// Cloud people into Net2: whom to make there, what to bring up to date, what to leave alone and why
// (features.md S1-24 to S1-26, S1-35). Pure: a complete reading of both sides goes in, a list of writes comes
// out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/lookup.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/sync_issue.hpp"
#include "daemon/core/sync_plan.hpp"

namespace gatehouse {

/// What stands in `export.owner_field` of a user that the gateway has made: "gatehouse:" and the person's id.
/// Only users with such a mark are ever written to; one whose mark was removed by hand is ours no longer.
std::string owner_mark(const PersonId& person);
std::optional<PersonId> owner_of(std::string_view mark);

/// An access level or a department of Net2.
struct NamedNumber {
  std::int64_t number = 0;
  std::string name;
  bool operator==(const NamedNumber&) const = default;
};

/// What of a user an export writes, by the targets that `sync.fields` maps to a field of Net2.
struct ContactFields {
  std::string first_name, last_name, email, phone;
  bool operator==(const ContactFields&) const = default;
};

/// A user with our mark, as Net2 has it now.
struct OwnUser {
  std::int64_t number = 0;
  PersonId person;
  ContactFields fields;
  bool operator==(const OwnUser&) const = default;
};

/// Both sides. References must outlive the call.
struct ExportEvidence {
  const Integration& integration;
  const std::vector<Person>& people;  ///< everybody with a source of kind cloud
  const std::vector<OwnUser>& own;
  const Lookup& users;  ///< all users of Net2, ours too, by number
  const std::vector<Issue>& open_issues;
  const OperatorWord& word;
  const std::vector<NamedNumber>& levels;
  const std::vector<NamedNumber>& departments;
  const TextFold& fold;
  Instant now{};
};

struct ExportCreate {
  PersonId person;
  ContactFields fields;
  std::optional<Instant> valid_from, valid_until;
  std::optional<NamedNumber> access_level;  ///< at creation only; none: no level
  std::optional<NamedNumber> department;    ///< one that the sync maps to the person's type, if Net2 has it
  bool operator==(const ExportCreate&) const = default;
};

struct FieldWrite {
  FieldTarget field = FieldTarget::first_name;
  std::string before, after;
  bool operator==(const FieldWrite&) const = default;
};

struct ExportUpdate {
  std::int64_t number = 0;
  PersonId person;
  std::string name;
  std::vector<FieldWrite> fields;
  bool operator==(const ExportUpdate&) const = default;
};

/// A user that was made and not linked: the gateway died in between, or did not hear that it was made.
struct ExportLink {
  std::int64_t number = 0;
  PersonId person;
  std::optional<NamedNumber> access_level, department;  ///< where it still has none at all
  bool operator==(const ExportLink&) const = default;
};

/// Why somebody from the cloud is not made in Net2, or not brought up to date there.
enum class LeftAlone {
  decoupled,
  other_type,      ///< not in export.person_types
  no_access,       ///< disabled, gone at a source, or no longer valid
  other_site,      ///< the integration does not cover the home site
  linked,          ///< has a user here that somebody else has made
  no_name,         ///< first and last name are both needed
  under_review,    ///< an open issue is about whether a user is this person
  already_there,   ///< a user has the same name and the same e-mail or phone: linking is the sync's business
  marked_twice,    ///< several users carry this person's mark
  operators_word,  ///< an operator has said that the user is somebody else, or is left out
};
std::string_view to_string(LeftAlone why);

struct ExportWork {
  std::vector<ExportCreate> creates;  ///< by ascending person
  std::vector<ExportUpdate> updates;
  std::vector<ExportLink> links;
  std::vector<std::pair<PersonId, LeftAlone>> left;
  std::vector<Issue> issues;

  bool empty() const { return creates.empty() && updates.empty() && links.empty(); }
};

/// With a level's name that Net2 has not, or has twice: the issue, and no work at all.
/// A field of one of our users is written where its value differs and is the cloud's: by `authority` where
/// Net2 is a source of the person, always where it is not. Permissions and dates are never part of an update.
ExportWork export_work(const ExportEvidence& evidence);

/// What a plan lists of it: exactly what will be written.
PlanChange plan_change_of(const ExportCreate& create);
PlanChange plan_change_of(const ExportUpdate& update);

/// Field of `fields` by its target; only the four that an export knows.
std::string& field_of(ContactFields& fields, FieldTarget target);
std::string_view field_name(FieldTarget target);
inline constexpr FieldTarget exported_fields[] = {FieldTarget::first_name, FieldTarget::last_name,
                                                  FieldTarget::email, FieldTarget::phone};

}  // namespace gatehouse
