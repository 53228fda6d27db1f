#pragma once
// One row as a source gave it, cut down to what the configuration asks for: a field that is not mapped never
// gets this far, so it can be neither stored nor sent (features.md S0-10).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

/// A source's own name of a field: "firstName", "telephone", "custom:Email".
using SourceField = std::string;

struct SourceRecord {
  std::int64_t number = 0;                 ///< the source's id: Net2's user id
  std::string department;                  ///< name; empty: none
  std::vector<std::string> access_levels;  ///< names; only filled where groups go by access level
  std::optional<Instant> valid_from;
  std::optional<Instant> valid_until;
  /// One value for each field that was asked for, in that order. Trimmed; null and absent are "".
  std::vector<std::string> values;

  bool operator==(const SourceRecord&) const = default;
};

/// A hash of all that a record says, so that an unchanged one is known without keeping it.
/// `seed` holds what else the outcome depends on: the mapping.
std::uint64_t fingerprint(const SourceRecord& record, std::uint64_t seed);
std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);

}  // namespace gatehouse
