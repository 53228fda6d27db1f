#pragma once
// What a Net2 server has, as somebody needs to know it who sets up a gateway. Nothing of a person is kept but
// counts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse::setup {

/// A department or an access level.
struct CountedGroup {
  std::string name;          ///< as Net2 spells it, trimmed; never empty
  std::uint64_t people = 0;  ///< who are in it
};

/// What people's values in a field look like.
struct FieldLook {
  SourceField field;         ///< "custom:Email", "telephone"
  std::uint64_t filled = 0;  ///< people who have a value there
  std::uint64_t emails = 0;  ///< of these, values that look like an e-mail address
  std::uint64_t phones = 0;  ///< likewise, like a telephone number

  bool operator==(const FieldLook&) const = default;
};

struct FoundDoor {
  std::int64_t number = 0;
  std::string name;
};

struct Net2Survey {
  std::string version;  ///< "6.8.10330.5472"; empty where the server does not tell
  std::uint64_t people = 0;
  std::uint64_t without_department = 0;
  std::vector<CountedGroup> departments;    ///< in Net2's order
  std::vector<CountedGroup> access_levels;  ///< `people` only where they were counted
  bool levels_counted = false;
  std::vector<FoundDoor> doors;
  std::vector<FieldLook> fields;      ///< custom fields whose name is there once, and the telephone
  std::optional<Error> people_fault;  ///< people could not be read: the counts say nothing
};

/// The group that is meant: the name without blanks around it and without case (ASCII), as the daemon
/// matches it. nullptr where Net2 has none.
const CountedGroup* find_group(const std::vector<CountedGroup>& groups, std::string_view name);

/// A door by its number, or by its name if only one has it.
Result<FoundDoor> find_door(const std::vector<FoundDoor>& doors, const std::string& word);

bool looks_like_email(std::string_view text);
bool looks_like_phone(std::string_view text);

/// The field with the most values of the kind, if they are most of what stands in it: an installer's likely
/// answer, not a certain one.
std::optional<SourceField> likely_email(const Net2Survey& survey);
std::optional<SourceField> likely_phone(const Net2Survey& survey);

/// What people in a group of this name probably are; nullopt where the name says nothing.
std::optional<PersonType> likely_type(std::string_view group);

}  // namespace gatehouse::setup
