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
  std::int64_t number = 0;  ///< the source's id: Net2's user id; else record_number(external_id)
  std::string external_id;  ///< the id of a source that names people by texts; empty for Net2
  std::string group;        ///< feeds only; empty: none
  std::string department;   ///< name; empty: none
  std::vector<std::string> access_levels;  ///< names; only filled where groups go by access level
  std::optional<Instant> valid_from;
  std::optional<Instant> valid_until;
  /// One value for each field that was asked for, in that order. Trimmed; null and absent are "".
  std::vector<std::string> values;
  bool email_verified = true;  ///< false only where the cloud says so

  bool operator==(const SourceRecord&) const = default;
};

/// Feeds and the cloud name people by texts; in the index a number stands for each. Two texts with one number
/// within a snapshot are a fault of the snapshot (one in 2^63 by chance).
std::int64_t record_number(std::string_view external_id);

/// Whether the text is what external_id_text() gives for a record of this number.
bool names_record(std::string_view external_id, std::int64_t number);

/// What people and messages call the record.
std::string external_id_text(std::int64_t number, std::string_view external_id);

/// A hash of all that a record says, so that an unchanged one is known without keeping it.
/// `seed` holds what else the outcome depends on: the mapping.
std::uint64_t fingerprint(const SourceRecord& record, std::uint64_t seed);
std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);

}  // namespace gatehouse
